from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from budget.domain.events import LineAppropriated, LineRevised
from budget.domain.fiscal_year import YearEndPolicy, YearState, calendar_year, check_apart
from budget.domain.grant import Grant, Source, SourceKind
from budget.domain.ledger import Stage, changes
from budget.domain.line import Line, new_line
from budget.domain.revision import RevisionKind, propose
from budget.domain.revision_events import Move
from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import LARGEST, Money

YEAR = calendar_year(2026)
REVISION = derived_id("test-revision")


def granted(case: Any, amount: Money | None = None, **told: Any) -> Line:
    grant = Grant(amount=amount or case.eur(3_000_000), **told)
    line, _, _ = case.line().appropriate(title="Social care", grant=grant, year=YEAR, at=case.at)
    return line


def test_an_appropriation_is_the_original_budget_when_it_is_the_first(case: Any) -> None:
    grant = Grant(amount=case.eur(2_000_000))
    line, transfers, events = case.line().appropriate(title="Social care", grant=grant, year=YEAR, at=case.at)
    assert (line.version, line.appropriated, line.original) == (1, case.eur(2_000_000), grant)
    assert changes(transfers) == (
        (line.id, Stage.APPROPRIATED, 200_000_000),
        (line.id, Stage.AVAILABLE, 200_000_000),
    )
    assert events == (
        LineAppropriated(
            aggregate=line.id,
            version=1,
            code="social-care",
            title="Social care",
            fiscal_year=2026,
            amount=case.eur(2_000_000),
        ),
    )


