"""From the panel's scores to a confirmed award of each lot, and past a winner that falls away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.rules.pack import RulePack
from shared.rules.scoring import RankedBid as Place
from shared.rules.scoring import Ranking, ScoredBid, rank
from tender.domain import deficiency, price_inquiry, ties
from tender.domain.contract import signing_due
from tender.domain.endings import Change, complete, end_lot_and_settle, open_lots, standing_award, take_back
from tender.domain.evaluation import as_criteria, formula_of
from tender.domain.events import AwardConfirmed, AwardProposed
from tender.domain.lifecycles import AWARD, LOT, QUALITY_FIRST, TENDER
from tender.domain.opening import enough
from tender.domain.parts import Award, AwardStatus, LotStatus, OpenedBid, RankedBid, Status
from tender.domain.portions import tell_ranking
from tender.domain.requirements import allowed_scores
from tender.domain.standstill import reference_of, standstill
from tender.domain.tender import Tender
from tender.domain.withheld import tell


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


def check_sheet(tender: Tender, sheet: ScoreSheet) -> None:
    """Admit a member's sheet: each bid that counts is scored once on each quality criterion.

    Raises:
        NotAllowed: tender-not-evaluation.
        Invalid: scores-incomplete, score-out-of-range, score-between-levels.
    """
    tender.expect(Status.EVALUATION)
    quality = [item.id for item in tender.content.criteria if item.kind == "quality"]
    expected = {(bid.bid, criterion) for bid in valid_bids(tender) for criterion in quality}
    given = [(score.bid, score.criterion) for score in sheet.scores]
    if len(given) != len(set(given)) or set(given) != expected:
        raise Invalid("scores-incomplete", "Every valid bid has one score for each quality criterion, and no other.")
    if not all(0 <= score.value <= 100 for score in sheet.scores):
        raise Invalid("score-out-of-range", "A score is a number from 0 to 100.")
    check_levels(tender, ((score.criterion, score.value) for score in sheet.scores))


def check_levels(tender: Tender, scores: Iterable[tuple[str, Decimal]]) -> None:
    """Hold scores, each with its criterion, to the levels of the criteria.

    Raises:
        Invalid: score-between-levels.
    """
    levels = {item.id: allowed_scores(item) for item in tender.content.criteria}
    if not all((allowed := levels.get(criterion)) is None or value in allowed for criterion, value in scores):
        raise Invalid(
            "score-between-levels",
            "A criterion with levels is scored by the points of one of them.",
            satisfied_by="The points of a level.",
        )


def check_scored(tender: Tender, scores: Sequence[Score] | None, pack: RulePack) -> None:
    """Hold the opening of the prices until the quality is settled; there are no scores until the panel has locked them.

    Raises:
        NotAllowed: tender-not-evaluation, scores-missing.
    """
    TENDER.admit("open prices", tender.status, pack)
    if scores is None and any(item.kind == "quality" for item in tender.content.criteria):
        raise NotAllowed(
            "scores-missing",
            "The panel has not locked its scores.",
            reference=pack.reference(QUALITY_FIRST),
            satisfied_by="The panel's locked scores.",
        )


def may_propose(tender: Tender, lot: str, pack: RulePack) -> None:
    """Admit the proposal of a lot's award.

    Raises:
        NotFound: lot-unknown.
        NotAllowed: tender-not-award, lot-not-active, award-pending, price-inquiry-open, deficiency-open.
    """
    tender.expect(Status.AWARD)
    progress = tender.progress(lot)
    LOT.admit("complete", progress.status)
    if progress.award is not None:
        raise NotAllowed("award-pending", "An award of the lot has been proposed.")
    if price_inquiry.undecided(tender, lot):
        raise NotAllowed(
            "price-inquiry-open",
            "A bidder was asked about its price, and nobody has decided on it.",
            reference=pack.reference(price_inquiry.REQUESTED),
            satisfied_by="The decision on the price.",
        )
    if deficiency.undecided(tender, lot):
        raise NotAllowed(
            "deficiency-open",
            "A bidder was told what its bid lacks, and nobody has decided on it.",
            reference=pack.reference(deficiency.RULE),
            satisfied_by="The decision on the correction.",
        )


def propose_award(
    tender: Tender, lot: str, scores: Sequence[Score], *, by: str, at: datetime, pack: RulePack, salt: str
) -> Change:
    """Rank the valid bids of a lot and name the first that was not passed over; the standstill begins.

    Who is passed over keeps its place among the others, so that the next is the one that was published as the next. A
    lot with fewer responsive bids than the pack asks for, or with nobody left to award it to, ends. The salt is that of
    the ranking's digest, where the pack does not make the ranking public.

    Raises:
        NotAllowed: tie-unresolved; what may_propose() and standstill() refuse.
    """
    may_propose(tender, lot, pack)
    progress = tender.progress(lot)
    responsive = tender.bids_for(lot)
    failed = enough(tender, "responsive", len(responsive), pack)
    if failed is not None or not {bid.bid for bid in responsive}.difference(progress.passed_over):
        reference = failed.rule if failed else pack.reference("award.bid-left")
        reason = failed.detail if failed else "No bid is left to be awarded."
        return end_lot_and_settle(tender, lot, "award", reason, reference)
    ranking = rank_bids(tender, responsive, scores, pack)
    left = _left(placed(responsive, ranking.bids), progress.passed_over)
    places = ties.resolve(left, quality_of(tender, scores), tender.tie_draws, pack)
    told = tell(places, ranking.derivation, winners=[places[0].bid], salt=salt, pack=pack)
    award = replace(_award(tender, lot, places, by=by, at=at, pack=pack), disclosure=told.disclosure)
    after = tender.with_lot(replace(progress, awards=(*progress.awards, award)))
    return tell_ranking(
        replace(after, status=TENDER.move("award", after.status, Status.AWARD)),
        AwardProposed,
        told,
        lot=lot,
        ranked=len(places),
        award=award.id,
        supplier=award.supplier,
        value=award.value,
        formula=formula_of(tender.content.criteria, tender.content.procurement, pack).name,
        standstill_ends_at=award.standstill_ends_at,
        standstill_rule=award.standstill_rule,
    )


def confirm_award(
    tender: Tender, lot: str, *, by: str, at: datetime, pack: RulePack, contract: UUID
) -> tuple[Tender, Award, AwardConfirmed]:
    """Confirm a lot's award as a second person once the standstill has ended.

    Raises:
        NotFound: lot-unknown.
        NotAllowed: tender-not-award, award-missing, award-not-pending, standstill-running.
        Forbidden: second-person-needed.
    """
    tender.expect(Status.AWARD)
    award = standing_award(tender, lot)
    AWARD.admit("confirm", award.status)
    if pack.flag("second-person.award"):
        reference = pack.reference("second-person.award")
        different_persons(award.proposed_by, by, "Confirming an award", reference)
    if at < award.standstill_ends_at:
        raise NotAllowed(
            "standstill-running",
            "Other bidders may still challenge the award.",
            reference=reference_of(award.standstill_rule, pack),
            satisfied_by="The end of the standstill.",
        )
    confirmed = replace(award, status=AWARD.move("confirm", award.status, AwardStatus.ACTIVE), contract=contract)
    progress = tender.progress(lot)
    status = LOT.move("complete", progress.status, LotStatus.COMPLETE)
    after = _with_award(tender.with_lot(replace(progress, status=status)), confirmed)
    going_on = after if open_lots(after) else complete(after, "confirm")
    told, event = going_on.telling(
        AwardConfirmed,
        lot=lot,
        award=award.id,
        contract=contract,
        supplier=award.supplier,
        value=award.value,
        # Nobody signs before the award is confirmed, however long ago the standstill ended.
        signature_due=signing_due(
            pack, standstill_ended=max(award.standstill_ends_at, at), notified=at, acceleration=tender.acceleration
        ),
    )
    return told, confirmed, event


def cancel_award(tender: Tender, lot: str, reason: str, *, at: datetime, pack: RulePack) -> Change:
    """Take an award back, before its contract is in force; the lot goes on with the next in the ranking.

    Raises:
        NotFound: lot-unknown.
        NotAllowed: tender-not-award, award-missing.
    """
    TENDER.admit("fall through", tender.status)
    after, events = take_back(tender, lot, reason, pass_over=True)
    again = replace(
        after,
        status=TENDER.move("fall through", after.status, Status.AWARD),
        due_at=pack.ends_at("award-proposal", at, tender.acceleration),
    )
    return again, events


def contract_award(tender: Tender, identifier: UUID) -> Award:
    """Return the award that a contract was generated from.

    Raises:
        NotAllowed: award-cancelled, if it was taken back since.
    """
    for lot in tender.lots:
        for award in lot.awards:
            if award.id == identifier and award.status is not AwardStatus.CANCELLED:
                return award
    raise NotAllowed("award-cancelled", "The award of the contract was taken back.")


def rank_bids(tender: Tender, bids: Sequence[OpenedBid], scores: Sequence[Score], pack: RulePack) -> Ranking:
    """Rank bids by the pack's formula, on the panel's final scores."""
    criteria = as_criteria(tender.content.criteria)
    quality: dict[UUID, dict[str, Decimal]] = {bid.bid: {} for bid in bids}
    for score in scores:
        if score.bid in quality:
            quality[score.bid][score.criterion] = score.value
    scored = [
        ScoredBid(str(bid.bid), bid.price.amount, quality[bid.bid], bid.deduction if bid.size_confirmed else Decimal(0))
        for bid in bids
        if bid.price is not None
    ]
    # A bid in another currency than the tender's is not valid.
    return rank(
        criteria,
        scored,
        formula_of(tender.content.criteria, tender.content.procurement, pack),
        currency=tender.content.value.currency,
        lower_price_first=pack.choice("tie-break")[:1] == ("lower-price",),
    )


def quality_of(tender: Tender, scores: Sequence[Score]) -> Mapping[UUID, Fraction]:
    """Add up what each bid has for its quality, exactly, by the weights of the criteria."""
    weights = {item.id: Fraction(item.weight) for item in tender.content.criteria if item.kind == "quality"}
    sums: dict[UUID, Fraction] = {}
    for score in scores:
        points = weights.get(score.criterion, Fraction(0)) * Fraction(score.value)
        sums[score.bid] = sums.get(score.bid, Fraction(0)) + points
    return sums


def tied_bids(tender: Tender, lot: str, scores: Sequence[Score], pack: RulePack) -> ties.Tie | None:
    """Return the tie for the first place of a lot, if there is one that only a draw can decide.

    Raises:
        NotAllowed: what may_propose() refuses.
    """
    may_propose(tender, lot, pack)
    responsive = tender.bids_for(lot)
    if not responsive:
        return None
    ranking = placed(responsive, rank_bids(tender, responsive, scores, pack).bids)
    left = _left(ranking, tender.progress(lot).passed_over)
    return ties.find(left, quality_of(tender, scores), pack) if left else None


def valid_bids(tender: Tender) -> tuple[OpenedBid, ...]:
    """Return the bids that count, of the lots that go on."""
    going_on = open_lots(tender)
    return tuple(bid for bid in tender.bids if bid.valid and bid.lot in going_on)


def placed(candidates: Sequence[OpenedBid], places: Sequence[Place]) -> tuple[RankedBid, ...]:
    """Say of each place whose bid stands on it."""
    bids = {str(bid.bid): bid for bid in candidates}
    return tuple(
        RankedBid(
            bid=bids[place.id].bid,
            bidder=bids[place.id].bidder,
            rank=place.rank,
            price=price,
            # Where the formula makes one amount of price and quality, or leaves the price out, it gives no points.
            price_points=place.price_points or Decimal(0),
            quality_points=dict(place.quality_points),
            total=place.total,
        )
        for place in places
        if (price := bids[place.id].price) is not None
    )


def _left(ranking: Sequence[RankedBid], passed_over: Sequence[UUID]) -> tuple[RankedBid, ...]:
    return tuple(place for place in ranking if place.bid not in passed_over)


def _award(tender: Tender, lot: str, places: tuple[RankedBid, ...], *, by: str, at: datetime, pack: RulePack) -> Award:
    first = places[0]
    still = standstill(tender, lot, at=at, pack=pack)
    return Award(
        id=derived_id("award", tender.id, f"{lot} {len(tender.progress(lot).awards)} {first.bid}"),
        lot=lot,
        bid=first.bid,
        supplier=first.bidder,
        value=first.price,
        proposed_by=by,
        proposed_at=at,
        standstill_ends_at=still.ends_at,
        standstill_rule=still.rule,
        confirmation_due=pack.ends_at("award-confirmation", still.ends_at, tender.acceleration),
        ranking=places,
    )


def _with_award(tender: Tender, award: Award) -> Tender:
    progress = tender.progress(award.lot)
    awards = tuple(award if other.id == award.id else other for other in progress.awards)
    return tender.with_lot(replace(progress, awards=awards))
