"""Topic `provider`, continued: what providers have achieved, and what they say of it."""

from datetime import date
from uuid import UUID

from shared.contracts.event import EventData
from shared.contracts.fields import DecimalText, Instant, LongText, Ocid, OrganisationId, ShortText
from shared.contracts.provider import OWNER
from shared.contracts.tender import PinnedPack


class RatingChanged(EventData, type="provider.rating-changed.v1", owner=OWNER, key="provider"):
    """A provider's rating in a category of service became another; with fewer graded periods than needed it has none.

    The score is that of the day given: it changes by itself as graded periods grow old.
    """

    provider: OrganisationId
    category: ShortText
    observations: int
    rated: bool
    score: DecimalText | None
    level: ShortText | None
    rated_on: date
    pack: PinnedPack


class ReplyGiven(EventData, type="provider.reply-given.v1", owner=OWNER, key="provider"):
    """A provider replied to the grade of a period; everybody reads the reply beside the grade."""

    provider: OrganisationId
    ocid: Ocid
    contract: UUID
    period: ShortText
    text: LongText
    replied_at: Instant
