"""When an accepted amount is due."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from shared.rules.facts import FactValue
from shared.rules.pack import load_pack
from shared.rules.payment_due import payment_term

# A Monday.
ACCEPTED = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pack", "invoiced", "due"),
    [
        # 30 days after Monday 2 March are Wednesday 1 April; it is due before the next day begins where the pack holds.
        ("model", None, datetime(2026, 4, 2, tzinfo=UTC)),
        # The model pack counts from the acceptance, whenever the invoice comes.
        ("model", datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)),
        # The invoice came eight days later: Thursday 9 April; Brussels is two hours ahead in summer.
        ("eu-light", datetime(2026, 3, 10, 9, tzinfo=UTC), datetime(2026, 4, 9, 22, tzinfo=UTC)),
        # It came before the acceptance, which decides then: 1 April.
        ("eu-light", datetime(2026, 2, 10, 9, tzinfo=UTC), datetime(2026, 4, 1, 22, tzinfo=UTC)),
        ("eu-light", None, datetime(2026, 4, 1, 22, tzinfo=UTC)),
        # London: summer time from 29 March; Thursday 9 April.
        ("uk-2023", datetime(2026, 3, 10, 9, tzinfo=UTC), datetime(2026, 4, 9, 23, tzinfo=UTC)),
        # China, of whom it is not known whether it is small: 30 days of the invoice, Thursday 9 April in Shanghai.
        ("cn-services", datetime(2026, 3, 10, 1, tzinfo=UTC), datetime(2026, 4, 9, 16, tzinfo=UTC)),
    ],
)
def test_the_later_of_acceptance_and_invoice_decides(pack: str, invoiced: datetime | None, due: datetime) -> None:
    term = payment_term(load_pack(pack), accepted=ACCEPTED, invoiced=invoiced, facts={})
    assert term.due_at == due
    assert term.reference == load_pack(pack).reference("payment")


def in_china(facts: dict[str, FactValue], invoiced: datetime) -> tuple[datetime, str, tuple[str, ...]]:
    term = payment_term(load_pack("cn-services"), accepted=ACCEPTED, invoiced=invoiced, facts=facts)
    return term.due_at, term.reference.rule, term.unresolved


def test_a_small_enterprise_is_paid_earlier_in_china() -> None:
    invoiced = datetime(2026, 3, 10, 1, tzinfo=UTC)
    # Ten working days of Tuesday 10 March: Tuesday 24 March.
    assert in_china({"supplier.sme": True}, invoiced) == (
        datetime(2026, 3, 24, 16, tzinfo=UTC),
        "payment.sme",
        ("payment.longer_term_agreed",),
    )
    # Invoiced late, the 30 days of the delivery end first: 1 April.
    agreed = {"supplier.sme": True, "payment.longer_term_agreed": False}
    assert in_china(agreed, datetime(2026, 3, 30, 1, tzinfo=UTC)) == (
        datetime(2026, 4, 1, 16, tzinfo=UTC),
        "payment.after-delivery",
        (),
    )
    assert in_china({"supplier.sme": False}, invoiced)[1:] == ("payment", ())


def test_what_is_not_known_is_named() -> None:
    assert in_china({}, datetime(2026, 3, 10, 1, tzinfo=UTC))[2] == ("supplier.sme", "payment.longer_term_agreed")


def test_time_runs_faster_in_the_sandbox() -> None:
    term = payment_term(load_pack("model"), accepted=ACCEPTED, invoiced=None, facts={}, acceleration=1440)
    usual = payment_term(load_pack("model"), accepted=ACCEPTED, invoiced=None, facts={})
    assert Fraction((term.due_at - ACCEPTED).total_seconds()) * 1440 == Fraction(
        (usual.due_at - ACCEPTED).total_seconds()
    )
