"""Capacity programmes: calls and applications, step by step, and what the results may show."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_registry.domain.application import Application, ApplicationStatus, apply
from provider_registry.domain.programme import Programme, ProgrammeKind, open_programme
from provider_registry.domain.programme_parts import Milestone
from provider_registry.domain.programme_results import BeforeAndAfter, compare
from provider_registry.domain.rating import Observation
from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed, NotFound
from shared.kernel.ids import derived_id
from shared.rules.pack import load_pack

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PACK = load_pack("model")
RULE = PACK.reference("second-person.application")
CALL = Programme(
    id=derived_id("programme", 1),
    version=1,
    organisation="county",
    title="First bids",
    kind=ProgrammeKind.MENTORING,
    summary="Who has never bid is helped to.",
    criteria=("Has never bid",),
    categories=("meals", "care"),
    opens_at=AT,
    closes_at=AT + timedelta(days=30),
    decision_due=AT + timedelta(days=60),
)
FIRST = Milestone("bid", "A first bid", date(2026, 6, 30))
SECOND = Milestone("contract", "A first contract", date(2026, 12, 31))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"closes_at": AT}, "call-reversed"),
        ({"opens_at": AT - timedelta(days=3), "closes_at": AT}, "call-in-past"),
        ({"criteria": ("One", "One")}, "criterion-repeated"),
        ({"categories": ("meals", "meals")}, "category-repeated"),
    ],
)
def test_call_is_refused_when_it_contradicts_itself(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        open_programme(replace(CALL, **changes), AT)


@pytest.mark.parametrize(
    ("at", "organisation", "refusal", "code"),
    [
        (AT - timedelta(seconds=1), "oarsmen", NotAllowed, "application-early"),
        (CALL.closes_at, "oarsmen", NotAllowed, "application-late"),
        (AT, "county", Forbidden, "own-programme"),
    ],
)
def test_application_is_refused_out_of_its_term_and_by_the_office_itself(
    at: datetime, organisation: str, refusal: type[DomainError], code: str
) -> None:
    with pytest.raises(refusal, match=code):
        apply(CALL, organisation, "We want to learn.", at)


def applied() -> Application:
    return apply(CALL, "oarsmen", "We want to learn.", CALL.closes_at - timedelta(seconds=1))[0]


def assessed() -> Application:
    return applied().assess(by="paul", recommended=True, text="New, and good.")[0]


def decided(granted: bool = True, milestones: tuple[Milestone, ...] = (FIRST, SECOND), by: str = "pia") -> Application:
    state, _ = assessed().decide(by=by, granted=granted, reasons="So be it.", milestones=milestones, at=AT, pack=PACK)
    return state


def test_application_waits_for_each_step_until_it_is_complete() -> None:
    assert applied().waits == ("an assessment", CALL.decision_due)
    assert assessed().waits == ("a decision by another person", CALL.decision_due)
    state = decided()
    assert state.waits == ("the outcome of a milestone", datetime(2026, 7, 1, tzinfo=UTC))
    state, (event,) = state.record_outcome("bid", reached=True, outcome="A bid.", at=AT)
    assert (state.waits, event.left) == (("the outcome of a milestone", datetime(2027, 1, 1, tzinfo=UTC)), 1)
    state, (event,) = state.record_outcome("contract", reached=False, outcome="None yet.", at=AT)
    assert (state.waits, state.status, event.left) == (None, ApplicationStatus.COMPLETED, 0)
    assert decided(granted=False, milestones=()).waits is None


def test_nobody_decides_what_the_same_person_has_assessed() -> None:
    with pytest.raises(Forbidden) as refusal:
        decided(by="paul")
    assert (refusal.value.code, refusal.value.reference) == ("second-person-needed", RULE)
    with pytest.raises(NotAllowed) as unassessed:
        applied().decide(by="pia", granted=True, reasons="Yes.", milestones=(FIRST,), at=AT, pack=PACK)
    assert (unassessed.value.code, unassessed.value.reference) == ("application-not-assessed", RULE)


@pytest.mark.parametrize(
    ("granted", "milestones", "code"),
    [
        (True, (), "milestones-missing"),
        (False, (FIRST,), "milestones-needless"),
        (True, (FIRST, FIRST), "milestone-repeated"),
        (True, (replace(FIRST, due=date(2026, 3, 1)),), "milestone-due-passed"),
    ],
)
def test_decision_is_refused_when_its_milestones_do_not_fit(
    granted: bool, milestones: tuple[Milestone, ...], code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        decided(granted, milestones)


def test_decided_or_withdrawn_application_stays_so() -> None:
    withdrawn, _ = assessed().withdraw()
    for state in (decided(), decided(granted=False, milestones=()), withdrawn):
        with pytest.raises(NotAllowed, match="application-not-received"):
            state.assess(by="paul", recommended=False, text="No.")
        with pytest.raises(NotAllowed, match="application-not-received"):
            state.withdraw()


def test_outcome_is_recorded_once_and_only_of_what_was_granted() -> None:
    state, _ = decided().record_outcome("bid", reached=True, outcome="A bid.", at=AT)
    for before, code, kind, refusal in (
        (state, "bid", NotAllowed, "milestone-recorded"),
        (
            state.record_outcome("contract", reached=True, outcome="One.", at=AT)[0],
            "bid",
            NotAllowed,
            "application-not-g",
        ),
        (state, "other", NotFound, "milestone-unknown"),
        (assessed(), "bid", NotAllowed, "application-not-granted"),
    ):
        with pytest.raises(kind, match=refusal):
            before.record_outcome(code, reached=True, outcome="A bid.", at=AT)


GRANTED = date(2026, 3, 2)


def observed(score: str, days: int) -> tuple[Observation, date]:
    return Observation(derived_id("contract", 1), "1", Decimal(score), GRANTED + timedelta(days=days)), GRANTED


def test_results_are_shown_only_with_enough_periods_on_each_side() -> None:
    graded = [observed("60", -3), observed("70", -1), observed("80", 0), observed("91", 5)]
    assert compare("meals", graded, 2) == BeforeAndAfter("meals", 2, 2, Fraction(65), Fraction(171, 2))
    assert compare("meals", graded, 3) == BeforeAndAfter("meals", 2, 2, None, None)
    undated = (Observation(derived_id("contract", 1), "1", Decimal(1), None), GRANTED)
    assert compare("meals", [*graded, undated], 2) == compare("meals", graded, 2)


@given(st.lists(st.tuples(st.decimals(0, 100, places=2).map(str), st.integers(-50, 50)), max_size=12))
def test_results_are_bounded_and_never_shown_of_nothing(entries: list[tuple[str, int]]) -> None:
    found = compare("meals", [observed(*entry) for entry in entries], 0)
    assert found.before_observations + found.after_observations == len(entries)
    if 0 in {found.before_observations, found.after_observations}:
        assert (found.before, found.after) == (None, None)
        return
    assert found.before is not None
    assert found.after is not None
    assert 0 <= min(found.before, found.after) <= max(found.before, found.after) <= 100
