from typing import Any

import pytest

from budget.domain.events import LineAppropriated
from budget.domain.ledger import Stage, changes
from budget.domain.line import new_line
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.money import LARGEST, Money


def test_the_total_grows_when_a_line_is_appropriated_again(case: Any) -> None:
    once, _, _ = case.line().appropriate(title="Social care", amount=case.eur(3_000_000), at=case.at)
    twice, transfers, events = once.appropriate(title="Social care", amount=case.eur(2_000_000), at=case.at)
    assert twice.appropriated == case.eur(5_000_000)
    assert twice.version == 2
    assert changes(transfers) == (
        (twice.id, Stage.APPROPRIATED, 200_000_000),
        (twice.id, Stage.AVAILABLE, 200_000_000),
    )
    assert events == (
        LineAppropriated(
            aggregate=twice.id,
            version=2,
            code="social-care",
            title="Social care",
            fiscal_year=2026,
            amount=case.eur(2_000_000),
        ),
    )


def test_every_appropriation_is_a_transfer_of_its_own_when_amounts_are_equal(case: Any) -> None:
    once, first, _ = case.line().appropriate(title="Social care", amount=case.eur(1), at=case.at)
    _, second, _ = once.appropriate(title="Social care", amount=case.eur(1), at=case.at)
    assert first[0].id != second[0].id
    assert [first[0].reason, second[0].reason] == [
        "Granted by the legislature.",
        "Granted in addition by the legislature.",
    ]


def test_an_appropriation_is_refused_when_the_title_differs(case: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        case.line().appropriate(title="Roads", amount=case.eur(1), at=case.at)
    assert refusal.value.code == "line-title-differs"


def test_an_appropriation_is_refused_when_the_total_does_not_fit(case: Any) -> None:
    full, _, _ = case.line().appropriate(title="Social care", amount=Money(LARGEST, "EUR"), at=case.at)
    with pytest.raises(Invalid) as refusal:
        full.appropriate(title="Social care", amount=Money(1, "EUR"), at=case.at)
    assert refusal.value.code == "amount-too-large"


@pytest.mark.parametrize(
    ("code", "fiscal_year", "currency", "same"),
    [
        ("social-care", 2026, "EUR", True),
        ("roads", 2026, "EUR", False),
        ("social-care", 2027, "EUR", False),
        ("social-care", 2026, "USD", False),
    ],
)
def test_a_line_is_the_same_when_code_year_and_currency_are(
    case: Any, code: str, fiscal_year: int, currency: str, same: bool
) -> None:
    other = new_line(code=code, title="Whatever", fiscal_year=fiscal_year, currency=currency)
    assert (other.id == case.line().id) is same
