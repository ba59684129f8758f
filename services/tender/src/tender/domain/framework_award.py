"""The first stage of a framework agreement: which bidders are admitted to it, in the order of their rank."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from shared.kernel.access import different_persons
from shared.kernel.calendar import DAY, years
from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.checks import check_rule
from shared.rules.facts import Facts, FactValue
from shared.rules.pack import RulePack
from shared.rules.result import RuleResult, Verdict, require
from tender.domain import ties
from tender.domain.award import Score, may_propose, placed, quality_of, rank_bids
from tender.domain.endings import Change, complete, end_lot_and_settle, open_lots
from tender.domain.evaluation import formula_of
from tender.domain.framework_events import FrameworkProposed
from tender.domain.lifecycles import LOT, TENDER
from tender.domain.parts import FrameworkProposal, FrameworkTerms, LotStatus, Status
from tender.domain.portions import tell_ranking
from tender.domain.standstill import reference_of, standstill
from tender.domain.tender import Tender
from tender.domain.withheld import tell

METHODS = frozenset({"framework-closed", "framework-open"})
_ADMISSION = ("framework.minimum-winners", "framework.elimination-share", "framework.minimum-eliminated")
_TERMS = ("framework.term-cap", "framework.open-term-cap", "framework.stage-two")


def check_terms(method: str, terms: FrameworkTerms | None, pack: RulePack) -> None:
    """Hold what an office asks of a framework agreement to the pack.

    Raises:
        Invalid: framework-terms-missing, framework-terms-needless, framework-reversed.
        NotAllowed: framework-term-cap, framework-open-term-cap, framework-stage-two.
    """
    if method not in METHODS:
        if terms is not None:
            raise Invalid("framework-terms-needless", "Only a framework agreement has such terms.")
        return
    if terms is None:
        raise Invalid("framework-terms-missing", "A framework agreement says how long it lasts and how is called off.")
    if terms.end < terms.start:
        raise Invalid("framework-reversed", "A framework agreement ends after it starts.")
    facts: Facts = {"procedure.method": method, **facts_of_terms(terms)}
    for rule in _TERMS:
        if rule in pack.rules:
            require(check_rule(pack.rule(rule), facts, pack.calendar).result)


def facts_of_terms(terms: FrameworkTerms) -> dict[str, FactValue]:
    """Write what the rules on framework agreements read of their terms."""
    return {"framework.term_years": years(terms.start, terms.end + DAY), "framework.stage_two": terms.stage_two}


def not_for_framework(tender: Tender) -> None:
    """Hold the award of a contract to a tender for one.

    Raises:
        NotAllowed: tender-for-framework.
    """
    if tender.content.framework is not None:
        raise NotAllowed(
            "tender-for-framework",
            "The tender is for a framework agreement.",
            satisfied_by="The proposal of the framework agreement.",
        )


def propose_framework(
    tender: Tender, lot: str, scores: Sequence[Score], *, by: str, at: datetime, pack: RulePack, salt: str
) -> Change:
    """Rank the bids of a lot and name those that are admitted; the standstill begins.

    As many are admitted as the pack and the terms let; with too few, the lot ends. The salt is as in an award.

    Raises:
        NotAllowed: what may_propose_framework() and standstill() refuse; tie-unresolved.
    """
    may_propose_framework(tender, lot, pack)
    terms, progress = _terms(tender), tender.progress(lot)
    bids = tender.bids_for(lot)
    admitted, failed = _admitted(len(bids), terms.most_suppliers, tender.content.procurement.method, pack)
    if failed is not None or not admitted:
        reference = failed.rule if failed else pack.reference("award.bid-left")
        reason = failed.detail if failed else "No bid is left to be admitted."
        return end_lot_and_settle(tender, lot, "award", reason, reference)
    ranking = rank_bids(tender, bids, scores, pack)
    quality = quality_of(tender, scores)
    places = ties.resolve(
        placed(bids, ranking.bids), quality, tender.tie_draws, pack, places=admitted, in_order=_in_turn(terms)
    )
    winners = [place.bid for place in places[:admitted]]
    told = tell(places, ranking.derivation, winners=winners, salt=salt, pack=pack)
    still = standstill(tender, lot, at=at, pack=pack)
    proposal = FrameworkProposal(
        suppliers=tuple(place.bidder for place in places[:admitted]),
        ranking=places,
        proposed_by=by,
        proposed_at=at,
        standstill_ends_at=still.ends_at,
        standstill_rule=still.rule,
        confirmation_due=pack.ends_at("award-confirmation", still.ends_at, tender.acceleration),
        disclosure=told.disclosure,
    )
    proposed = tender.with_lot(replace(progress, framework=proposal))
    return tell_ranking(
        replace(proposed, status=TENDER.move("award", proposed.status, Status.AWARD)),
        FrameworkProposed,
        told,
        lot=lot,
        ranked=len(places),
        suppliers=proposal.suppliers,
        formula=formula_of(tender.content.criteria, tender.content.procurement, pack).name,
        standstill_ends_at=still.ends_at,
        standstill_rule=still.rule,
    )


def may_propose_framework(tender: Tender, lot: str, pack: RulePack) -> None:
    """Admit the proposal of a lot's framework agreement.

    Raises:
        NotAllowed: what may_propose() refuses; tender-not-framework; framework-proposed.
    """
    may_propose(tender, lot, pack)
    _terms(tender)
    if tender.progress(lot).framework is not None:
        raise NotAllowed("framework-proposed", "The framework agreement of the lot has been proposed.")


def tied_for_admission(tender: Tender, lot: str, scores: Sequence[Score], pack: RulePack) -> ties.Tie | None:
    """Return the tie of which some would be admitted and some would not, if only a draw can decide it.

    Where suppliers are called on in turn, it may be one among the admitted: who is first has the first order.

    Raises:
        NotAllowed: what may_propose_framework() refuses.
    """
    may_propose_framework(tender, lot, pack)
    bids = tender.bids_for(lot)
    terms = _terms(tender)
    admitted, _ = _admitted(len(bids), terms.most_suppliers, tender.content.procurement.method, pack)
    if not admitted:
        return None
    ranking = rank_bids(tender, bids, scores, pack)
    return ties.find(
        placed(bids, ranking.bids),
        quality_of(tender, scores),
        pack,
        draws=tender.tie_draws,
        places=admitted,
        in_order=_in_turn(terms),
    )


def confirm_framework(
    tender: Tender, lot: str, *, by: str, at: datetime, pack: RulePack
) -> tuple[Tender, FrameworkProposal]:
    """Confirm, as a second person, who is admitted once the standstill has ended.

    Raises:
        NotFound: lot-unknown.
        NotAllowed: tender-not-award, framework-missing, standstill-running, lot-not-active.
        Forbidden: second-person-needed.
    """
    tender.expect(Status.AWARD)
    progress = tender.progress(lot)
    proposal = progress.framework
    if proposal is None:
        raise NotAllowed("framework-missing", "No framework agreement of the lot has been proposed.")
    status = LOT.move("complete", progress.status, LotStatus.COMPLETE)
    if pack.flag("second-person.award"):
        reference = pack.reference("second-person.award")
        different_persons(proposal.proposed_by, by, "Concluding a framework agreement", reference)
    if at < proposal.standstill_ends_at:
        raise NotAllowed(
            "standstill-running",
            "Other bidders may still challenge who is admitted.",
            reference=reference_of(proposal.standstill_rule, pack),
            satisfied_by="The end of the standstill.",
        )
    confirmed = tender.with_lot(replace(progress, status=status))
    going_on = confirmed if open_lots(confirmed) else complete(confirmed, "confirm")
    return replace(going_on, version=going_on.version + 1), proposal


def _in_turn(terms: FrameworkTerms) -> bool:
    # Elsewhere the order of the admitted has no effect: people choose one of them, or the lowest quote does.
    return terms.stage_two == "rotation"


def _terms(tender: Tender) -> FrameworkTerms:
    if tender.content.framework is None:
        raise NotAllowed("tender-not-framework", "The tender is not for a framework agreement.")
    return tender.content.framework


def _admitted(bidders: int, most: int, method: str, pack: RulePack) -> tuple[int, RuleResult | None]:
    """Return how many bidders the pack lets in at the most, or the rule that lets in none."""
    failed: RuleResult | None = None
    for winners in range(min(bidders, most), 0, -1):
        facts: Facts = {
            "procedure.method": method,
            "framework.bidders": Fraction(bidders),
            "framework.winners": Fraction(winners),
            "framework.eliminated": Fraction(bidders - winners),
            "framework.quality_first": False,
        }
        results = [
            check_rule(pack.rule(rule), facts, pack.calendar).result for rule in _ADMISSION if rule in pack.rules
        ]
        refused = next((result for result in results if result.verdict is Verdict.FAIL), None)
        if refused is None:
            return winners, None
        failed = refused
    return 0, failed
