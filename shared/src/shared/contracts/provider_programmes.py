"""Topic `provider`, continued: programmes of offices that help providers grow, and what became of the applications."""

from datetime import date
from uuid import UUID

from shared.contracts.event import Data, EventData
from shared.contracts.fields import Instant, LongText, OrganisationId, ShortText
from shared.contracts.provider import OWNER
from shared.contracts.subject import OfProvider


class ProgrammeMilestone(Data):
    """What is to be reached by a day with what was granted."""

    code: ShortText
    title: ShortText
    due: date


class OfApplication(OfProvider):
    """About a provider's application for a programme."""

    programme: UUID


class ProgrammeOpened(EventData, type="provider.programme-opened.v1", owner=OWNER, key="office"):
    """An office calls for applications of providers that it wants to help grow."""

    office: OrganisationId
    programme: UUID
    title: ShortText
    kind: ShortText
    criteria: tuple[ShortText, ...]
    categories: tuple[ShortText, ...]
    opens_at: Instant
    closes_at: Instant


class ApplicationReceived(OfApplication, type="provider.application-received.v1", owner=OWNER):
    """A provider applied for a programme."""

    decision_due: Instant


class ApplicationAssessed(OfApplication, type="provider.application-assessed.v1", owner=OWNER):
    """A first person assessed an application; another decides."""


class ApplicationDecided(OfApplication, type="provider.application-decided.v1", owner=OWNER):
    """An application was granted or declined."""

    granted: bool
    reasons: LongText
    milestones: tuple[ProgrammeMilestone, ...]


class ApplicationWithdrawn(OfApplication, type="provider.application-withdrawn.v1", owner=OWNER):
    """A provider took its application back."""


class MilestoneRecorded(OfApplication, type="provider.milestone-recorded.v1", owner=OWNER):
    """It was recorded whether a milestone was reached."""

    milestone: ShortText
    reached: bool
    outcome: LongText
    left: int
