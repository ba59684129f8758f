"""Topic `provider`, continued: the yearly reports of providers, and the indices that are worked out from them."""

from shared.contracts.event import Data, EventData
from shared.contracts.fields import Amount, Instant, LongText, OrganisationId, ShortText
from shared.contracts.provider import OWNER


class IndexValue(Data):
    """An index of independence or health; none of them decides anything by itself."""

    code: ShortText
    value: ShortText | None
    unit: ShortText


class YearEntered(EventData, type="provider.year-entered.v1", owner=OWNER, key="provider"):
    """A provider entered the figures of a financial year, or corrected them; an officer is to confirm them."""

    provider: OrganisationId
    year: int
    confirm_due: Instant


class YearConfirmed(EventData, type="provider.year-confirmed.v1", owner=OWNER, key="provider"):
    """An officer of the registry confirmed the figures of a provider's financial year; from now on they count."""

    provider: OrganisationId
    year: int
    total_income: Amount
    indices: tuple[IndexValue, ...]


class YearSentBack(EventData, type="provider.year-sent-back.v1", owner=OWNER, key="provider"):
    """The figures of a provider's financial year were sent back; what was confirmed before goes on to count."""

    provider: OrganisationId
    year: int
    reason: LongText
