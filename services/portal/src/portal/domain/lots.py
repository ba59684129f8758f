"""The lots of a procedure, each with its own course from the bids to the contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from portal.domain import types
from portal.domain.awards import Award, AwardStatus
from portal.domain.bids import Bid, bids, by_price
from portal.domain.contracts import Contract
from portal.domain.entry import Entry, latest
from portal.domain.examination import Deficiency, Inquiry, deficiencies, inquiries
from portal.domain.tie import Tie, ties


class LotState(StrEnum):
    """Where a lot stands."""

    ACTIVE = "active"
    STANDSTILL = "standstill"
    AWARDED = "awarded"
    CONTRACTED = "contracted"
    COMPLETE = "complete"
    TERMINATED = "terminated"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"


GOING_ON = (LotState.ACTIVE, LotState.STANDSTILL, LotState.AWARDED)


@dataclass(frozen=True, slots=True)
class Lot:
    """Hold a lot; what was told before lots had names is one lot without an id.

    Shape: ended is the event that ended the lot, or the procedure with it; award is the one that stands, and fallen
    are those that were taken back, in the order in which they were proposed.
    """

    id: str | None
    title: str | None
    value: Mapping[str, Any] | None
    state: LotState
    ended: Entry | None
    bids: tuple[Bid, ...]
    inquiries: tuple[Inquiry, ...]
    deficiencies: tuple[Deficiency, ...]
    ties: tuple[Tie, ...]
    award: Award | None
    fallen: tuple[Award, ...]
    contract: Contract | None

    @property
    def priced(self) -> Sequence[Bid]:
        """Return the bids whose prices were opened, the lowest first."""
        return by_price(self.bids)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the events tell of all lots."""

    entries: Sequence[Entry]
    bids: Sequence[Bid]
    inquiries: Sequence[Inquiry]
    deficiencies: Sequence[Deficiency]
    ties: Sequence[Tie]
    awards: Sequence[Award]
    contracts: Sequence[Contract]


def lots(
    entries: Sequence[Entry],
    tender: Mapping[str, Any] | None,
    awards: Sequence[Award],
    contracts: Sequence[Contract],
) -> tuple[Lot, ...]:
    """Find the lots of a procedure: those that were published, in their order, and then any other that was named.

    Shape: entries are in the order of time; tender, awards and contracts are those of the same events.
    """
    told = _Told(
        entries=entries,
        bids=bids(entries),
        inquiries=inquiries(entries),
        deficiencies=deficiencies(entries),
        ties=ties(entries),
        awards=awards,
        contracts=contracts,
    )
    described = {lot["id"]: lot for lot in tender["lots"]} if tender else {}
    named = _named(told)
    known = list(dict.fromkeys([*described, *(lot for lot in named if lot is not None)]))
    if len(known) == 1:
        return (_lot(told, described.get(known[0], {"id": known[0]}), (known[0], None)),)
    if named and set(named) == {None}:
        # Before lots were awarded by themselves, nobody said which of them was meant.
        known = []
    parts = [_lot(told, described.get(lot, {"id": lot}), (lot,)) for lot in known]
    if None in named or (tender and not parts):
        whole = {"title": tender["title"], "value": tender["value"]} if tender else {}
        parts.append(_lot(told, whole, (None,)))
    return tuple(parts)


def _named(told: _Told) -> Sequence[str | None]:
    """Return what each event that is about a lot calls it; None is said by those from before lots had names."""
    return [
        *(bid.lot for bid in told.bids),
        *(award.lot for award in told.awards),
        *(inquiry.lot for inquiry in told.inquiries),
        *(deficiency.lot for deficiency in told.deficiencies),
        *(tie.lot for tie in told.ties),
        *(entry.data["lot"] for entry in told.entries if entry.type in _LOT_ENDED),
    ]


def _lot(told: _Told, described: Mapping[str, Any], of: Sequence[str | None]) -> Lot:
    own = [entry for entry in told.entries if entry.data.get("lot") in of]
    ended = latest(own, *_LOT_ENDED) or latest(told.entries, *_ALL_ENDED)
    offers = [_fallen(award) if ended else award for award in told.awards if award.lot in of]
    standing = [award for award in offers if award.status is not AwardStatus.CANCELLED]
    award = standing[-1] if standing else None
    contract = _contract(told.contracts, award) if award else None
    return Lot(
        id=described.get("id"),
        title=described.get("title"),
        value=described.get("value"),
        state=(None if ended else _framework(own, told.entries)) or _state(award, contract, ended),
        ended=ended,
        bids=tuple(bid for bid in told.bids if bid.lot in of),
        inquiries=tuple(one for one in told.inquiries if one.lot in of),
        deficiencies=tuple(one for one in told.deficiencies if one.lot in of),
        ties=tuple(one for one in told.ties if one.lot in of),
        award=award,
        fallen=tuple(other for other in offers if other.status is AwardStatus.CANCELLED),
        contract=contract,
    )


def _fallen(award: Award) -> Award:
    # What was only proposed falls with its lot.
    return replace(award, status=AwardStatus.CANCELLED) if award.status is AwardStatus.PENDING else award


def _contract(found: Sequence[Contract], award: Award) -> Contract | None:
    return next((one for one in found if award.id == one.award or one.id == award.contract), None)


def _framework(own: Sequence[Entry], entries: Sequence[Entry]) -> LotState | None:
    """Find where a lot stands that is not awarded but concluded as a framework agreement."""
    concluded = latest(own, types.FRAMEWORK_CONCLUDED)
    if concluded is None:
        return LotState.STANDSTILL if latest(own, types.FRAMEWORK_PROPOSED) else None
    over = {entry.data["framework"] for entry in entries if entry.type == types.FRAMEWORK_ENDED}
    return LotState.COMPLETE if concluded.data["framework"] in over else LotState.AWARDED


def _state(award: Award | None, contract: Contract | None, ended: Entry | None) -> LotState:
    if contract and contract.signed:
        going = LotState.TERMINATED if contract.terminated else LotState.CONTRACTED
        return LotState.COMPLETE if contract.graded else going
    if award and award.status is AwardStatus.ACTIVE:
        return LotState.AWARDED
    if ended:
        return _ENDED[ended.type]
    return LotState.STANDSTILL if award else LotState.ACTIVE


_LOT_ENDED: Mapping[str, LotState] = {
    types.LOT_UNSUCCESSFUL: LotState.UNSUCCESSFUL,
    types.LOT_CANCELLED: LotState.CANCELLED,
}
_ALL_ENDED: Mapping[str, LotState] = {
    types.UNSUCCESSFUL: LotState.UNSUCCESSFUL,
    types.CANCELLED: LotState.CANCELLED,
}
_ENDED = {**_LOT_ENDED, **_ALL_ENDED}
