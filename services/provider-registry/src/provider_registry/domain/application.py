"""A provider's application for a capacity programme, from the call to the outcomes of its milestones."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from provider_registry.domain.programme import Programme
from provider_registry.domain.programme_events import (
    ApplicationAssessed,
    ApplicationDecided,
    ApplicationReceived,
    ApplicationWithdrawn,
    MilestoneRecorded,
)
from provider_registry.domain.programme_parts import Milestone
from shared.kernel.access import different_persons
from shared.kernel.errors import Forbidden, Invalid, NotAllowed, NotFound
from shared.kernel.ids import derived_id
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.pack import RulePack


class ApplicationStatus(StrEnum):
    """Where an application stands."""

    RECEIVED = "received"
    ASSESSED = "assessed"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    COMPLETED = "completed"


APPLICATION = lifecycle(
    "application",
    ApplicationStatus.RECEIVED,
    transition(
        "assess", "received assessed", "assessed", "programme-officer", events="provider.application-assessed.v1"
    ),
    transition(
        "decide",
        "assessed",
        "granted declined",
        "another person, a programme-officer",
        rule="second-person.application",
        events="provider.application-decided.v1",
    ),
    transition("withdraw", "received assessed", "withdrawn", "provider", events="provider.application-withdrawn.v1"),
    transition(
        "record outcome",
        "granted",
        "granted completed",
        "programme-officer",
        events="provider.milestone-recorded.v1",
    ),
    events="provider.application-received.v1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What a provider asks of a programme, and what became of it; organisation is the provider."""

    id: UUID
    version: int
    organisation: str
    programme: UUID
    office: str
    status: ApplicationStatus
    text: str
    applied_at: datetime
    decision_due: datetime
    assessed_by: str | None = None
    assessment: str | None = None
    recommended: bool | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reasons: str | None = None
    milestones: tuple[Milestone, ...] = ()

    @property
    def waits(self) -> tuple[str, datetime] | None:
        """What is waited for, and until when."""
        if self.status is ApplicationStatus.RECEIVED:
            return "an assessment", self.decision_due
        if self.status is ApplicationStatus.ASSESSED:
            return "a decision by another person", self.decision_due
        open_days = [one.due for one in self.milestones if one.reached is None]
        if self.status is not ApplicationStatus.GRANTED or not open_days:
            return None
        return "the outcome of a milestone", datetime.combine(min(open_days) + timedelta(days=1), time.min, UTC)

    def assess(self, *, by: str, recommended: bool, text: str) -> tuple["Application", tuple[ApplicationAssessed, ...]]:
        """Assess the application on the criteria of the call; it may be assessed anew until it is decided.

        Raises:
            NotAllowed: application-not-received.
        """
        version = self.version + 1
        assessed = replace(
            self,
            version=version,
            status=APPLICATION.move("assess", self.status, ApplicationStatus.ASSESSED),
            assessed_by=by,
            assessment=text,
            recommended=recommended,
        )
        return assessed, (
            ApplicationAssessed(
                aggregate=self.id, version=version, organisation=self.organisation, programme=self.programme
            ),
        )

    def decide(
        self,
        *,
        by: str,
        granted: bool,
        reasons: str,
        milestones: tuple[Milestone, ...],
        at: datetime,
        pack: RulePack,
    ) -> tuple["Application", tuple[ApplicationDecided, ...]]:
        """Grant the application with milestones, or decline it; whoever assessed it does not decide.

        Raises:
            NotAllowed: application-not-assessed.
            Forbidden: second-person-needed.
            Invalid: milestones-missing, milestones-needless, milestone-repeated, or milestone-due-passed.
        """
        after = ApplicationStatus.GRANTED if granted else ApplicationStatus.DECLINED
        status = APPLICATION.move("decide", self.status, after, pack)
        reference = pack.reference("second-person.application")
        different_persons(self.assessed_by or "", by, "A decision on an application", reference)
        _check_milestones(milestones, granted=granted, today=at.astimezone(UTC).date())
        version = self.version + 1
        decided = replace(
            self,
            version=version,
            status=status,
            decided_by=by,
            decided_at=at,
            reasons=reasons,
            milestones=milestones,
        )
        return decided, (
            ApplicationDecided(
                aggregate=self.id,
                version=version,
                organisation=self.organisation,
                programme=self.programme,
                granted=granted,
                reasons=reasons,
                milestones=milestones,
            ),
        )

    def withdraw(self) -> tuple["Application", tuple[ApplicationWithdrawn, ...]]:
        """Take the application back before it is decided.

        Raises:
            NotAllowed: application-not-received.
        """
        version = self.version + 1
        status = APPLICATION.move("withdraw", self.status, ApplicationStatus.WITHDRAWN)
        return replace(self, version=version, status=status), (
            ApplicationWithdrawn(
                aggregate=self.id, version=version, organisation=self.organisation, programme=self.programme
            ),
        )

    def record_outcome(
        self, code: str, *, reached: bool, outcome: str, at: datetime
    ) -> tuple["Application", tuple[MilestoneRecorded, ...]]:
        """Record whether a milestone was reached, once; with the last of them the application is complete.

        Raises:
            NotAllowed: application-not-granted, or milestone-recorded.
            NotFound: milestone-unknown.
        """
        APPLICATION.admit("record outcome", self.status)
        known = next((one for one in self.milestones if one.code == code), None)
        if known is None:
            raise NotFound("milestone-unknown", "The application has no such milestone.")
        if known.reached is not None:
            raise NotAllowed("milestone-recorded", "The outcome of this milestone was recorded.")
        recorded = replace(known, reached=reached, outcome=outcome, recorded_at=at)
        milestones = tuple(recorded if one is known else one for one in self.milestones)
        left = sum(one.reached is None for one in milestones)
        after = ApplicationStatus.GRANTED if left else ApplicationStatus.COMPLETED
        status = APPLICATION.move("record outcome", self.status, after)
        version = self.version + 1
        return replace(self, version=version, status=status, milestones=milestones), (
            MilestoneRecorded(
                aggregate=self.id,
                version=version,
                organisation=self.organisation,
                programme=self.programme,
                milestone=code,
                reached=reached,
                outcome=outcome,
                left=left,
            ),
        )


