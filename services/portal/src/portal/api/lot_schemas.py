"""The lots of a procedure over the wire: bids as they stand, and the events that everything else is made of."""

from pydantic import BaseModel

from portal.api.facts import Fact, Origin, fact, made, origin
from portal.api.links import Links
from portal.domain import lots as domain
from portal.domain.amounts import amount
from portal.domain.awards import Award, AwardStatus
from portal.domain.bids import Bid
from portal.domain.entry import Entry
from portal.domain.examination import Deficiency, Inquiry
from portal.domain.tie import Tie
from shared.contracts import award as contracts
from shared.contracts.event import Organisation
from shared.contracts.fields import Amount
from shared.contracts.tender import BidExcluded


class BidView(BaseModel):
    """A bid; `price` is null while it is sealed (`priced` is null too) and where it could not be read."""

    bid: str
    bidder: Organisation
    received_at: str | None
    digest: str | None
    salt: str | None
    price: Amount | None
    valid: bool
    reason: str | None
    rule: str | None
    source: str | None
    qualified: bool
    opened: Origin | None
    priced: Origin | None
    excluded: Origin | None


class InquiryView(BaseModel):
    """An inquiry into a price that may be abnormally low."""

    bid: str
    requested: Fact[contracts.PriceExplanationRequested] | None
    explained: Fact[contracts.PriceExplained] | None
    decided: Fact[contracts.PriceExplanationDecided] | None


class DeficiencyView(BaseModel):
    """Something that a bid lacked; `excluded` is there if it was not put right."""

    bid: str
    notified: Fact[contracts.DeficiencyNotified] | None
    corrected: Fact[contracts.DeficiencyCorrected] | None
    excluded: Fact[BidExcluded] | None


class PlaceView(BaseModel):
    """A bid's place in a draw; the smallest `position` comes first."""

    bid: str
    position: str


class TieView(BaseModel):
    """A draw between equal bids, worked out again by the portal; `agrees` says whether that is what was published.

    The code is the SHA-256 of the process and the lot, hashed `hashed` times more.
    """

    bids: list[str]
    code: str
    hashed: int | None
    announced: Fact[contracts.TieDrawAnnounced] | None
    drawn: Fact[contracts.TieDrawn] | None
    places: list[PlaceView]
    agrees: bool | None


class AwardView(BaseModel):
    """An award; the ranking and its derivation stand in `proposed`, and what had no room there in `continued`."""

    award: str
    supplier: Organisation
    value: Amount | None
    status: AwardStatus
    proposed: Fact[contracts.Proposed] | None
    continued: list[Fact[contracts.RankingContinued]]
    confirmed: Fact[contracts.Confirmed] | None
    cancelled: Fact[contracts.Cancelled] | None


class EndingView(BaseModel):
    """Why a lot ended without an award, alone or with the procedure; `told` is the event that says so."""

    type: str
    reason: str
    rule: str | None
    source: str | None
    told: Origin


class LotView(BaseModel):
    """A lot; `id` is null for what was told before lots were awarded by themselves."""

    id: str | None
    title: str | None
    value: Amount | None
    state: domain.LotState
    ended: EndingView | None
    bids: list[BidView]
    inquiries: list[InquiryView]
    deficiencies: list[DeficiencyView]
    ties: list[TieView]
    award: AwardView | None
    cancelled_awards: list[AwardView]
    contract: str | None


def lot_view(lot: domain.Lot, links: Links) -> LotView:
    return LotView(
        id=lot.id,
        title=lot.title,
        value=amount(lot.value),
        state=lot.state,
        ended=_ending(lot.ended, links) if lot.ended else None,
        bids=[_bid(bid, links) for bid in lot.bids],
        inquiries=[_inquiry(inquiry, links) for inquiry in lot.inquiries],
        deficiencies=[_deficiency(deficiency, links) for deficiency in lot.deficiencies],
        ties=[_tie(tie, links) for tie in lot.ties],
        award=_award(lot.award, links) if lot.award else None,
        cancelled_awards=[_award(award, links) for award in lot.fallen],
        contract=lot.contract.id if lot.contract else None,
    )


def _ending(entry: Entry, links: Links) -> EndingView:
    data = entry.data
    return EndingView(
        type=entry.type,
        reason=data["reason"],
        rule=data.get("rule"),
        source=data.get("source"),
        told=origin(entry, links),
    )


def _bid(bid: Bid, links: Links) -> BidView:
    return BidView(
        bid=bid.id,
        bidder=Organisation.model_validate(bid.bidder),
        received_at=bid.received_at,
        digest=bid.digest,
        salt=bid.salt,
        price=amount(bid.price),
        valid=bid.valid,
        reason=bid.reason,
        rule=bid.rule,
        source=bid.source,
        qualified=bid.qualified,
        opened=origin(bid.opened, links) if bid.opened else None,
        priced=origin(bid.priced, links) if bid.priced else None,
        excluded=origin(bid.excluded, links) if bid.excluded else None,
    )


def _inquiry(inquiry: Inquiry, links: Links) -> InquiryView:
    return InquiryView(
        bid=inquiry.bid,
        requested=fact(contracts.PriceExplanationRequested, inquiry.requested, links),
        explained=fact(contracts.PriceExplained, inquiry.explained, links),
        decided=fact(contracts.PriceExplanationDecided, inquiry.decided, links),
    )


def _deficiency(deficiency: Deficiency, links: Links) -> DeficiencyView:
    return DeficiencyView(
        bid=deficiency.bid,
        notified=fact(contracts.DeficiencyNotified, deficiency.notified, links),
        corrected=fact(contracts.DeficiencyCorrected, deficiency.corrected, links),
        excluded=fact(BidExcluded, deficiency.excluded, links),
    )


def _tie(tie: Tie, links: Links) -> TieView:
    return TieView(
        bids=list(tie.bids),
        code=tie.code,
        hashed=tie.hashed,
        announced=fact(contracts.TieDrawAnnounced, tie.announced, links),
        drawn=fact(contracts.TieDrawn, tie.drawn, links),
        places=[PlaceView(bid=place.bid, position=place.position) for place in tie.places],
        agrees=tie.agrees,
    )


def _award(award: Award, links: Links) -> AwardView:
    return AwardView(
        award=award.id,
        supplier=Organisation.model_validate(award.supplier),
        value=amount(award.value),
        status=award.status,
        proposed=fact(contracts.Proposed, award.proposed, links),
        continued=[made(contracts.RankingContinued, entry, links) for entry in award.continued],
        confirmed=fact(contracts.Confirmed, award.confirmed, links),
        cancelled=fact(contracts.Cancelled, award.cancelled, links),
    )
