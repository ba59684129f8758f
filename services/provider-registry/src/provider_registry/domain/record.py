"""What a provider has done, from graded periods alone."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from provider_registry.domain.events import RecordUpdated
from shared.kernel.ids import derived_id

RATED_FROM = 3
"""Below so many graded periods a mean says nothing about a provider, and newcomers would be judged by chance."""


@dataclass(frozen=True, slots=True)
class GradedPeriod:
    """One period of one contract, as it was graded."""

    ocid: str
    contract: UUID
    period: str
    score: Decimal
    grade: str


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """The contracts and graded periods of a provider; version 0 is the empty record."""

    id: UUID
    version: int
    organisation: str
    contracts: tuple[UUID, ...] = ()
    periods: tuple[GradedPeriod, ...] = ()

    def sign(self, contract: UUID) -> tuple["TrackRecord", tuple[RecordUpdated, ...]]:
        """Count a signed contract, once."""
        if contract in self.contracts:
            return self, ()
        return _updated(replace(self, contracts=(*self.contracts, contract)))

    def grade(self, period: GradedPeriod) -> tuple["TrackRecord", tuple[RecordUpdated, ...]]:
        """Count a graded period, once; a period graded otherwise replaces its earlier grade."""
        if period in self.periods:
            return self, ()
        others = tuple(one for one in self.periods if (one.contract, one.period) != (period.contract, period.period))
        return _updated(replace(self, periods=(*others, period)))

    @property
    def mean_score(self) -> Decimal | None:
        """The mean of all graded periods, two decimals; None while the provider is not rated."""
        if len(self.periods) < RATED_FROM:
            return None
        mean = sum((period.score for period in self.periods), Decimal(0)) / len(self.periods)
        return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)


def empty_record(organisation: str) -> TrackRecord:
    """Begin a record."""
    return TrackRecord(id=derived_id("track-record", organisation), version=0, organisation=organisation)


def _updated(record: TrackRecord) -> tuple[TrackRecord, tuple[RecordUpdated, ...]]:
    record = replace(record, version=record.version + 1)
    latest = record.periods[-1] if record.periods else None
    return record, (
        RecordUpdated(
            aggregate=record.id,
            version=record.version,
            organisation=record.organisation,
            contracts=len(record.contracts),
            periods_graded=len(record.periods),
            rated=record.mean_score is not None,
            mean_score=record.mean_score,
            latest_grade=latest.grade if latest else None,
            latest_ocid=latest.ocid if latest else None,
        ),
    )
