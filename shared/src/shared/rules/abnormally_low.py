"""Abnormally low bids: a trigger obliges the buyer to ask the bidder, and decides nothing.

Which triggers there are is for the pack to say, by rules of these ids; it has those alone that it names.

abnormally-low.mean                 the share of the mean price below which a bid triggers
abnormally-low.mean-includes-self   whether a bid's own price counts in that mean
abnormally-low.second-lowest        the share of the second lowest price
abnormally-low.ceiling              the share of the ceiling
abnormally-low.judgement            whether the panel's own judgement is a trigger
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from shared.kernel.errors import Invalid
from shared.rules.pack import PackRule, RulePack

MEAN = "abnormally-low.mean"
MEAN_INCLUDES_SELF = "abnormally-low.mean-includes-self"
SECOND_LOWEST = "abnormally-low.second-lowest"
CEILING = "abnormally-low.ceiling"
JUDGEMENT = "abnormally-low.judgement"


@dataclass(frozen=True, slots=True)
class PricedBid:
    """Hold a bid's price as it was bid, before any policy deduction.

    Units: price in the main unit of the one currency of all bids.
    """

    id: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold one bid against one trigger.

    Units: reference and bound in the currency's main unit; bound is the trigger's share of reference.
    """

    bid: PricedBid
    reference: Fraction
    bound: Fraction
    fired: bool


@dataclass(frozen=True, slots=True)
class Trigger:
    """Hold what one trigger says of the bids.

    Shape: not-applicable where a bid has nothing to be compared with, unresolved where the facts that missing names are
    not known, judged where only the panel can tell; comparisons are there if and only if the state is compared.
    """

    rule: PackRule
    state: Literal["compared", "not-applicable", "unresolved", "judged"]
    comparisons: tuple[Comparison, ...] = ()
    missing: tuple[str, ...] = ()


def find_triggers(pack: RulePack, bids: Sequence[PricedBid], ceiling: Decimal | None) -> tuple[Trigger, ...]:
    """Hold every bid to every trigger that the pack has; the bids are those that comply.

    Raises:
        Invalid: bids-missing, bid-repeated, price-not-positive, or ceiling-not-positive.
    """
    _check(bids, ceiling)
    return tuple(
        _compared(pack, rule_id, bids, ceiling)
        for rule_id in (*_REFERENCES, JUDGEMENT)
        if rule_id in pack.rules and (rule_id != JUDGEMENT or pack.flag(JUDGEMENT))
    )


def _check(bids: Sequence[PricedBid], ceiling: Decimal | None) -> None:
    if not bids:
        raise Invalid("bids-missing", "There is no bid to look at.", pointer="/bids")
    ids: set[str] = set()
    for number, bid in enumerate(bids):
        if bid.id in ids:
            raise Invalid("bid-repeated", "A bid is looked at once.", pointer=f"/bids/{number}/id")
        ids.add(bid.id)
        if not (bid.price.is_finite() and bid.price > 0):
            raise Invalid("price-not-positive", "A bid's price is above zero.", pointer=f"/bids/{number}/price")
    if ceiling is not None and not (ceiling.is_finite() and ceiling > 0):
        raise Invalid("ceiling-not-positive", "A ceiling is above zero.", pointer="/ceiling")


def _compared(pack: RulePack, rule_id: str, bids: Sequence[PricedBid], ceiling: Decimal | None) -> Trigger:
    rule = pack.rule(rule_id)
    if rule_id == JUDGEMENT:
        return Trigger(rule, "judged")
    if rule_id == CEILING and ceiling is None:
        return Trigger(rule, "unresolved", missing=("ceiling",))
    references = _REFERENCES[rule_id](pack, [Fraction(bid.price) for bid in bids], ceiling)
    if not references:
        return Trigger(rule, "not-applicable")
    share = pack.fraction(rule_id)
    comparisons = (_comparison(rule, bid, share, of) for bid, of in zip(bids, references, strict=True))
    return Trigger(rule, "compared", tuple(comparisons))


def _comparison(rule: PackRule, bid: PricedBid, share: Fraction, reference: Fraction) -> Comparison:
    bound = share * reference
    price = Fraction(bid.price)
    fired = price <= bound if rule.inequality == "inclusive" else price < bound
    return Comparison(bid, reference, bound, fired)


def _mean(pack: RulePack, prices: Sequence[Fraction], _: Decimal | None) -> Sequence[Fraction]:
    total, count = sum(prices, Fraction(0)), len(prices)
    if pack.flag(MEAN_INCLUDES_SELF):
        return [total / count] * count
    return [(total - price) / (count - 1) for price in prices] if count > 1 else ()


def _second_lowest(_: RulePack, prices: Sequence[Fraction], __: Decimal | None) -> Sequence[Fraction]:
    return [sorted(prices)[1]] * len(prices) if len(prices) > 1 else ()


def _ceiling(_: RulePack, prices: Sequence[Fraction], ceiling: Decimal | None) -> Sequence[Fraction]:
    return [Fraction(ceiling)] * len(prices) if ceiling is not None else ()


# Of every trigger that is a share of something, what each bid is compared with.
_REFERENCES: Mapping[str, Callable[[RulePack, Sequence[Fraction], Decimal | None], Sequence[Fraction]]] = (
    MappingProxyType({MEAN: _mean, SECOND_LOWEST: _second_lowest, CEILING: _ceiling})
)
