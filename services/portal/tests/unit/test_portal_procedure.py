from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.course import course
from portal.domain.entry import Entry
from portal.domain.procedure import Party, State, procedure
from portal.domain.provider import Status, provider
from shared.contracts import withholding
from shared.contracts.audit import ProcessImported
from shared.contracts.event import EventData
from shared.contracts.provider import DetailsChanged, ProviderMerged
from shared.kernel.money import Money

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
OCID = "ocds-cxswn1-0001"
Journey = Sequence[tuple[str, EventData]]


def entry(number: int, source: str, data: EventData, *, minutes: int | None = None, sandbox: bool = False) -> Entry:
    return Entry(
        id=UUID(int=1000 + number),
        source=source,
        position=number,
        type=data.TYPE,
        key=data.key(),
        time=START + timedelta(minutes=number if minutes is None else minutes),
        sandbox=sandbox,
        event={"data": data.model_dump(mode="json")},
    )


@pytest.fixture(scope="session")
def told(portal_journey: Journey) -> Sequence[Entry]:
    """The events of the procedure and its plan; pairs of them have the same time."""
    numbered = [entry(number, *said, minutes=number // 2) for number, said in enumerate(portal_journey)]
    return [one for one in numbered if one.ocid or one.type.startswith("tender.planned")]


@given(data=st.data())
def test_the_procedure_is_the_same_when_its_events_come_in_another_order(told: Sequence[Entry], data: Any) -> None:
    shuffled = data.draw(st.permutations(told))

    assert procedure(course(shuffled)) == procedure(course(told))
    assert course(shuffled) == course(told)


@given(data=st.data())
def test_every_part_of_a_journey_makes_a_procedure_when_events_are_missing(told: Sequence[Entry], data: Any) -> None:
    of_the_process = data.draw(st.lists(st.sampled_from([one for one in told if one.ocid]), min_size=1, unique_by=id))
    plan = data.draw(st.sampled_from([[], [one for one in told if not one.ocid]]))

    found = procedure(course([*of_the_process, *plan]))

    assert found.ocid == OCID
    assert found.events == len(of_the_process)
    assert found.last_event_at == max(one.time for one in of_the_process)


def test_the_state_follows_the_tender_when_it_moves_on(told: Sequence[Entry]) -> None:
    reached = [procedure(course(told[: number + 1])).state for number in range(1, len(told))]

    assert list(dict.fromkeys(reached)) == [
        State.AWAITING_FUNDS,
        State.ACTIVE,
        State.EVALUATION,
        State.STANDSTILL,
        State.AWARDED,
        State.CONTRACTED,
    ]


def test_the_procedure_is_complete_when_every_period_of_the_contract_is_graded(told: Sequence[Entry]) -> None:
    graded = next(one for one in told if one.type == "inspection.period-graded.v1")
    second = replace(
        graded,
        id=UUID(int=5000),
        time=START + timedelta(days=300),
        event={"data": {**graded.data, "period": "period-2", "grade": "A"}},
    )

    found = procedure(course([*told, second]))

    assert (procedure(course(told)).state, found.state) == (State.CONTRACTED, State.COMPLETE)
    assert [grade.grade for grade in found.grades] == ["B", "A"]


def test_a_supplier_is_named_once_when_the_award_and_the_contract_name_it(told: Sequence[Entry]) -> None:
    assert procedure(course(told)).suppliers == (Party("silver-oak", "Silver Oak Association"),)


def test_a_sum_is_left_out_when_it_would_mix_currencies(told: Sequence[Entry]) -> None:
    paid = next(one for one in told if one.type == "budget.paid.v1")
    in_dollars = {"data": {**paid.data, "amount": {"amount": "1.00", "currency": "USD"}}}
    amounts = procedure(course([*told, replace(paid, id=UUID(int=5000), event=in_dollars)])).amounts

    assert (amounts.paid, amounts.held) == (None, Money(2_625_000, "EUR"))


def test_the_latest_import_counts_when_a_process_was_imported_twice(imported: Callable[..., ProcessImported]) -> None:
    first, second = imported("x", "Old"), imported("x", "New", status="odd", awards=())
    entries = [entry(1, "evaluation", first), entry(2, "evaluation", second, sandbox=True)]

    for order in (entries, entries[::-1]):
        found = procedure(course(order))
        assert (found.title, found.state, found.external, found.sandbox) == ("New", State.UNKNOWN, True, True)
        assert (found.amounts.awarded, found.amounts.contracted) == (None, Money(90_000, "DOP"))


def test_a_period_is_shown_when_the_contract_is_not_told_yet(told: Sequence[Entry]) -> None:
    without = [one for one in told if one.type != "contract.signed.v1"]

    (contract,) = course(without).contracts
    (period,) = contract.periods

    assert contract.signed is None
    assert (period.period, period.milestone) == ("period-1", None)
    assert [one.type for one in (*period.paid, *period.held)] == ["budget.paid.v1", "budget.held.v1"]


@given(data=st.data())
def test_the_provider_is_the_same_when_its_events_come_in_another_order(portal_journey: Journey, data: Any) -> None:
    numbered = [entry(number, *said) for number, said in enumerate(portal_journey)]
    entries = [one for one in numbered if one.type.startswith("provider.")]

    found = provider(data.draw(st.permutations(entries)))

    assert found == provider(entries)
    assert (found.status, found.valid_until, found.identifier) == (Status.VERIFIED, "2027-03-02", "XX-REG 77")
    assert found.record is not None
    assert found.record.mean_score is None


def test_the_provider_is_verified_no_more_when_others_own_it_or_it_was_merged(portal_journey: Journey) -> None:
    numbered = [entry(number, *said) for number, said in enumerate(portal_journey)]
    entries = [one for one in numbered if one.type.startswith("provider.")]
    key = entries[0].key
    changed = DetailsChanged(
        provider=key, address=None, people=(), owners=(), owning_persons=1, members=(), verification_ended=False
    )
    ended = changed.model_copy(update={"verification_ended": True})
    merged = ProviderMerged(provider=key, into="oarsmen")
    for told, status, into in (
        (changed, Status.VERIFIED, None),
        (ended, Status.REGISTERED, None),
        (merged, Status.MERGED, "oarsmen"),
    ):
        found = provider([*entries, entry(900, "provider-registry", told)])
        assert (found.status, found.merged_into) == (status, into)
        assert (found.valid_until is None) == (status is not Status.VERIFIED)


def test_what_was_held_is_released_and_forfeited_in_the_amounts(told: Sequence[Entry]) -> None:
    (held,) = [one for one in told if one.type == "budget.held.v1"]
    of_hold: dict[str, Any] = {
        "ocid": OCID,
        "contract": UUID(held.data["contract"]),
        "hold": UUID(int=9),
        "period": held.data["period"],
        "payee": held.data["payee"],
    }
    euros = {units: Money(units * 100, "EUR") for units in (0, 6_250, 10_000, 15_000, 20_000)}
    released = withholding.HoldReleased(
        **of_hold, amount=euros[20_000], rest=euros[6_250], because="decision", reason="Mended.", released_at=START
    )
    line = {"line": UUID(int=3), "available": euros[0]}
    forfeited = withholding.Deducted(**of_hold, **line, amount=euros[6_250], reason="Never mended.")
    measured = withholding.Deducted(**{**of_hold, "hold": None}, **line, amount=euros[15_000], reason="Missed.")
    more = [entry(100 + number, "budget", data) for number, data in enumerate((released, forfeited, measured))]
    amounts = procedure(course([*told, *more])).amounts
    # 26,250 were held, and 525,000 of 1,050,000 accrued; 20,000 released, 6,250 forfeited, 15,000 never accrued.
    assert (amounts.held, amounts.accrued) == (euros[0], Money(51_875_000, "EUR"))
    assert amounts.committed == Money(102_875_000, "EUR")
