"""What goes over the wire of track records."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from pydantic import BaseModel

from provider_registry.api.request import Request
from provider_registry.domain import rating
from provider_registry.domain.rating import CategoryRating, Observation
from provider_registry.domain.record import RATED_FROM
from provider_registry.domain.record_data import Engagement, GradedPeriod
from provider_registry.usecases.record_queries import RecordAnswer
from shared.contracts.fields import DecimalText, Instant, LongText, ShortText
from shared.kernel.errors import RuleReference
from shared.rules.derivation import half_up


class ReplyBody(Request):
    contract: UUID
    period: ShortText
    text: LongText


class ReplyView(BaseModel):
    text: str
    replied_at: Instant


class PeriodView(BaseModel):
    """A graded period; what the provider replied to the grade stands beside it."""

    ocid: str
    contract: UUID
    period: str
    score: DecimalText
    grade: str
    graded_at: Instant | None
    category: str | None
    reply: ReplyView | None


class EngagementView(BaseModel):
    """A contract, and what became of it; `ending` is null while it runs."""

    contract: UUID
    ocid: str
    category: str
    buyer: str
    since: Instant
    changes: int
    suspensions: int
    ending: str | None
    ended_at: Instant | None


class WeighedView(BaseModel):
    """A graded period that counts: `weight` is exact, as a fraction."""

    contract: UUID
    period: str
    score: DecimalText
    graded_on: date
    weight: str


class LeftOutView(BaseModel):
    """A graded period that does not count: it is `expired`, `undated`, or `later` than asked for."""

    contract: UUID
    period: str
    score: DecimalText
    graded_on: date | None
    reason: str


class RuleView(BaseModel):
    rule: str
    source: str


class RatingView(BaseModel):
    """A provider in one category of service.

    `score` and `level` are null while it is not rated; `ranking` is then the peers' mean, so that a newcomer is neither
    favoured nor harmed. `formulas` and `steps` let anybody work it out again.
    """

    category: str
    rated: bool
    observations: int
    needed: int
    weight: str
    mean: DecimalText | None
    peer_observations: int
    peer_mean: DecimalText | None
    score: DecimalText | None
    ranking: DecimalText | None
    level: str | None
    counted: list[WeighedView]
    left_out: list[LeftOutView]
    formulas: list[str]
    steps: list[dict[str, str]]
    rules: list[RuleView]


class PackView(BaseModel):
    id: str
    version: str


class RecordView(BaseModel):
    """A track record at an instant; `mean_score` is null while there are fewer graded periods than `rated_from`."""

    organisation: str
    at: Instant
    pack: PackView
    contracts: int
    engagements: list[EngagementView]
    periods: list[PeriodView]
    mean_score: DecimalText | None
    rated_from: int
    categories: list[RatingView]


def record_view(answer: RecordAnswer) -> RecordView:
    record = answer.record
    return RecordView(
        organisation=record.organisation,
        at=answer.at,
        pack=PackView(id=answer.pack.id, version=answer.pack.version),
        contracts=len(record.contracts),
        engagements=[_engagement(one) for one in record.engagements],
        periods=[_period(answer, period) for period in record.periods],
        mean_score=record.mean_score,
        rated_from=RATED_FROM,
        categories=[_rating(answer, one) for one in answer.ratings],
    )


def _engagement(engagement: Engagement) -> EngagementView:
    shown = {name: getattr(engagement, name) for name in EngagementView.model_fields}
    return EngagementView(**shown)


def _period(answer: RecordAnswer, period: GradedPeriod) -> PeriodView:
    reply, engagement = answer.record.reply_to(period), answer.record.engagement(period.contract)
    return PeriodView(
        ocid=period.ocid,
        contract=period.contract,
        period=period.period,
        score=period.score,
        grade=period.grade,
        graded_at=period.graded_at,
        category=engagement.category if engagement else None,
        reply=ReplyView(text=reply.text, replied_at=reply.replied_at) if reply else None,
    )


def _rating(answer: RecordAnswer, rated: CategoryRating) -> RatingView:
    return RatingView(
        category=rated.category,
        rated=rated.rated,
        observations=len(rated.counted),
        needed=answer.terms.minimum,
        weight=str(rated.weight),
        mean=_shown(rated.mean),
        peer_observations=rated.peer_observations,
        peer_mean=_shown(rated.peer_mean),
        score=_shown(rated.score),
        ranking=_shown(rated.ranking),
        level=rated.level,
        counted=[WeighedView(**_named(one.observation), weight=str(one.weight)) for one in rated.counted],
        left_out=[LeftOutView(**_named(one.observation), reason=one.reason) for one in rated.left_out],
        formulas=[rating.WEIGHT, rating.MEAN, rating.SCORE],
        steps=[dict(step) for step in rated.derivation],
        rules=[_rule(one) for one in answer.terms.references.values()],
    )


def _named(one: Observation) -> dict[str, object]:
    return {"contract": one.contract, "period": one.period, "score": one.score, "graded_on": one.graded_on}


def _rule(reference: RuleReference) -> RuleView:
    return RuleView(rule=reference.rule, source=reference.source)


def _shown(value: Fraction | None) -> Decimal | None:
    return None if value is None else half_up(value, 2)
