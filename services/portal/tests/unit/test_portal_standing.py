"""What holds of a tender and of its contracts once they were changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import procedure_with_lots as given_lots
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.api.sentences import sentence
from portal.domain.course import course
from portal.domain.entry import Entry
from portal.domain.lots import LotState
from portal.domain.procedure import Party, State, procedure
from portal.domain.tender import tender_as_it_stands
from shared.contracts import tender
from shared.kernel.money import Money

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONTRACT = str(given_lots.SIGNED)


def entry(number: int, event_type: str, data: Mapping[str, Any], source: str = "tender") -> Entry:
    return Entry(
        id=UUID(int=1000 + number), source=source, position=number, type=event_type, key=given_lots.OCID,
        time=START + timedelta(minutes=number), sandbox=False, event={"data": {"ocid": given_lots.OCID, **data}},
    )  # fmt: skip


TOLD = [
    entry(number, data.TYPE, data.model_dump(mode="json"), source)
    for number, (source, data) in enumerate(given_lots.journey())
]
PUBLISHED = next(number for number, one in enumerate(TOLD) if one.type == tender.Published.TYPE)
AMENDMENT = entry(
    90,
    "tender.amended.v1",
    {
        "reason": "A lot was forgotten.",
        "title": "Home care in four districts",
        "value": {"amount": "1000000.00", "currency": "EUR"},
        "lots": [{"id": "west", "title": "West", "value": {"amount": "1000000.00", "currency": "EUR"}}],
        "closes_at": "2026-04-15T09:00:00Z",
        "number": 1,
    },
)
ANSWER = entry(
    91, "tender.question-answered.v1", {"question": "q", "text": "Yes.", "closes_at": "2026-04-20T09:00:00Z"}
)


def eur(euros: int) -> dict[str, str]:
    return {"amount": f"{euros}.00", "currency": "EUR"}


def changed(number: int, value: int, *periods: str) -> Entry:
    milestones = [
        {"period": period, "start": "2026-05-01", "end": "2026-08-31", "amount": eur(1)} for period in periods
    ]
    data = {"contract": CONTRACT, "reason": "More people.", "value": eur(value), "milestones": milestones}
    return entry(number, "contract.changed.v1", data)


def graded(number: int, period: str) -> Entry:
    data = {"contract": CONTRACT, "period": period, "score": "90", "grade": "A", "derivation": []}
    return entry(number, "inspection.period-graded.v1", data, "evaluation")


def ended(number: int, kind: str = "tender.lot-cancelled.v1") -> Entry:
    return entry(number, kind, {"lot": "south", "amount": eur(1), "reason": "Gone."})


TERMINATED = entry(
    95,
    "contract.terminated.v1",
    {"contract": CONTRACT, "reason": "Over.", "amount_paid": eur(0), "last_day": "2026-09-01"},
)


@given(st.permutations([*TOLD[: PUBLISHED + 1], AMENDMENT, ANSWER]))
def test_the_tender_stands_as_it_was_amended_last(entries: Sequence[Entry]) -> None:
    standing, found = tender_as_it_stands(entries), procedure(course(entries))

    assert standing is not None
    assert standing["description"] == "Visits and meals."
    assert (found.title, found.closes_at) == ("Home care in four districts", "2026-04-20T09:00:00Z")
    assert found.amounts.estimate == Money(100_000_000, "EUR")
    assert [(lot.id, lot.title) for lot in course(entries).lots] == [("west", "West")]


def test_an_answer_changes_nothing_but_the_deadline() -> None:
    before, after = tender_as_it_stands(TOLD), tender_as_it_stands([*TOLD, ANSWER])

    assert before is not None
    assert after == {**before, "closes_at": "2026-04-20T09:00:00Z"}


def test_nothing_stands_until_the_tender_is_published() -> None:
    assert tender_as_it_stands([*TOLD[:PUBLISHED], AMENDMENT]) is None


@given(st.permutations([*TOLD, changed(90, 400_000, "1", "2", "3"), changed(91, 420_000, "1", "2", "3", "4")]))
def test_the_contract_is_worth_what_its_last_change_says(entries: Sequence[Entry]) -> None:
    found, contract = procedure(course(entries)), course(entries).contracts[-1]

    assert found.amounts.contracted == Money(42_000_000, "EUR")
    assert [period.period for period in contract.periods] == ["1", "2", "3", "4"]
    assert [one.type for one in contract.further] == ["contract.changed.v1", "contract.changed.v1"]


def test_what_a_change_binds_is_reserved_and_committed_and_what_a_contract_releases_is_neither() -> None:
    bound = entry(90, "budget.change-committed.v1", {"contract": CONTRACT, "amount": eur(20_000)}, "budget")
    free = entry(91, "budget.released.v1", {"contract": CONTRACT, "amount": eur(100_000)}, "budget")

    amounts = procedure(course([*TOLD, bound, free])).amounts

    # Of 900,000 and 20,000 the lot's 200,000 and the contract's 100,000 were released; 380,000 and 20,000 were bound.
    assert (amounts.reserved, amounts.committed) == (Money(62_000_000, "EUR"), Money(30_000_000, "EUR"))


@pytest.mark.parametrize(
    ("further", "state", "of_the_lot"),
    [
        ([TERMINATED], State.CONTRACTED, LotState.TERMINATED),  # another lot goes on
        ([TERMINATED, ended(96)], State.TERMINATED, LotState.TERMINATED),
        ([TERMINATED, ended(96), graded(91, "1")], State.TERMINATED, LotState.TERMINATED),
        ([TERMINATED, ended(96), graded(91, "1"), graded(92, "2")], State.COMPLETE, LotState.COMPLETE),
        ([changed(90, 1, "1"), graded(91, "1"), ended(96)], State.COMPLETE, LotState.COMPLETE),
        ([changed(90, 1, "1", "2", "3"), graded(91, "1"), graded(92, "2"), ended(96)], State.CONTRACTED,
         LotState.CONTRACTED),
    ],
)  # fmt: skip
def test_the_end_of_a_contract_is_complete_only_when_all_that_was_agreed_is_graded(
    further: Sequence[Entry], state: State, of_the_lot: LotState
) -> None:
    entries = [*TOLD, *further]

    assert procedure(course(entries)).state is state
    assert next(lot.state for lot in course(entries).lots if lot.id == "north") is of_the_lot


def test_the_one_who_took_a_contract_over_is_its_supplier() -> None:
    oak, heir = {"id": "silver-oak", "name": "Silver Oak Association"}, {"id": "heir", "name": "Heir Ltd"}
    over = entry(90, "contract.assigned.v1", {"contract": CONTRACT, "supplier": heir, "before": oak, "reason": "Sold."})

    assert procedure(course([*TOLD, over])).suppliers == (
        Party("silver-oak", "Silver Oak Association"),
        Party("heir", "Heir Ltd"),
    )
    assert course([*TOLD, over]).contracts[-1].supplier == heir
    assert sentence(over, course([*TOLD, over])) == (
        "Lot “North of the river”: The contract went over from Silver Oak Association to Heir Ltd: Sold."
    )


@given(st.permutations(range(4)))
def test_each_question_has_its_own_answers_in_the_order_of_time(order: Sequence[int]) -> None:
    told = [
        entry(90, "tender.question-asked.v1", {"question": "a", "text": "How many?"}),
        entry(91, "tender.question-asked.v1", {"question": "b", "text": "Where?"}),
        entry(92, "tender.question-answered.v1", {"question": "b", "text": "Here.", "closes_at": "x"}),
        entry(93, "tender.question-answered.v1", {"question": "b", "text": "There.", "closes_at": "x"}),
    ]

    found = course([told[number] for number in order]).questions

    assert [(one.id, one.asked, one.answers) for one in found] == [
        ("a", told[0], ()),
        ("b", told[1], (told[2], told[3])),
    ]


PROPOSED = entry(90, "award.framework-proposed.v1", {"lot": "west", "suppliers": []})
CONCLUDED = entry(91, "award.framework-concluded.v1", {"lot": "west", "framework": "f"})


@pytest.mark.parametrize(
    ("further", "state"),
    [
        ([PROPOSED], LotState.STANDSTILL),
        ([PROPOSED, CONCLUDED], LotState.AWARDED),
        ([CONCLUDED, entry(92, "award.framework-ended.v1", {"framework": "other"})], LotState.AWARDED),
        ([CONCLUDED, entry(92, "award.framework-ended.v1", {"framework": "f"})], LotState.COMPLETE),
        ([PROPOSED, entry(92, "tender.cancelled.v1", {"reason": "Gone."})], LotState.CANCELLED),
        ([PROPOSED, entry(92, "tender.lot-cancelled.v1", {"lot": "west", "reason": "Gone."})], LotState.CANCELLED),
    ],
)
def test_a_lot_stands_where_its_framework_agreement_does(further: Sequence[Entry], state: LotState) -> None:
    lots = course([*TOLD[: PUBLISHED + 1], replace(AMENDMENT, time=START), *further]).lots

    assert [lot.state for lot in lots if lot.id == "west"] == [state]
