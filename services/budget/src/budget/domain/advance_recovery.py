"""What an accepted period recovers of an advance, and what is left to be paid and held."""

from dataclasses import replace
from typing import NamedTuple

from budget.domain.commitment import Commitment
from shared.kernel.money import Money, total, zero
from shared.rules.derivation import Derivation, Step, amount_of, plain
from shared.rules.payment_split import HeldPart, Settlement


class Recovered(NamedTuple):
    """What a period is worth, divided: recovered, payable, held and deducted add up to it.

    Units: uncovered is what of the deduction is not bound any more, as the provider has it.
    """

    amount: Money
    payable: Money
    holds: tuple[HeldPart, ...]
    uncovered: Money
    lines: Derivation

    @property
    def held(self) -> Money:
        """What is withheld, all reasons together."""
        return total([part.amount for part in self.holds], self.payable.currency)


def recover(commitment: Commitment, period: str, payee: str, split: Settlement) -> Recovered:
    """Work out what a period recovers of the payee's advances.

    That is the advance's share of the contract's value in what is payable, rounded half up; of the last period, all
    that is outstanding; and at least what is not bound any more, as it was advanced. What is payable is recovered
    first, then what would be held, the retention last; never more than was accepted.
    """
    nothing = zero(split.due.currency)
    outstanding = commitment.outstanding_of(payee)
    if not outstanding.minor:
        return Recovered(nothing, split.payable, split.holds, nothing, split.lines)
    last = commitment.open_periods <= {period}
    accepted = split.due - split.deducted
    asked = outstanding if last else min(outstanding, _in_proportion(commitment, payee, split.payable))
    unbound = max(nothing, split.due - commitment.advanceable)
    amount = min(outstanding, accepted, max(asked, unbound))
    payable = split.payable - min(amount, split.payable)
    holds = _less(split.holds, amount - (split.payable - payable))
    uncovered = min(max(nothing, unbound - amount), split.deducted)
    recovered = Recovered(amount, payable, holds, uncovered, split.lines)
    step = _recovered_step(commitment, payee, split, last, asked, amount)
    left = outstanding - amount if last else nothing
    return recovered._replace(lines=(*split.lines, step, *_steps_after(split, recovered, left)))


def _in_proportion(commitment: Commitment, payee: str, payable: Money) -> Money:
    advanced, value = commitment.advanced_to(payee).minor, commitment.contract.value.minor
    return Money((2 * payable.minor * advanced + value) // (2 * value), payable.currency)


def _less(holds: tuple[HeldPart, ...], amount: Money) -> tuple[HeldPart, ...]:
    kept = list[HeldPart]()
    for part in reversed(holds):
        taken = min(amount, part.amount)
        amount -= taken
        if taken < part.amount:
            kept.insert(0, replace(part, amount=part.amount - taken))
    return tuple(kept)


def _recovered_step(
    commitment: Commitment, payee: str, split: Settlement, last: bool, asked: Money, amount: Money
) -> Step:
    advanced, value = commitment.advanced_to(payee), commitment.contract.value
    expression = f"{plain(split.payable.amount)} * {plain(advanced.amount)} / {plain(value.amount)}, half up"
    limits: dict[str, str] = {}
    if amount < asked:
        limits["at-most"] = plain(amount.amount)
    if amount > asked:
        limits["still-bound"] = plain(commitment.advanceable.amount)
    return {
        "step": "advance-recovered",
        "expression": "all that is outstanding, as no period is left" if last else expression,
        **limits,
        **amount_of(amount),
    }


def _steps_after(split: Settlement, recovered: Recovered, owed_back: Money) -> Derivation:
    of_payable = split.payable - recovered.payable
    of_held = recovered.amount - of_payable
    held: Derivation = ()
    if of_held.minor:
        expression = f"{plain(split.held.amount)} - {plain(of_held.amount)}"
        held = ({"step": "held-after-advance", "expression": expression, **amount_of(recovered.held)},)
    expression = f"{plain(split.payable.amount)} - {plain(of_payable.amount)}"
    to_pay: Step = {"step": "to-pay", "expression": expression, **amount_of(recovered.payable)}
    rest: Derivation = ({"step": "owed-back", **amount_of(owed_back)},) if owed_back.minor else ()
    return (*held, to_pay, *rest)
