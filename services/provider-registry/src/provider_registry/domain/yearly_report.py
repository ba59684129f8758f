"""A provider's report of a financial year: entered by the provider, confirmed by an officer of the registry."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from provider_registry.domain.figures import Figures, check_figures
from provider_registry.domain.index_values import IndexValue
from provider_registry.domain.rating import day_of
from provider_registry.domain.year_events import YearConfirmed, YearEntered, YearSentBack
from shared.kernel.access import different_persons
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.pack import RulePack


class YearStatus(StrEnum):
    """Where the report of a year stands."""

    NOT_REPORTED = "not-reported"
    ENTERED = "entered"
    CONFIRMED = "confirmed"
    SENT_BACK = "sent-back"


YEARLY_REPORT = lifecycle(
    "yearly-report",
    YearStatus.NOT_REPORTED,
    transition(
        "enter",
        "not-reported entered confirmed sent-back",
        "entered",
        "provider",
        events="provider.year-entered.v1",
    ),
    transition(
        "confirm",
        "entered",
        "confirmed",
        "another person, a registry-officer",
        rule="second-person.yearly-report",
        events="provider.year-confirmed.v1",
    ),
    transition("send back", "entered", "sent-back confirmed", "registry-officer", events="provider.year-sent-back.v1"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyReport:
    """A year of a provider; version 0 is the year of which nothing was reported.

    Shape: entered are the figures that wait for an officer, confirmed those that count; a correction waits beside them.
    """

    id: UUID
    version: int
    organisation: str
    year: int
    entered: Figures | None = None
    entered_by: str | None = None
    confirm_due: datetime | None = None
    confirmed: Figures | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    sent_back: str | None = None

    @property
    def status(self) -> YearStatus:
        """Where the report stands; what is confirmed counts also while a correction of it waits."""
        if self.entered is not None:
            return YearStatus.ENTERED
        if self.confirmed is not None:
            return YearStatus.CONFIRMED
        return YearStatus.SENT_BACK if self.version else YearStatus.NOT_REPORTED

    def enter(
        self, figures: Figures, *, by: str, at: datetime, due: datetime
    ) -> tuple["YearlyReport", tuple[YearEntered, ...]]:
        """Put figures forward; whoever did so may change them until they are confirmed.

        Raises:
            Invalid: what check_figures() refuses.
            NotAllowed: year-entered-by-another.
        """
        YEARLY_REPORT.admit("enter", self.status)
        check_figures(figures, organisation=self.organisation, year=self.year, today=day_of(at))
        if self.entered is not None and self.entered_by != by:
            raise NotAllowed(
                "year-entered-by-another",
                "Somebody else of the organisation has entered this year.",
                satisfied_by="The registry's decision on what was entered.",
            )
        version = self.version + 1
        entered = replace(self, version=version, entered=figures, entered_by=by, confirm_due=due, sent_back=None)
        return entered, (
            YearEntered(
                aggregate=self.id, version=version, organisation=self.organisation, year=self.year, confirm_due=due
            ),
        )

    def confirm(self, *, by: str, at: datetime, pack: RulePack) -> "YearlyReport":
        """Let what was entered count.

        Raises:
            NotAllowed: yearly-report-not-entered.
            Forbidden: second-person-needed.
        """
        YEARLY_REPORT.admit("confirm", self.status, pack)
        reference = pack.reference("second-person.yearly-report")
        different_persons(self.entered_by or "", by, "A yearly report", reference)
        return replace(
            self,
            version=self.version + 1,
            entered=None,
            entered_by=None,
            confirm_due=None,
            confirmed=self.entered,
            confirmed_by=by,
            confirmed_at=at,
        )

    def tell_confirmed(self, indices: tuple[IndexValue, ...]) -> tuple[YearConfirmed, ...]:
        """Say what was confirmed, and what it makes of the indices."""
        assert self.confirmed is not None  # noqa: S101 - told right after the confirmation
        return (
            YearConfirmed(
                aggregate=self.id,
                version=self.version,
                organisation=self.organisation,
                year=self.year,
                total_income=self.confirmed.total_income,
                indices=indices,
            ),
        )

    def send_back(self, reason: str) -> tuple["YearlyReport", tuple[YearSentBack, ...]]:
        """Return what was entered with a reason; what was confirmed before goes on to count.

        Raises:
            NotAllowed: yearly-report-not-entered.
        """
        YEARLY_REPORT.admit("send back", self.status)
        version = self.version + 1
        back = replace(self, version=version, entered=None, entered_by=None, confirm_due=None, sent_back=reason)
        return back, (
            YearSentBack(
                aggregate=self.id, version=version, organisation=self.organisation, year=self.year, reason=reason
            ),
        )


def empty_year(organisation: str, year: int) -> YearlyReport:
    """Begin the report of a year."""
    identifier = derived_id("yearly-report", organisation, year)
    return YearlyReport(id=identifier, version=0, organisation=organisation, year=year)