def apply(
    programme: Programme, organisation: str, text: str, at: datetime
) -> tuple[Application, tuple[ApplicationReceived, ...]]:
    """Apply for a programme, within its term.

    Raises:
        Forbidden: own-programme.
        NotAllowed: application-early, or application-late.
    """
    if organisation == programme.organisation:
        raise Forbidden("own-programme", "An office does not apply for its own programme.")
    if at < programme.opens_at:
        raise NotAllowed(
            "application-early", "The call has not begun.", satisfied_by="An application within the term of the call."
        )
    if at >= programme.closes_at:
        raise NotAllowed("application-late", "The call is over.", satisfied_by="An application for another call.")
    application = Application(
        id=application_id(programme.id, organisation),
        version=1,
        organisation=organisation,
        programme=programme.id,
        office=programme.organisation,
        status=ApplicationStatus.RECEIVED,
        text=text,
        applied_at=at,
        decision_due=programme.decision_due,
    )
    return application, (
        ApplicationReceived(
            aggregate=application.id,
            version=1,
            organisation=organisation,
            programme=programme.id,
            decision_due=programme.decision_due,
        ),
    )


def application_id(programme: UUID, organisation: str) -> UUID:
    """Name a provider's application for a programme, of which there is one."""
    return derived_id("application", programme, organisation)


def _check_milestones(milestones: tuple[Milestone, ...], *, granted: bool, today: date) -> None:
    if granted and not milestones:
        raise Invalid("milestones-missing", "What is granted has milestones.", pointer="/body/milestones")
    if milestones and not granted:
        raise Invalid("milestones-needless", "What is declined has no milestones.", pointer="/body/milestones")
    if len({one.code for one in milestones}) < len(milestones):
        raise Invalid("milestone-repeated", "A milestone is named once.", pointer="/body/milestones")
    if any(one.due < today for one in milestones):
        raise Invalid("milestone-due-passed", "A milestone is due on a day to come.", pointer="/body/milestones")
