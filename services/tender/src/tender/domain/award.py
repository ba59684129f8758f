"""From the panel's scores to a confirmed award."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from shared.kernel.access import different_persons
from shared.kernel.errors import Forbidden, Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.rules.criteria import Criterion
from shared.rules.pack import RulePack
from shared.rules.price_formulas import price_formula
from shared.rules.scoring import Ranking, ScoredBid, rank
from tender.domain.contract import signing_due
from tender.domain.events import AwardConfirmed, AwardProposed
from tender.domain.parts import Award, OpenedBid, RankedBid, Status
from tender.domain.tender import Tender


@dataclass(frozen=True, slots=True)
class Score:
    """What one panel member gave one bid on one criterion.

    Units: value from 0 to 100.
    """

    bid: UUID
    criterion: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """All the scores of one panel member."""

    member: str
    scores: tuple[Score, ...]


def check_sheet(tender: Tender, sheet: ScoreSheet, organisation: str) -> None:
    """Admit a member's sheet: each valid bid scored once on each quality criterion, by nobody who belongs to a bidder.

    Raises:
        NotAllowed: tender-not-evaluation.
        Forbidden: panel-member-conflicted.
        Invalid: scores-incomplete, score-out-of-range.
    """
    tender.expect(Status.EVALUATION)
    if any(bid.bidder.id == organisation for bid in tender.bids):
        raise Forbidden("panel-member-conflicted", "A panel member does not belong to a bidder.")
    quality = [item.id for item in tender.content.criteria if item.kind == "quality"]
    expected = {(bid.bid, criterion) for bid in valid_bids(tender) for criterion in quality}
    given = [(score.bid, score.criterion) for score in sheet.scores]
    if len(given) != len(set(given)) or set(given) != expected:
        raise Invalid("scores-incomplete", "Every valid bid has one score for each quality criterion, and no other.")
    if not all(0 <= score.value <= 100 for score in sheet.scores):
        raise Invalid("score-out-of-range", "A score is a number from 0 to 100.")


def may_propose(tender: Tender, sheets: Sequence[ScoreSheet]) -> None:
    """Admit the proposal of an award.

    Raises:
        NotAllowed: tender-not-evaluation, scores-missing.
    """
    tender.expect(Status.EVALUATION)
    if not sheets:
        raise NotAllowed("scores-missing", "No panel member has scored the bids.", satisfied_by="A score sheet.")


def propose_award(
    tender: Tender, sheets: Sequence[ScoreSheet], *, by: str, at: datetime, pack: RulePack
) -> tuple[Tender, tuple[AwardProposed, ...]]:
    """Rank the valid bids and name the first; the standstill begins.

    Raises:
        NotAllowed: tie-unresolved; what may_propose() refuses.
    """
    may_propose(tender, sheets)
    ranking = rank_bids(tender, sheets, pack)
    if ranking.first is None:
        raise NotAllowed("tie-unresolved", "The best bids are equal in points and in price.")
    winner = next(bid for bid in valid_bids(tender) if str(bid.bid) == ranking.first)
    assert winner.price is not None  # noqa: S101 - a valid bid has a price
    award = Award(
        id=derived_id("award", tender.id, winner.bid),
        supplier=winner.bidder,
        value=winner.price,
        proposed_by=by,
        proposed_at=at,
        standstill_ends_at=pack.ends_at("standstill", at, tender.acceleration),
    )
    version = tender.version + 1
    proposed = replace(
        tender,
        version=version,
        status=Status.STANDSTILL,
        award=award,
        due_at=pack.ends_at("award-confirmation", award.standstill_ends_at, tender.acceleration),
    )
    event = AwardProposed(
        **tender.of(version),
        award=award.id,
        supplier=award.supplier,
        value=award.value,
        ranking=_ranked(tender, ranking),
        formula=pack.text("price-formula"),
        derivation=tuple(dict(step) for step in ranking.derivation),
        standstill_ends_at=award.standstill_ends_at,
    )
    return proposed, (event,)


def confirm_award(
    tender: Tender, *, by: str, at: datetime, pack: RulePack, contract: UUID
) -> tuple[Tender, tuple[AwardConfirmed, ...]]:
    """Confirm the award as a second person once the standstill has ended.

    Raises:
        NotAllowed: tender-not-standstill, standstill-running.
        Forbidden: second-person-needed.
    """
    tender.expect(Status.STANDSTILL)
    assert tender.award is not None  # noqa: S101 - the standstill begins with an award
    if pack.flag("second-person.award"):
        reference = pack.reference("second-person.award")
        different_persons(tender.award.proposed_by, by, "Confirming an award", reference)
    if at < tender.award.standstill_ends_at:
        raise NotAllowed(
            "standstill-running",
            "Other bidders may still challenge the award.",
            reference=pack.reference("standstill"),
            satisfied_by="The end of the standstill.",
        )
    version = tender.version + 1
    confirmed = replace(
        tender, version=version, status=Status.AWARDED, due_at=None, award=replace(tender.award, contract=contract)
    )
    event = AwardConfirmed(
        **tender.of(version),
        award=tender.award.id,
        contract=contract,
        supplier=tender.award.supplier,
        value=tender.award.value,
        signature_due=signing_due(
            pack,
            standstill_ended=tender.award.standstill_ends_at,
            notified=at,
            acceleration=tender.acceleration,
        ),
    )
    return confirmed, (event,)


def rank_bids(tender: Tender, sheets: Sequence[ScoreSheet], pack: RulePack) -> Ranking:
    """Rank the valid bids by the pack's formula; a score is the mean of the panel, four decimals half up."""
    criteria = [Criterion(item.id, item.title, item.weight, item.kind) for item in tender.content.criteria]
    scored = [
        ScoredBid(str(bid.bid), bid.price.amount, _mean_scores(bid.bid, sheets))
        for bid in valid_bids(tender)
        if bid.price is not None
    ]
    # A bid in another currency than the tender's is not valid.
    return rank(criteria, scored, price_formula(pack), currency=tender.content.value.currency)


def valid_bids(tender: Tender) -> tuple[OpenedBid, ...]:
    """Return the bids that count."""
    return tuple(bid for bid in tender.bids if bid.valid)


def _mean_scores(bid: UUID, sheets: Sequence[ScoreSheet]) -> Mapping[str, Decimal]:
    values: dict[str, list[Decimal]] = {}
    for sheet in sheets:
        for score in sheet.scores:
            if score.bid == bid:
                values.setdefault(score.criterion, []).append(score.value)
    return {
        criterion: (sum(given, Decimal(0)) / len(given)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        for criterion, given in values.items()
    }


def _ranked(tender: Tender, ranking: Ranking) -> tuple[RankedBid, ...]:
    bids = {str(bid.bid): bid for bid in tender.bids}
    return tuple(
        RankedBid(
            bid=bids[place.id].bid,
            bidder=bids[place.id].bidder,
            rank=place.rank,
            price=price,
            price_points=place.price_points,
            quality_points=dict(place.quality_points),
            total=place.total,
        )
        for place in ranking.bids
        if (price := bids[place.id].price) is not None and place.price_points is not None
    )
