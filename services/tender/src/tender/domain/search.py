"""What tenders can be searched by."""

from dataclasses import dataclass
from datetime import datetime

from tender.domain.parts import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Say what tenders are looked for; what is None does not matter.

    Units: the values are in the currency's minor unit, both inclusive; closes_from is inclusive, closes_before is not.
    """

    status: Status | None = None
    buyer: str | None = None
    service: str | None = None
    method: str | None = None
    pack: str | None = None
    currency: str | None = None
    value_from: int | None = None
    value_to: int | None = None
    closes_from: datetime | None = None
    closes_before: datetime | None = None
