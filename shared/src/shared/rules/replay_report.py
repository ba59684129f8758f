"""A replay as plain JSON: what would have changed, by how much, and what could not be told."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shared.rules.derivation import half_up, plain
from shared.rules.replay import Inquiry, NotReplayed, Replay, ReplayedEnd, ReplayedLot
from shared.rules.replay_terms import quality_of
from shared.rules.result import RuleResult
from shared.rules.scoring_steps import exactly, shown


def report(replay: Replay) -> dict[str, Any]:
    """Write a replay as JSON.

    Units: numbers are text; shares in percent with two decimals, half up; points, totals and qualities with four.
    Shape: of the totals, awarded_before is over all lots, and difference over those that have a winner after too.
    """
    terms = replay.terms
    return {
        "pack": {
            "id": terms.pack.id,
            "version": terms.pack.version,
            "title": terms.pack.title,
            "formula": terms.pack.text("price-formula"),
            "parameters": {name: plain(value) for name, value in terms.parameters.items()},
        },
        "counts": counts(replay),
        "totals": totals(replay.lots),
        "lots": [_lot(lot) for lot in replay.lots],
        "unsuccessful": [_end(end) for end in replay.ended],
        "not_replayed": [_not_replayed(item) for item in replay.not_replayed],
    }


def counts(replay: Replay) -> dict[str, int]:
    """Count the lots by what would have become of them."""
    outcomes = [lot.outcome for lot in replay.lots]
    return {
        "replayed": len(replay.lots),
        "unchanged": outcomes.count("unchanged"),
        "other_winner": outcomes.count("other-winner"),
        "draw": outcomes.count("draw"),
        "unsuccessful": outcomes.count("unsuccessful"),
        "new_inquiries": sum(bool(new_inquiries(lot)) for lot in replay.lots),
        "ended_by_a_gate": len(replay.ended),
        "would_have_gone_on": sum(end.outcome == "went-on" for end in replay.ended),
        "not_replayed": len(replay.not_replayed),
    }


def totals(lots: Iterable[ReplayedLot]) -> list[dict[str, Any]]:
    """Add up what was awarded and what would have been, by currency."""
    by_currency: dict[str, list[ReplayedLot]] = {}
    for lot in lots:
        by_currency.setdefault(lot.decided.currency, []).append(lot)
    return [_total(currency, found) for currency, found in sorted(by_currency.items())]


def new_inquiries(lot: ReplayedLot) -> tuple[Inquiry, ...]:
    """Return the inquiries into bids that nobody had to be asked about before."""
    before = {inquiry.bid for inquiry in lot.inquiries_before or ()}
    return tuple(inquiry for inquiry in lot.inquiries if inquiry.bid not in before)


def _total(currency: str, lots: Sequence[ReplayedLot]) -> dict[str, Any]:
    pairs = [(lot.price_before, lot.price_after) for lot in lots if lot.price_after is not None]
    comparable = sum((before for before, _ in pairs), Decimal(0))
    after = sum((price for _, price in pairs if price is not None), Decimal(0))
    whole = sum((lot.price_before for lot in lots), Decimal(0))
    return {
        "currency": currency,
        "lots": len(lots),
        "awarded_before": plain(whole),
        "awarded_after": plain(after),
        "no_longer_awarded": plain(whole - comparable),
        "difference": plain(after - comparable),
        "difference_percent": _percent(after - comparable, comparable),
    }


def _lot(lot: ReplayedLot) -> dict[str, Any]:
    decided = lot.decided
    return {
        "ocid": decided.ocid,
        "title": decided.title,
        "lot": decided.lot,
        "currency": decided.currency,
        "value": plain(decided.estimate),
        "pack_before": f"{decided.pack}@{decided.pack_version}",
        "formula_before": decided.formula,
        "formula": lot.formula,
        "outcome": lot.outcome,
        "before": _winner(lot, decided.winner, {bid.id: bid.total for bid in decided.bids}),
        "after": None if lot.winner is None else _winner(lot, lot.winner, {bid.id: bid.total for bid in lot.ranking}),
        "candidates": list(lot.candidates),
        "price_difference": None if lot.price_after is None else plain(lot.price_after - lot.price_before),
        "price_difference_percent": (
            None if lot.price_after is None else _percent(lot.price_after - lot.price_before, lot.price_before)
        ),
        "price_weight_before": plain(lot.price_weight_before),
        "price_weight": exactly(lot.price_weight, 0),
        "ranking": [{"bid": bid.id, "rank": bid.rank, "total": plain(bid.total)} for bid in lot.ranking],
        "gates": [_gate(gate) for gate in lot.gates],
        "inquiries": _inquiries(lot.inquiries),
        "inquiries_before": None if lot.inquiries_before is None else _inquiries(lot.inquiries_before),
        "assumptions": list(lot.assumptions),
    }


def _winner(lot: ReplayedLot, identifier: str, points: dict[str, Decimal]) -> dict[str, Any]:
    bid = lot.bid(identifier)
    total = points.get(identifier)
    return {
        "bid": bid.id,
        "bidder": bid.bidder,
        "price": plain(bid.price),
        "total": None if total is None else plain(total),
        "quality": plain(shown(quality_of(lot.decided, bid))),
    }


def _gate(gate: RuleResult) -> dict[str, Any]:
    return {"rule": gate.rule.rule, "source": gate.rule.source, "verdict": gate.verdict.value, "detail": gate.detail}


def _inquiries(inquiries: Sequence[Inquiry]) -> list[dict[str, Any]]:
    return [{"bid": inquiry.bid, "rules": list(inquiry.rules)} for inquiry in inquiries]


def _end(end: ReplayedEnd) -> dict[str, Any]:
    ended = end.ended
    return {
        "ocid": ended.ocid,
        "title": ended.title,
        "lot": ended.lot,
        "bids": ended.count,
        "ended_by": ended.gate,
        "outcome": end.outcome,
        "gate": _gate(end.gate),
    }


def _not_replayed(item: NotReplayed) -> dict[str, Any]:
    return {"ocid": item.ocid, "title": item.title, "lot": item.lot, "code": item.code, "reason": item.reason}


def _percent(part: Decimal, whole: Decimal) -> str | None:
    if not whole:
        return None
    exact = Fraction(part) * 100 / Fraction(whole)
    rounded = half_up(abs(exact), 2)
    return plain(-rounded if exact < 0 and rounded else rounded)
