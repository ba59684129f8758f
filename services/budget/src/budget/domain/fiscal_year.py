"""A fiscal year: its days, what becomes of money at its end, and whether its books are closed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from budget.domain.year_events import ClosingProposed, ClosingRejected, FiscalYearClosed, FiscalYearDeclared
from shared.kernel.access import different_persons
from shared.kernel.calendar import DAY
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.lifecycle import lifecycle, transition

QUARTERS = (1, 2, 3, 4)
# No rule book says until when a second person decides; a proposal that nobody decides on is reported.
DECISION_TERM = timedelta(days=14)


class YearEndPolicy(StrEnum):
    """Say what becomes, at the end of a year, of what is set aside or bound and not yet owed.

    Source: IMF, Managing Public Expenditure: end-of-year lapse of appropriations, carry-over.
    """

    LAPSE = "lapse"
    CARRY_FORWARD = "carry-forward"


class YearState(StrEnum):
    """Where the books of a fiscal year stand."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


YEAR = lifecycle(
    "fiscal-year",
    YearState.OPEN,
    transition("declare", "open", "open", "finance-officer", events="budget.fiscal-year-declared.v1"),
    transition("propose closing", "open", "closing", "finance-officer", events="budget.closing-proposed.v1"),
    transition("close", "closing", "closed", "another finance-officer", events="budget.fiscal-year-closed.v1"),
    transition("reject closing", "closing", "open", "finance-officer", events="budget.closing-rejected.v1"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalYear:
    """A year of the budget, from its first day to its last; version 0 is a year that nobody declared.

    Shape: the year is named by the calendar year in which it begins or ends.
    """

    id: UUID
    version: int
    year: int
    starts: date
    ends: date
    time_zone: str
    policy: YearEndPolicy
    state: YearState = YearState.OPEN
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """Until when somebody decides on the closing, while it is proposed."""
        return self.proposed_at + DECISION_TERM if self.proposed_at and self.state is YearState.CLOSING else None

    @property
    def over_at(self) -> datetime:
        """The first instant after the year."""
        return self._midnight(self.ends + DAY)

    def quarter_opens_at(self, quarter: int) -> datetime:
        """Return the instant at which a quarter of the year begins."""
        months = self.starts.month - 1 + 3 * (quarter - 1)
        return self._midnight(date(self.starts.year + months // 12, months % 12 + 1, self.starts.day))

    def admit(self) -> None:
        """Let nothing new into the books of a year that is closed.

        Raises:
            NotAllowed: fiscal-year-closed.
        """
        if self.state is YearState.CLOSED:
            raise closed()

    def propose_closing(self, *, by: str, at: datetime) -> tuple["FiscalYear", tuple[ClosingProposed, ...]]:
        """Put the closing of the books forward, for another person to decide on.

        Raises:
            NotAllowed: fiscal-year-closed-for-good, closing-proposed, fiscal-year-not-over.
        """
        self._may_be_closed()
        if self.state is YearState.CLOSING:
            raise NotAllowed("closing-proposed", "The closing is proposed already.", satisfied_by="Its approval.")
        if at < self.over_at:
            raise NotAllowed(
                "fiscal-year-not-over", "The fiscal year has not ended.", satisfied_by="A proposal after its last day."
            )
        state = YEAR.move("propose closing", self.state, YearState.CLOSING)
        proposed = replace(self, version=self.version + 1, state=state, proposed_by=by, proposed_at=at)
        event = ClosingProposed(
            aggregate=self.id,
            version=proposed.version,
            fiscal_year=self.year,
            policy=self.policy.value,
            due_at=at + DECISION_TERM,
        )
        return proposed, (event,)

    def close(self, *, by: str, at: datetime) -> tuple["FiscalYear", tuple[FiscalYearClosed, ...]]:
        """Close the books for good.

        Raises:
            NotAllowed: fiscal-year-closed-for-good, closing-not-proposed.
            Forbidden: second-person-needed.
        """
        different_persons(self._proposer(), by, "Closing a fiscal year")
        state = YEAR.move("close", self.state, YearState.CLOSED)
        closed = replace(self, version=self.version + 1, state=state, closed_by=by, closed_at=at)
        event = FiscalYearClosed(
            aggregate=self.id, version=closed.version, fiscal_year=self.year, policy=self.policy.value, closed_at=at
        )
        return closed, (event,)

    def reject_closing(self, *, reason: str) -> tuple["FiscalYear", tuple[ClosingRejected, ...]]:
        """Leave the books open; whoever proposed it may.

        Raises:
            NotAllowed: fiscal-year-closed-for-good, closing-not-proposed.
        """
        self._proposer()
        state = YEAR.move("reject closing", self.state, YearState.OPEN)
        rejected = replace(self, version=self.version + 1, state=state, proposed_by=None, proposed_at=None)
        event = ClosingRejected(aggregate=self.id, version=rejected.version, fiscal_year=self.year, reason=reason)
        return rejected, (event,)

    def _proposer(self) -> str:
        self._may_be_closed()
        if self.proposed_by is None:
            raise NotAllowed(
                "closing-not-proposed", "Nobody proposed to close the year.", satisfied_by="A proposal to close it."
            )
        return self.proposed_by

    def _may_be_closed(self) -> None:
        if self.state is YearState.CLOSED:
            raise NotAllowed(
                "fiscal-year-closed-for-good",
                "The books of the year are closed and stay so.",
                satisfied_by="An entry in the next fiscal year.",
            )

    def declare(
        self, *, starts: date, ends: date, time_zone: str, policy: YearEndPolicy, in_use: bool
    ) -> tuple["FiscalYear", tuple[FiscalYearDeclared, ...]]:
        """Set the year's days and what becomes of money at its end; the days stand once money was granted for it.

        Raises:
            NotAllowed: fiscal-year-closed, closing-proposed, fiscal-year-in-use.
            Invalid: what check_days() refuses.
        """
        self.admit()
        if self.state is YearState.CLOSING:
            raise NotAllowed("closing-proposed", "The year is about to be closed.", satisfied_by="Its rejection.")
        state = YEAR.move("declare", self.state, YearState.OPEN)
        declared = replace(self, starts=starts, ends=ends, time_zone=time_zone, policy=policy, state=state)
        if self.version and declared == self:
            return self, ()
        declared.check_days()
        if in_use and (declared.starts, declared.ends, declared.time_zone) != (self.starts, self.ends, self.time_zone):
            raise NotAllowed(
                "fiscal-year-in-use",
                "Money was granted for this fiscal year, so its days stand.",
                satisfied_by="The days that the year has: its own, or those of the calendar year in UTC.",
            )
        declared = replace(declared, version=self.version + 1)
        event = FiscalYearDeclared(
            aggregate=self.id,
            version=declared.version,
            fiscal_year=self.year,
            starts=starts,
            ends=ends,
            time_zone=time_zone,
            policy=policy.value,
        )
        return declared, (event,)

    def check_days(self) -> None:
        """Hold the year's days to its name and to quarters that all begin on the same day of a month.

        Raises:
            Invalid: fiscal-year-reversed, fiscal-year-misnamed, fiscal-year-starts-late, time-zone-unknown.
        """
        if self.ends <= self.starts:
            raise Invalid("fiscal-year-reversed", "The year ends before it starts.", pointer="/body/ends")
        if self.starts.year not in {self.year - 1, self.year} or self.ends.year not in {self.year, self.year + 1}:
            raise Invalid("fiscal-year-misnamed", "The year is named by the calendar year it starts or ends in.")
        if self.starts.day > 28:
            raise Invalid("fiscal-year-starts-late", "Not every month has the day on which the year starts.")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as unknown:
            raise Invalid("time-zone-unknown", "The time zone is not in the IANA time zone database.") from unknown

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)


def calendar_year(year: int) -> FiscalYear:
    """Return the year as it is while nobody declares it: the calendar year, open, at whose end money lapses."""
    return FiscalYear(
        id=derived_id("fiscal-year", year),
        version=0,
        year=year,
        starts=date(year, 1, 1),
        ends=date(year, 12, 31),
        time_zone="UTC",
        policy=YearEndPolicy.LAPSE,
    )


def closed() -> NotAllowed:
    """Say that the books are closed."""
    return NotAllowed(
        "fiscal-year-closed",
        "The books of this fiscal year are closed.",
        satisfied_by="An entry in the next fiscal year.",
    )


def check_apart(year: FiscalYear, others: Sequence[FiscalYear]) -> None:
    """Let no day belong to two years.

    Raises:
        NotAllowed: fiscal-years-overlap.
    """
    if any(other.year != year.year and other.starts <= year.ends and year.starts <= other.ends for other in others):
        raise NotAllowed(
            "fiscal-years-overlap",
            "Some of the days belong to another fiscal year.",
            satisfied_by="Days of which none is in a year that was declared.",
        )
