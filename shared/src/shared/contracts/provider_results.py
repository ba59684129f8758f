"""Topic `provider`, continued: what providers have achieved, and what they say of it."""

from datetime import date
from uuid import UUID

from shared.contracts.fields import DecimalText, Instant, LongText, Ocid, ShortText
from shared.contracts.provider import OWNER
from shared.contracts.subject import OfProvider
from shared.contracts.tender import PinnedPack


class RatingChanged(OfProvider, type="provider.rating-changed.v1", owner=OWNER):
    """A provider's rating in a category of service became another; with fewer graded periods than needed it has none.

    The score is that of the day given: it changes by itself as graded periods grow old.
    """

    category: ShortText
    observations: int
    rated: bool
    score: DecimalText | None
    level: ShortText | None
    rated_on: date
    pack: PinnedPack


class ReplyGiven(OfProvider, type="provider.reply-given.v1", owner=OWNER):
    """A provider replied to the grade of a period; everybody reads the reply beside the grade."""

    ocid: Ocid
    contract: UUID
    period: ShortText
    text: LongText
    replied_at: Instant
