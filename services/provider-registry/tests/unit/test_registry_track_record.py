from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_registry.domain.record import TrackRecord, empty_record
from provider_registry.domain.record_data import GradedPeriod
from provider_registry.domain.result_events import RecordUpdated
from shared.kernel.ids import derived_id

CONTRACT = UUID("0195a000-0000-7000-8000-000000000001")


def period(number: int, score: str = "90.00", grade: str = "A", contract: UUID = CONTRACT) -> GradedPeriod:
    return GradedPeriod(f"ocds-test-{contract}", contract, str(number), Decimal(score), grade)


def graded(*periods: GradedPeriod) -> TrackRecord:
    record = empty_record("org-oarsmen")
    for one in periods:
        record, _ = record.grade(one)
    return record


def test_contract_is_counted_once_when_it_is_told_twice() -> None:
    record, (event,) = empty_record("org-oarsmen").sign(CONTRACT)
    assert event == RecordUpdated(
        aggregate=derived_id("track-record", "org-oarsmen"),
        version=1,
        organisation="org-oarsmen",
        contracts=1,
        periods_graded=0,
        rated=False,
        mean_score=None,
        latest_grade=None,
        latest_ocid=None,
        ended_early=0,
    )
    assert record.sign(CONTRACT) == (record, ())


def test_nothing_changes_when_the_same_grade_is_told_twice() -> None:
    record = graded(period(1), period(2, "70.00", "C"))
    assert record.grade(period(1)) == (record, ())


def test_grade_is_replaced_when_a_period_is_graded_again() -> None:
    record, (event,) = graded(period(1, "55.00", "D"), period(2)).grade(period(1, "81.00", "B"))
    assert [(one.period, one.grade) for one in record.periods] == [("2", "A"), ("1", "B")]
    assert (event.version, event.periods_graded, event.latest_grade) == (3, 2, "B")


def test_periods_are_kept_apart_when_contracts_name_them_alike() -> None:
    other = UUID("0195a000-0000-7000-8000-000000000002")
    assert len(graded(period(1), period(1, contract=other)).periods) == 2


def test_provider_is_rated_only_when_three_periods_are_graded() -> None:
    assert graded(period(1), period(2)).mean_score is None
    record, (event,) = graded(period(1, "87.87"), period(2, "90.00")).grade(period(3, "91.00"))
    # (87.87 + 90.00 + 91.00) / 3 = 268.87 / 3 = 89.6233...
    assert record.mean_score == Decimal("89.62")
    assert (event.rated, event.mean_score) == (True, Decimal("89.62"))


@pytest.mark.parametrize(
    ("scores", "mean"),
    [
        (("0.01", "0.00", "0.00", "0.01"), "0.01"),  # 0.02 / 4 = 0.005: half goes up
        (("0.01", "0.00", "0.00"), "0.00"),  # 0.0033...
        (("100.00", "100.00", "100.00"), "100.00"),
    ],
)
def test_mean_has_two_decimals_when_it_does_not_come_out_even(scores: tuple[str, ...], mean: str) -> None:
    assert str(graded(*(period(number, score) for number, score in enumerate(scores))).mean_score) == mean


FACTS = st.lists(
    st.one_of(
        st.integers(0, 3).map(lambda number: derived_id("contract", number)),
        st.builds(
            period,
            st.integers(1, 3),
            st.decimals(0, 100, places=2).map(str),
            st.sampled_from("ABCD"),
            st.integers(0, 3).map(lambda number: derived_id("contract", number)),
        ),
    ),
    max_size=30,
)


@given(FACTS)
def test_record_holds_each_contract_and_period_once_in_whatever_order_they_come(
    facts: list[UUID | GradedPeriod],
) -> None:
    record, versions = empty_record("org-oarsmen"), list[int]()
    contracts: set[UUID] = set()
    scores: dict[tuple[UUID, str], Decimal] = {}
    for fact in facts:
        if isinstance(fact, UUID):
            contracts.add(fact)
            record, events = record.sign(fact)
        else:
            scores[fact.contract, fact.period] = fact.score
            record, events = record.grade(fact)
        versions.extend(event.version for event in events)
        for event in events:
            assert (event.contracts, event.periods_graded) == (len(contracts), len(scores))
    assert set(record.contracts) == contracts
    assert {(one.contract, one.period): one.score for one in record.periods} == scores
    assert versions == list(range(1, record.version + 1))
    if record.mean_score is not None:
        exact = sum(scores.values(), Decimal(0)) / len(scores)
        assert abs(record.mean_score - exact) <= Decimal("0.005")
    assert (record.mean_score is not None) == (len(scores) >= 3)
