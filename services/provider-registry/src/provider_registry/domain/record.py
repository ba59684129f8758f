"""What a provider has done, from contracts and graded periods alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from provider_registry.domain.rating import CategoryRating, Observation, day_of
from provider_registry.domain.record_data import Engagement, GradedPeriod, PublishedRating, Reply
from provider_registry.domain.result_events import RatingChanged, RecordUpdated, ReplyGiven
from shared.kernel.errors import NotAllowed, NotFound, RuleReference
from shared.kernel.ids import derived_id
from shared.rules.derivation import half_up

RATED_FROM = 3
"""Below so many graded periods the plain mean of all says nothing, and newcomers would be judged by chance."""


RecordEvents = tuple[RecordUpdated, ...]


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """The contracts and graded periods of a provider; version 0 is the empty record.

    Shape: contracts hold every contract, engagements those of which more than the id was kept.
    """

    id: UUID
    version: int
    organisation: str
    contracts: tuple[UUID, ...] = ()
    periods: tuple[GradedPeriod, ...] = ()
    engagements: tuple[Engagement, ...] = ()
    replies: tuple[Reply, ...] = ()
    ratings: tuple[PublishedRating, ...] = ()

    def sign(self, contract: UUID, engagement: Engagement | None = None) -> tuple["TrackRecord", RecordEvents]:
        """Count a signed contract, once."""
        if contract in self.contracts:
            return self, ()
        engagements = (*self.engagements, engagement) if engagement else self.engagements
        return _updated(replace(self, contracts=(*self.contracts, contract), engagements=engagements))

    def change(self, contract: UUID) -> tuple["TrackRecord", RecordEvents]:
        """Count that a contract was changed."""
        return self._kept(contract, lambda one: replace(one, changes=one.changes + 1))

    def suspend(self, contract: UUID) -> tuple["TrackRecord", RecordEvents]:
        """Count that a contract was suspended."""
        return self._kept(contract, lambda one: replace(one, suspensions=one.suspensions + 1))

    def end(self, contract: UUID, ground: str, at: datetime) -> tuple["TrackRecord", RecordEvents]:
        """Record that a contract ended, and on which ground; the first ending stays."""
        return self._kept(contract, lambda one: one if one.ending else replace(one, ending=ground, ended_at=at))

    def grade(self, period: GradedPeriod) -> tuple["TrackRecord", RecordEvents]:
        """Count a graded period, once; a period graded otherwise replaces its earlier grade."""
        if any(_same_grade(one, period) for one in self.periods):
            return self, ()
        others = tuple(one for one in self.periods if (one.contract, one.period) != (period.contract, period.period))
        return _updated(replace(self, periods=(*others, period)))

    def take_over(self, given_up: "TrackRecord") -> tuple["TrackRecord", RecordEvents]:
        """Count what another entry of the same organisation has done, each contract and each period once."""
        known = {(one.contract, one.period) for one in self.periods}
        contracts = tuple(dict.fromkeys((*self.contracts, *given_up.contracts)))
        periods = (*(one for one in given_up.periods if (one.contract, one.period) not in known), *self.periods)
        engagements = (*(one for one in given_up.engagements if one.contract not in self.contracts), *self.engagements)
        replies = tuple(dict.fromkeys((*given_up.replies, *self.replies)))
        united = replace(self, contracts=contracts, periods=periods, engagements=engagements, replies=replies)
        return (self, ()) if united == self else _updated(united)

    def hand_over(self) -> tuple["TrackRecord", RecordEvents]:
        """Leave all that was done to the entry that is kept; what it was stays known of every instant before."""
        empty = replace(empty_record(self.organisation), version=self.version)
        return (self, ()) if empty == self else _updated(empty)

    def reply(
        self, contract: UUID, period: str, text: str, *, at: datetime, until: datetime, reference: RuleReference
    ) -> tuple["TrackRecord", tuple[ReplyGiven, ...]]:
        """Set the provider's reply beside a grade, once and within its term.

        Raises:
            NotFound: period-unknown.
            NotAllowed: reply-given, or reply-too-late.
        """
        graded = self.graded(contract, period)
        if self.reply_to(graded) is not None:
            raise NotAllowed(
                "reply-given",
                "The grade of this period was replied to.",
                reference=reference,
                satisfied_by="Another grade of the period.",
            )
        if at >= until:
            raise NotAllowed(
                "reply-too-late",
                "The term for a reply to this grade has passed.",
                reference=reference,
                satisfied_by="A reply before the end of the term.",
            )
        version = self.version + 1
        reply = Reply(contract, period, self.graded_at(contract, period), text, at)
        replied = replace(self, version=version, replies=(*self.replies, reply))
        return replied, (
            ReplyGiven(
                aggregate=self.id,
                version=version,
                organisation=self.organisation,
                ocid=graded.ocid,
                contract=contract,
                period=period,
                text=text,
                replied_at=at,
            ),
        )

    def graded(self, contract: UUID, period: str) -> GradedPeriod:
        """Return a graded period.

        Raises:
            NotFound: period-unknown.
        """
        for one in self.periods:
            if (one.contract, one.period) == (contract, period):
                return one
        raise NotFound("period-unknown", "No such period was graded.")

    def graded_at(self, contract: UUID, period: str) -> datetime:
        """Return when a period was graded.

        Raises:
            NotFound: period-unknown, also of one that was graded before anybody kept when.
        """
        instant = self.graded(contract, period).graded_at
        if instant is None:
            raise NotFound("period-unknown", "No such period was graded since instants are kept.")
        return instant

    def reply_to(self, period: GradedPeriod) -> Reply | None:
        """Return the reply to a grade, if there is one."""
        named = (period.contract, period.period, period.graded_at)
        return next((one for one in self.replies if (one.contract, one.period, one.graded_at) == named), None)

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories of service that the provider has had contracts in."""
        return tuple(sorted({one.category for one in self.engagements}))

    def engagement(self, contract: UUID) -> Engagement | None:
        """Return what is known of a contract, if more is than its id."""
        return next((one for one in self.engagements if one.contract == contract), None)

    def observations(self, category: str) -> tuple[Observation, ...]:
        """Return what was graded in a category."""
        contracts = {one.contract for one in self.engagements if one.category == category}
        return tuple(
            Observation(one.contract, one.period, one.score, day_of(one.graded_at) if one.graded_at else None)
            for one in self.periods
            if one.contract in contracts
        )

    def publish(
        self, rating: CategoryRating, pack: str, pack_version: str
    ) -> tuple["TrackRecord", tuple[RatingChanged, ...]]:
        """Publish the rating of a category where it is another than the last."""
        score = None if rating.score is None else half_up(rating.score, 2)
        published = PublishedRating(rating.category, len(rating.counted), score, rating.level)
        if published in self.ratings or not (rating.counted or rating.left_out):
            return self, ()
        others = tuple(one for one in self.ratings if one.category != rating.category)
        version = self.version + 1
        return replace(self, version=version, ratings=(*others, published)), (
            RatingChanged(
                aggregate=self.id,
                version=version,
                organisation=self.organisation,
                category=rating.category,
                observations=len(rating.counted),
                rated=rating.rated,
                score=score,
                level=rating.level,
                rated_on=rating.on,
                pack=pack,
                pack_version=pack_version,
            ),
        )

    @property
    def mean_score(self) -> Decimal | None:
        """The mean of all graded periods, two decimals; None while the provider is not rated."""
        if len(self.periods) < RATED_FROM:
            return None
        mean = sum((period.score for period in self.periods), Decimal(0)) / len(self.periods)
        return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def _kept(self, contract: UUID, change: Callable[[Engagement], Engagement]) -> tuple["TrackRecord", RecordEvents]:
        """Change what is kept of a contract; of one that is not known, or that stays as it was, nothing changes."""
        engagements = tuple(change(one) if one.contract == contract else one for one in self.engagements)
        return (self, ()) if engagements == self.engagements else _updated(replace(self, engagements=engagements))


def empty_record(organisation: str) -> TrackRecord:
    """Begin a record."""
    return TrackRecord(id=derived_id("track-record", organisation), version=0, organisation=organisation)


def _same_grade(known: GradedPeriod, told: GradedPeriod) -> bool:
    # The same grade told once more has another instant.
    return replace(known, graded_at=None) == replace(told, graded_at=None)


def _updated(record: TrackRecord) -> tuple[TrackRecord, RecordEvents]:
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
            ended_early=sum(one.ended_early for one in record.engagements),
        ),
    )