def test_the_original_budget_stands_when_somebody_grants_again(case: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        granted(case).appropriate(title="Social care", grant=Grant(amount=case.eur(1)), year=YEAR, at=case.at)
    assert (refusal.value.code, refusal.value.satisfied_by) == (
        "line-exists",
        "A revision of the line, by two persons.",
    )


def test_later_quarters_are_unallotted_when_money_is_granted_by_quarters(case: Any) -> None:
    quarters = tuple(case.eur(each) for each in (10, 20, 0, 70))
    grant = Grant(amount=case.eur(100), quarters=quarters)
    line, transfers, _ = case.line().appropriate(title="Social care", grant=grant, year=YEAR, at=case.at)
    assert changes(transfers) == (
        (line.id, Stage.APPROPRIATED, 10_000),
        (line.id, Stage.UNALLOTTED, 9_000),
        (line.id, Stage.AVAILABLE, 1_000),
    )
    assert line.next_opening(YEAR) == datetime(2026, 4, 1, tzinfo=UTC)


def test_each_quarter_opens_at_its_instant_when_the_clock_is_late(case: Any) -> None:
    quarters = tuple(case.eur(each) for each in (10, 20, 0, 70))
    line = granted(case, case.eur(100), quarters=quarters)
    opened, transfers, events = line.open_quarters(YEAR, datetime(2026, 12, 24, tzinfo=UTC))
    assert [(one.amount, one.at, one.from_stage, one.to_stage) for one in transfers] == [
        (case.eur(20), datetime(2026, 4, 1, tzinfo=UTC), Stage.UNALLOTTED, Stage.AVAILABLE),
        (case.eur(70), datetime(2026, 10, 1, tzinfo=UTC), Stage.UNALLOTTED, Stage.AVAILABLE),
    ]
    assert [event.quarter for event in events] == [2, 4]
    assert (opened.opened, opened.next_opening(YEAR)) == (4, None)
    assert opened.open_quarters(YEAR, datetime(2027, 1, 1, tzinfo=UTC)) == (opened, (), ())
    one_by_one = line
    for month in (4, 7, 10):
        one_by_one = one_by_one.open_quarters(YEAR, datetime(2026, month, 1, tzinfo=UTC))[0]
    assert one_by_one == opened


def test_quarters_that_have_begun_are_available_when_money_is_granted_late(case: Any) -> None:
    quarters = tuple(case.eur(25) for _ in range(4))
    at = datetime(2026, 7, 1, tzinfo=UTC)
    grant = Grant(amount=case.eur(100), quarters=quarters)
    line, transfers, _ = case.line().appropriate(title="Social care", grant=grant, year=YEAR, at=at)
    assert (line.id, Stage.AVAILABLE, 7_500) in changes(transfers)
    assert line.next_opening(YEAR) == datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"programme": "10.99"}, "programme-unknown"),
        ({"sources": ((SourceKind.OWN, 99),)}, "sources-differ-from-amount"),
        ({"sources": ((SourceKind.OWN, 101), (SourceKind.DONOR, -1))}, "amount-not-positive"),
        ({"quarters": (50, 50)}, "quarters-not-four"),
        ({"quarters": (25, 25, 25, 26)}, "quarters-differ-from-amount"),
        ({"quarters": (101, -1, 0, 0)}, "quarter-negative"),
        ({"amount": 0}, "amount-not-positive"),
        ({"amount": -1}, "amount-not-positive"),
    ],
)
def test_a_grant_is_refused_when_it_contradicts_itself(case: Any, told: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Grant(
            amount=case.eur(told.get("amount", 100)),
            programme=told.get("programme"),
            sources=tuple(Source(kind, "City", case.eur(each)) for kind, each in told.get("sources", ())),
            quarters=tuple(case.eur(each) for each in told.get("quarters", ())),
        )
    assert refusal.value.code == code


def test_a_source_has_its_share_when_several_pay(case: Any) -> None:
    donor = Source(SourceKind.DONOR, "Fund for Ageing Well", case.eur(1))
    assert donor.share_of(case.eur(3)) == Decimal("0.3333")


def test_the_total_changes_and_the_original_stands_when_a_line_is_revised(case: Any) -> None:
    line = granted(case)
    revised, transfers, events = line.revise(
        revision=REVISION, kind="reduction", amount=case.eur(-1_000_000), reason="Less.", year=YEAR, at=case.at
    )
    assert (revised.appropriated, revised.original) == (case.eur(2_000_000), line.original)
    assert changes(transfers) == (
        (line.id, Stage.APPROPRIATED, -100_000_000),
        (line.id, Stage.AVAILABLE, -100_000_000),
    )
    assert transfers[0].cause == REVISION
    assert events == (
        LineRevised(
            aggregate=line.id,
            version=2,
            revision=REVISION,
            kind="reduction",
            amount=case.eur(-1_000_000),
            appropriated=case.eur(2_000_000),
        ),
    )


def test_a_revision_is_refused_when_the_total_does_not_fit(case: Any) -> None:
    full = granted(case, Money(LARGEST, "EUR"))
    with pytest.raises(Invalid) as refusal:
        full.revise(
            revision=REVISION, kind="supplementary", amount=Money(1, "EUR"), reason="More.", year=YEAR, at=case.at
        )
    assert refusal.value.code == "amount-too-large"


def test_nothing_enters_when_the_year_is_closed(case: Any) -> None:
    closed = replace(YEAR, state=YearState.CLOSED)
    with pytest.raises(NotAllowed) as refusal:
        case.line().appropriate(title="Care", grant=Grant(amount=case.eur(1)), year=closed, at=case.at)
    assert refusal.value.code == "fiscal-year-closed"
    with pytest.raises(NotAllowed) as refusal:
        granted(case).revise(
            revision=REVISION, kind="reduction", amount=case.eur(-1), reason="Less.", year=closed, at=case.at
        )
    assert refusal.value.code == "fiscal-year-closed"


@pytest.mark.parametrize(
    ("kind", "units", "code"),
    [
        (RevisionKind.SUPPLEMENTARY, (1, -1), "revision-sign-wrong"),
        (RevisionKind.SUPPLEMENTARY, (0,), "revision-sign-wrong"),
        (RevisionKind.REDUCTION, (-1, 1), "revision-sign-wrong"),
        (RevisionKind.REDUCTION, (0,), "revision-sign-wrong"),
        (RevisionKind.REALLOCATION, (5, -4), "reallocation-not-balanced"),
        (RevisionKind.REALLOCATION, (5, -5, 0), "reallocation-not-balanced"),
    ],
)
def test_a_revision_is_refused_when_its_amounts_are_not_of_its_kind(
    case: Any, kind: RevisionKind, units: tuple[int, ...], code: str
) -> None:
    moves = tuple(Move(derived_id("line", number), case.eur(each)) for number, each in enumerate(units))
    with pytest.raises(Invalid) as refusal:
        propose(REVISION, kind, moves, reason="Why.", decision="2026/1", by="p-1", at=case.at)
    assert refusal.value.code == code


def test_a_revision_is_decided_once_and_by_another_person(case: Any) -> None:
    moves = (Move(case.line().id, case.eur(1)),)
    revision, _ = propose(
        REVISION, RevisionKind.SUPPLEMENTARY, moves, reason="Why.", decision="2026/1", by="p-1", at=case.at
    )
    with pytest.raises(Forbidden):
        revision.approve(by="p-1", at=case.at)
    approved = revision.approve(by="p-2", at=case.at)
    assert approved.due_at is None
    for again in (
        lambda: approved.approve(by="p-3", at=case.at),
        lambda: approved.reject(by="p-3", reason="No.", at=case.at),
    ):
        with pytest.raises(NotAllowed) as refusal:
            again()
        assert refusal.value.code == "revision-decided"


def test_quarters_begin_every_three_months_when_the_year_begins_in_april() -> None:
    year, _ = calendar_year(2026).declare(
        starts=date(2026, 4, 6),
        ends=date(2027, 4, 5),
        time_zone="Europe/London",
        policy=YearEndPolicy.CARRY_FORWARD,
        in_use=False,
    )
    assert [year.quarter_opens_at(quarter) for quarter in (1, 4)] == [
        datetime(2026, 4, 5, 23, tzinfo=UTC),
        datetime(2027, 1, 6, tzinfo=UTC),
    ]
    assert year.over_at == datetime(2027, 4, 5, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ends": date(2025, 12, 31)}, "fiscal-year-reversed"),
        ({"starts": date(2024, 7, 1)}, "fiscal-year-misnamed"),
        ({"ends": date(2028, 1, 1)}, "fiscal-year-misnamed"),
        ({"starts": date(2026, 1, 31)}, "fiscal-year-starts-late"),
        ({"time_zone": "Europe/Atlantis"}, "time-zone-unknown"),
        ({"in_use": True, "ends": date(2026, 12, 30)}, "fiscal-year-in-use"),
    ],
)
def test_a_year_is_refused_when_its_days_do_not_fit(changed: dict[str, Any], code: str) -> None:
    told = {
        "starts": date(2026, 1, 1),
        "ends": date(2026, 12, 31),
        "time_zone": "UTC",
        "policy": YearEndPolicy.LAPSE,
        "in_use": False,
    }
    with pytest.raises(DomainError) as refusal:
        calendar_year(2026).declare(**{**told, **changed})
    assert refusal.value.code == code


def test_a_year_is_refused_when_a_day_belongs_to_another() -> None:
    check_apart(calendar_year(2026), [calendar_year(2025), calendar_year(2026), calendar_year(2027)])
    with pytest.raises(NotAllowed) as refusal:
        check_apart(calendar_year(2026), [replace(calendar_year(2027), starts=date(2026, 12, 31))])
    assert refusal.value.code == "fiscal-years-overlap"


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
