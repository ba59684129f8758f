"""Until when an accepted amount is paid: the earliest end of the periods that bind."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import RuleReference
from shared.rules.checks import binds
from shared.rules.facts import Facts
from shared.rules.pack import RulePack
from shared.rules.pack_rule import PackRule

PAID = "payment.paid"


@dataclass(frozen=True, slots=True)
class PaymentTerm:
    """Hold when an amount is due, and the rule that says so.

    Units: due_at is the first instant after the last day in time.
    Shape: unresolved names the facts without which it is not known whether a further rule binds.
    """

    due_at: datetime
    reference: RuleReference
    unresolved: tuple[str, ...] = ()


def payment_term(
    pack: RulePack, *, accepted: datetime, invoiced: datetime | None, facts: Facts, acceleration: int = 1
) -> PaymentTerm:
    """Return when an amount is due; where several rules bind, all of them are kept.

    What is invoiced before it is accepted counts from the acceptance, and so does what is not invoiced yet.

    Source: Directive 2011/7/EU art. 4(3); State Council Order 802, arts. 8-10.
    """
    starts = {
        "payment.accepted": accepted,
        # Where delivery is inspected, the period runs from its acceptance.
        "payment.delivered": accepted,
        "payment.invoiced": max(accepted, invoiced) if invoiced else accepted,
    }
    binding = {rule.id: binds(rule, facts) for rule, _ in _periods(pack)}
    terms = [
        (pack.ends_at(rule.id, starts[since], acceleration), pack.reference(rule.id))
        for rule, since in _periods(pack)
        if binding[rule.id] is True
    ]
    due_at, reference = min(terms, key=lambda term: (term[0], term[1].rule))
    missing = [fact for held in binding.values() if isinstance(held, tuple) for fact in held]
    return PaymentTerm(due_at, reference, tuple(dict.fromkeys(missing)))


def _periods(pack: RulePack) -> Iterator[tuple[PackRule, str]]:
    """Yield the rules that say until when something is paid, each with the fact that it counts from."""
    for rule in pack.rules.values():
        if rule.check is not None and rule.check.fact == PAID and rule.period is not None and rule.check.since:
            yield rule, rule.check.since
