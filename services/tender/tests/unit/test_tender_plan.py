"""Needs in the procurement plan."""

from uuid import UUID

import pytest

from shared.kernel.errors import Invalid
from shared.kernel.money import Money
from tender.domain.catalogue import Service
from tender.domain.events import Planned
from tender.domain.parts import Party
from tender.domain.plan import make_plan

CLUBS = Service("youth.clubs", "Youth clubs")
CITY = Party("city", "City")


def test_plan_and_its_event_say_the_same_when_a_need_is_entered() -> None:
    plan, events = make_plan(
        identifier=UUID(int=1),
        buyer=CITY,
        title="Clubs",
        service=CLUBS,
        estimate=Money(1, "EUR"),
        budget_line=UUID(int=2),
    )
    assert events == (
        Planned(
            aggregate=UUID(int=1),
            version=1,
            title="Clubs",
            buyer=CITY,
            service=CLUBS,
            estimate=Money(1, "EUR"),
            budget_line=UUID(int=2),
        ),
    )
    assert (plan.id, plan.version, plan.estimate) == (UUID(int=1), 1, Money(1, "EUR"))


@pytest.mark.parametrize("minor", [0, -1])
def test_need_is_refused_when_its_estimate_is_not_above_zero(minor: int) -> None:
    with pytest.raises(Invalid, match="estimate-not-positive"):
        make_plan(
            identifier=UUID(int=1),
            buyer=CITY,
            title="Clubs",
            service=CLUBS,
            estimate=Money(minor, "EUR"),
            budget_line=UUID(int=2),
        )
