"""What a grade makes payable, and what is held."""

from dataclasses import dataclass
from decimal import Decimal

from shared.kernel.errors import Invalid
from shared.kernel.money import Money
from shared.rules.derivation import Derivation, amount_of, plain
from shared.rules.pack import RulePack


@dataclass(frozen=True, slots=True)
class PaymentSplit:
    """Hold the two parts of an amount due.

    Units: share from 0 to 1. payable and held add up to due exactly; held is not forfeited.
    """

    due: Money
    payable: Money
    held: Money
    share: Decimal
    reason: str
    lines: Derivation


def split_payment(pack: RulePack, due: Money, grade: str) -> PaymentSplit:
    """Split a period's amount by its grade, the payable part rounded half up to the minor unit.

    Raises:
        Invalid: grade-unknown, or due-negative.
    """
    reference = pack.reference("payment-by-grade")
    shares = pack.table("payment-by-grade")
    if grade not in shares:
        one_of = f"One of: {', '.join(sorted(shares))}."
        raise Invalid("grade-unknown", "The rule pack has no such grade.", reference=reference, satisfied_by=one_of)
    if due.minor < 0:
        raise Invalid("due-negative", "An amount due is not negative.", reference=reference)
    share = Decimal(shares[grade]["share"])
    payable = due.share(share)
    held = due - payable
    lines = (
        {"step": "due", **amount_of(due)},
        {"step": "share", "grade": grade, "share": plain(share)},
        {"step": "payable", "expression": f"{plain(due.amount)} * {plain(share)}, half up", **amount_of(payable)},
        {"step": "held", "expression": f"{plain(due.amount)} - {plain(payable.amount)}", **amount_of(held)},
    )
    return PaymentSplit(due, payable, held, share, shares[grade]["reason"], lines)
