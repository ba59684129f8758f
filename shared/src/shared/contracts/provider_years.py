"""Topic `provider`, continued: the yearly reports of providers, and the indices that are worked out from them."""

from shared.contracts.event import Data
from shared.contracts.fields import Amount, Instant, LongText, ShortText
from shared.contracts.provider import OWNER
from shared.contracts.subject import OfProvider


class IndexValue(Data):
    """An index of independence or health; none of them decides anything by itself."""

    code: ShortText
    value: ShortText | None
    unit: ShortText


class YearEntered(OfProvider, type="provider.year-entered.v1", owner=OWNER):
    """A provider entered the figures of a financial year, or corrected them; an officer is to confirm them."""

    year: int
    confirm_due: Instant


class YearConfirmed(OfProvider, type="provider.year-confirmed.v1", owner=OWNER):
    """An officer of the registry confirmed the figures of a provider's financial year; from now on they count."""

    year: int
    total_income: Amount
    indices: tuple[IndexValue, ...]


class YearSentBack(OfProvider, type="provider.year-sent-back.v1", owner=OWNER):
    """The figures of a provider's financial year were sent back; what was confirmed before goes on to count."""

    year: int
    reason: LongText
