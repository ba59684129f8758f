"""Professionals and what is counted of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_registry.domain.professional import Professional, employ
from provider_registry.domain.professional_parts import Certificate, Employment, HoursState, PracticeHours
from provider_registry.domain.workforce import Question, count, hours_of, nobody
from shared.kernel.errors import DomainError, Invalid

TODAY = date(2026, 3, 2)
DAYS = st.dates(date(2026, 1, 1), TODAY)


def certificate(until: date | None = None, confirmed_by: str | None = "rosa") -> Certificate:
    return Certificate(
        id=UUID(int=9),
        certificate_type="nurse",
        issuer="Chamber",
        number="1",
        issued_on=date(2020, 1, 1),
        valid_from=date(2020, 1, 1),
        valid_until=until,
        entered_by="carl",
        confirmed_by=confirmed_by,
    )


def hours(first: date, last: date, number: str, state: HoursState = HoursState.CONFIRMED) -> PracticeHours:
    return PracticeHours(
        id=UUID(int=7),
        employer="o",
        first_day=first,
        last_day=last,
        hours=Decimal(number),
        logged_by="carl",
        state=state,
    )


def nurse(*practice: PracticeHours, until: date | None = None, holds: tuple[Certificate, ...] = ()) -> Professional:
    return Professional(
        id=UUID(int=1),
        version=1,
        organisation="o",
        name="Nora",
        employments=(Employment("o", date(2020, 1, 1), until),),
        certificates=holds or (certificate(),),
        hours=practice,
    )


def test_hours_count_when_their_period_lies_wholly_in_the_years() -> None:
    practice = (
        hours(date(2024, 3, 2), date(2024, 3, 31), "100"),
        hours(date(2024, 4, 1), date(2024, 4, 30), "10"),
        hours(date(2026, 2, 1), date(2026, 3, 2), "1"),
        hours(date(2026, 1, 1), date(2026, 1, 31), "1000", HoursState.LOGGED),
        hours(date(2026, 1, 1), date(2026, 1, 31), "1000", HoursState.REJECTED),
    )
    # Two years that end with the 2nd of March 2026 begin with the 3rd of March 2024.
    assert hours_of(nurse(*practice), 2, TODAY) == 11
    assert hours_of(nurse(*practice), 3, TODAY) == 111
    assert hours_of(nurse(*practice), 2, date(2026, 3, 1)) == 110


@pytest.mark.parametrize(
    ("person", "counted"),
    [
        (nurse(), 1),
        (nurse(holds=(certificate(confirmed_by=None),)), 0),
        (nurse(holds=(certificate(until=TODAY),)), 1),
        (nurse(holds=(certificate(until=date(2026, 3, 1)),)), 0),
        (nurse(holds=(certificate(), certificate())), 1),
        (nurse(until=TODAY), 1),
        (nurse(until=date(2026, 3, 1)), 0),
    ],
)
def test_person_counts_when_employed_with_a_confirmed_certificate_on_the_day(
    person: Professional, counted: int
) -> None:
    assert count(Question("nurse", 1), {"o": [person], "p": [person]}, TODAY) == {"o": counted, "p": 0}


def test_question_asks_for_hours_and_years_together() -> None:
    for given_hours, years in ((Decimal(1), None), (None, 1)):
        with pytest.raises(Invalid) as refused:
            Question("nurse", 1, given_hours, years)
        assert refused.value.code == "hours-without-years"


@given(st.lists(st.tuples(DAYS, DAYS, st.integers(-5, 2000)), max_size=12))
def test_logged_hours_never_overlap_nor_exceed_the_days(periods: list[tuple[date, date, int]]) -> None:
    person = employ(UUID(int=1), "o", "Nora", date(2026, 1, 10), today=TODAY)
    for number, (first, last, amount) in enumerate(periods):
        try:
            person = person.log_hours(UUID(int=number), first, last, Decimal(amount), by="carl", today=TODAY)
        except DomainError:
            continue
    days = [
        date.fromordinal(day)
        for one in person.hours
        for day in range(one.first_day.toordinal(), one.last_day.toordinal() + 1)
    ]
    assert len(days) == len(set(days))
    assert all(day >= date(2026, 1, 10) for day in days)
    assert 0 <= sum(one.hours for one in person.hours) <= 24 * len(days)


@given(st.lists(st.tuples(st.sampled_from(["leave", "o", "p"]), DAYS), max_size=12))
def test_employments_never_overlap_whoever_enters_what(steps: list[tuple[str, date]]) -> None:
    person = employ(UUID(int=1), "o", "Nora", date(2026, 1, 1), today=TODAY)
    for step, day in steps:
        try:
            person = person.leave(day, today=TODAY) if step == "leave" else person.move(step, day, today=TODAY)
        except DomainError:
            continue
    for day in (date.fromordinal(number) for number in range(date(2026, 1, 1).toordinal(), TODAY.toordinal())):
        assert sum(one.covers(day, day) for one in person.employments) <= 1
    assert person.organisation == person.employments[-1].employer


def test_numbers_are_told_only_when_they_differ() -> None:
    some = nurse(hours(date(2026, 1, 1), date(2026, 1, 31), "99.75"))
    more = nurse(hours(date(2026, 1, 1), date(2026, 1, 31), "99.9"))
    first, events = nobody("o").change(None, some)
    (event,) = events
    assert (event.professionals, dict(event.certificates), event.practice_hours) == (1, {"nurse": 1}, 99)
    second, untold = first.change(some, more)
    assert (second.practice_hours, untold) == (Decimal("99.9"), ())
    assert second.change(more, replace(more, skills=())) == (second, ())
    left, events = second.change(more, nurse(until=TODAY))
    assert (left.professionals, dict(left.certificates), left.practice_hours, len(events)) == (0, {}, 0, 1)


PEOPLE = st.builds(
    lambda organisation, until, confirmed, worked: replace(
        nurse(
            *(hours(date(2026, 1, day), date(2026, 1, day), f"{amount}.5") for day, amount in enumerate(worked, 1)),
            until=until,
            holds=(certificate(confirmed_by=confirmed),),
        ),
        organisation=organisation,
    ),
    st.sampled_from(["o", "p"]),
    st.sampled_from([None, TODAY]),
    st.sampled_from([None, "rosa"]),
    st.lists(st.integers(0, 23), max_size=3),
)


@given(st.lists(st.tuples(st.integers(0, 3), PEOPLE), max_size=15))
def test_numbers_are_those_of_counting_everybody_anew(
    changes: list[tuple[int, Professional]],
) -> None:
    workforce, people = nobody("o"), dict[int, Professional]()
    for number, person in changes:
        workforce, _ = workforce.change(people.get(number), person)
        people[number] = person
    present = [one for one in people.values() if one.organisation == "o" and one.employments[-1].until is None]
    held = [item for one in present for item in one.certificates if item.confirmed_by]
    assert workforce.professionals == len(present)
    assert dict(workforce.certificates) == ({"nurse": len(held)} if held else {})
    assert workforce.practice_hours == sum(item.hours for one in present for item in one.hours)
