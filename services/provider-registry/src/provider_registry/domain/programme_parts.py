"""The parts of a capacity programme."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Milestone:
    """What is to be reached by a day, and whether it was; reached is None until somebody has recorded it."""

    code: str
    title: str
    due: date
    reached: bool | None = None
    outcome: str | None = None
    recorded_at: datetime | None = None
