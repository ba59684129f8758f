"""Decides again what was decided: the same engine, the same scores and prices, other rules."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from shared.kernel.errors import DomainError, Invalid
from shared.rules.abnormally_low import PricedBid, find_triggers
from shared.rules.gates import COUNTS, count_gate
from shared.rules.pack import RulePack
from shared.rules.price_formulas import PriceFormula
from shared.rules.ranking import Ranking, ScoredBid
from shared.rules.replay import (
    DecidedBid,
    DecidedLot,
    EndedLot,
    Inquiry,
    NotReplayed,
    Outcome,
    Replay,
    ReplayedBid,
    ReplayedEnd,
    ReplayedLot,
    Terms,
)
from shared.rules.replay_terms import (
    Weights,
    bids_for,
    comparison_for,
    formula_named,
    formula_of,
    pinned,
    price_weight,
    quality_of,
    tie_break,
    weights_for,
)
from shared.rules.result import RuleResult, Verdict
from shared.rules.scoring import rank
from shared.rules.scoring_steps import shown

METHOD = "procedure.method"


def replay(
    decided: Iterable[DecidedLot], ended: Iterable[EndedLot], terms: Terms, left_out: Iterable[NotReplayed] = ()
) -> Replay:
    """Decide every lot again; what cannot be decided is named with the reason, after what was left out before.

    Raises:
        Invalid: price-formula-unknown; what the formula refuses of its parameters.
    """
    formula_of(terms)
    lots, refused = [], list(left_out)
    for lot in decided:
        try:
            lots.append(replay_lot(lot, terms))
        except DomainError as refusal:
            refused.append(NotReplayed(lot.ocid, lot.title, lot.lot, refusal.code, refusal.detail))
    return Replay(terms, tuple(lots), tuple(replay_end(lot, terms.pack) for lot in ended), tuple(refused))


def replay_lot(lot: DecidedLot, terms: Terms) -> ReplayedLot:
    """Decide a lot again.

    Raises:
        Invalid: ranking-not-reproduced, if the lot's own rules do not lead to what was published; what rank() refuses.
    """
    before = _candidates_before(lot)
    pack, (formula, parameters) = terms.pack, comparison_for(lot, terms)
    bids, assumptions = bids_for(lot, pack)
    weights = weights_for(lot, pack, formula)
    gates = tuple(
        count_gate(pack, stage, lot.received if stage == "opening" else len(bids), {METHOD: lot.method})
        for stage in COUNTS
    )
    ranking = _rank(bids, weights, formula, parameters) if bids else None
    ended = ranking is None or not ranking.bids or any(gate.verdict is Verdict.FAIL for gate in gates)
    candidates = () if ended or ranking is None else _candidates(lot, bids, ranking, pack)
    outcome, winner = _outcome(lot, candidates, before)
    notes = (*assumptions, *((weights.assumption,) if weights.assumption else ()), *_unresolved(gates))
    return ReplayedLot(
        decided=lot,
        outcome=outcome,
        winner=winner,
        candidates=candidates,
        formula=formula.name,
        ranking=_places(ranking, weights, formula) if ranking is not None else (),
        gates=gates,
        inquiries=_inquiries(lot, bids, pack),
        inquiries_before=_inquiries(lot, lot.bids, own) if (own := pinned(lot)) is not None else None,
        price_weight_before=price_weight(lot),
        price_weight=weights.price,
        assumptions=notes,
    )


def replay_end(lot: EndedLot, pack: RulePack) -> ReplayedEnd:
    """Hold the number of bids to the other pack's gate."""
    result = count_gate(pack, lot.stage, lot.count, {METHOD: lot.method})
    return ReplayedEnd(lot, "unchanged" if result.verdict is Verdict.FAIL else "went-on", result)


def _candidates_before(lot: DecidedLot) -> tuple[str, ...]:
    """Rank the bids as they were ranked, and return who could win.

    Raises:
        Invalid: ranking-not-reproduced.
    """
    formula = formula_named(lot.formula)
    ranking = _rank(lot.bids, Weights(lot.criteria, Fraction(1), Fraction(0), None), formula, lot.parameters)
    published = {bid.id: bid.total for bid in lot.bids}
    candidates = _candidates(lot, lot.bids, ranking, pinned(lot)) if ranking.bids else ()
    if {bid.id: bid.total for bid in ranking.bids} != published or lot.winner not in candidates:
        raise Invalid("ranking-not-reproduced", "The published figures do not lead to the published ranking and award.")
    return candidates


def _rank(
    bids: Sequence[DecidedBid], weights: Weights, formula: PriceFormula, parameters: Mapping[str, Decimal]
) -> Ranking:
    scored = [
        ScoredBid(bid.id, bid.price, {} if formula.quality == "unused" else bid.scores, bid.deduction) for bid in bids
    ]
    criteria = [item for item in weights.criteria if formula.quality != "unused" or item.kind == "price"]
    return rank(criteria, scored, formula, parameters)


def _candidates(
    lot: DecidedLot, bids: Sequence[DecidedBid], ranking: Ranking, pack: RulePack | None
) -> tuple[str, ...]:
    best = {place.id for place in ranking.bids if place.rank == 1}
    tied = [bid for bid in bids if bid.id in best]
    return tie_break(pack, tied, {bid.id: quality_of(lot, bid) for bid in tied})


def _outcome(lot: DecidedLot, candidates: tuple[str, ...], before: tuple[str, ...]) -> tuple[Outcome, str | None]:
    if not candidates:
        return "unsuccessful", None
    # What was drawn among the same bids stays drawn.
    if candidates in {(lot.winner,), before}:
        return "unchanged", lot.winner
    return ("draw", None) if len(candidates) > 1 else ("other-winner", candidates[0])


def _places(ranking: Ranking, weights: Weights, formula: PriceFormula) -> tuple[ReplayedBid, ...]:
    if weights.scale == 1 or formula.ranks_by == "amount":
        return tuple(ReplayedBid(bid.id, bid.rank, bid.total) for bid in ranking.bids)
    # The exact totals, since those that are shown are rounded already.
    exact = {step["bid"]: Fraction(step["exact"]) for step in ranking.derivation if step["step"] == "total"}
    return tuple(ReplayedBid(bid.id, bid.rank, shown(exact[bid.id] / weights.scale)) for bid in ranking.bids)


def _inquiries(lot: DecidedLot, bids: Sequence[DecidedBid], pack: RulePack) -> tuple[Inquiry, ...]:
    if not bids:
        return ()
    triggers = find_triggers(pack, [PricedBid(bid.id, bid.price) for bid in bids], lot.estimate)
    fired: dict[str, list[str]] = {}
    for trigger in triggers:
        for found in trigger.comparisons:
            if found.fired:
                fired.setdefault(found.bid.id, []).append(trigger.rule.id)
    return tuple(Inquiry(bid, tuple(rules)) for bid, rules in sorted(fired.items()))


def _unresolved(gates: Sequence[RuleResult]) -> tuple[str, ...]:
    open_gates = [gate.rule.rule for gate in gates if gate.verdict is Verdict.UNRESOLVED]
    return tuple(f"It is not known whether {gate} is met; it is supposed to be." for gate in open_gates)
