"""What the rules answer, and how a rule pack is shown."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.rules.pack import PackRule, RulePack, pack_document, pack_versions

Day = date


class _Answer(BaseModel):
    """An answer; what the rules say and the API does not name would be lost without a word."""

    model_config = ConfigDict(extra="forbid")


class PlaceView(_Answer):
    """One bid's place; total is in points or, where the formula makes one amount of price and quality, in money."""

    id: str
    rank: int
    evaluation_price: str
    price_points: str | None
    total: str


class ScoreAnswer(_Answer):
    """The bids from best to worst, and how every figure came about."""

    ranking: list[PlaceView]
    derivation: list[dict[str, str]]
    warnings: list[str]


class FiredTrigger(_Answer):
    """A bid that is below a bound."""

    bid: str
    rule: str
    price: str
    bound: str
    source: str
    mark: str
    verified: bool


class TriggerView(_Answer):
    """One trigger of the pack; share is null where only the panel can tell."""

    rule: str
    title: str
    state: Literal["compared", "not-applicable", "unresolved", "judged"]
    share: str | None
    inequality: str | None
    source: str
    mark: str
    verified: bool
    missing: list[str]


class AbnormallyLowAnswer(_Answer):
    """Which triggers fired, and whom the buyer has to ask; a trigger decides nothing."""

    pack: str
    version: str
    fired: list[FiredTrigger]
    inquiry: list[str]
    triggers: list[TriggerView]
    derivation: list[dict[str, str]]
    warnings: list[str]


class DeadlineAnswer(_Answer):
    """The last day of a period; earliest_next is there where the rule says what may happen from the day after."""

    pack: str
    version: str
    rule: str
    title: str
    source: str
    mark: str
    verified: bool
    date: Day
    earliest_next: Day | None = None
    steps: list[str]


class AmountView(_Answer):
    """An amount of money."""

    amount: str
    currency: str


class ReleaseView(_Answer):
    """What ends a hold; grade or days where it is one of these."""

    when: Literal["next-grade-at-least", "days-after", "decision"]
    grade: str | None
    days: int | None


class HoldView(AmountView):
    """An amount that is withheld, why, and what ends it."""

    reason: Literal["retention-money", "shortcoming"]
    text: str
    release: ReleaseView


class PaymentAnswer(_Answer):
    """What becomes of the amount due: payable, held and deducted add up to it; share is the grade's."""

    pack: str
    version: str
    due: AmountView
    payable: AmountView
    held: AmountView
    deducted: AmountView
    share: str
    holds: list[HoldView]
    derivation: list[dict[str, str]]


class CheckedRule(_Answer):
    """What one rule says of the facts."""

    rule: str
    title: str
    result: Literal["PASS", "FAIL", "NOT_APPLICABLE", "UNRESOLVED"]
    source: str
    mark: str
    verified: bool
    fact: str | None
    found: Any
    bound: Any
    missing: list[str]


class CheckAnswer(_Answer):
    """What every rule says; passed is true if and only if none fails and none is unresolved."""

    pack: str
    version: str
    results: list[CheckedRule]
    passed: bool


class CountingView(BaseModel):
    """How the days of a period are counted; null for source and mark means that they are the rule's."""

    model_config = ConfigDict(from_attributes=True)

    first_day: str
    roll: str
    direction: str
    source: str | None
    mark: str | None


class RuleView(BaseModel):
    """One rule; shown_as is `to be verified` unless its source, and that of its counting, was read.

    aggregation says what a cap is held against, voluntary_for which regimes the rule does not bind, and next_step what
    may happen from the day after a period; what a rule is checked on stands in the document.
    """

    id: str
    title: str
    value: Any
    unit: str | None
    inequality: str | None
    counting: CountingView | None
    aggregation: str | None
    voluntary_for: list[str]
    next_step: str | None
    source: str
    mark: str
    verified: bool
    shown_as: Literal["read", "to be verified"]
    effective_from: Day
    effective_to: Day | None


class AbsenceView(BaseModel):
    """A rule that the pack leaves out of those it is based on, and why."""

    rule: str
    reason: str
    source: str
    mark: str
    shown_as: Literal["read", "to be verified"]


class VersionView(BaseModel):
    """A version of a pack, and the days on which procedures start under it."""

    version: str
    effective_from: Day
    effective_to: Day | None


class PackView(BaseModel):
    """One version of a rule pack: its rules in their order, and the document that they come from."""

    id: str
    version: str
    title: str
    jurisdiction: str
    language: str
    currency: str | None
    effective_from: Day
    effective_to: Day | None
    versions: list[VersionView]
    rules: list[RuleView]
    without: list[AbsenceView]
    document: dict[str, Any]


def pack_view(pack: RulePack) -> PackView:
    """Show a pack."""
    document = pack_document(pack.id, pack.version)
    return PackView(
        id=pack.id,
        version=pack.version,
        title=pack.title,
        jurisdiction=pack.jurisdiction,
        language=pack.language,
        currency=pack.currency,
        effective_from=pack.effective_from,
        effective_to=pack.effective_to,
        versions=[
            VersionView(
                version=entry["version"],
                effective_from=entry["effective"]["from"],
                effective_to=entry["effective"]["to"],
            )
            for entry in pack_versions(pack.id)
        ],
        rules=[_rule_view(rule, document["rules"][rule.id]["value"]) for rule in pack.rules.values()],
        without=[
            AbsenceView(
                rule=rule_id,
                reason=absence.reason,
                source=absence.source,
                mark=absence.mark,
                shown_as=_shown_as(verified=absence.mark == "read"),
            )
            for rule_id, absence in pack.without.items()
        ],
        document=document,
    )


def _rule_view(rule: PackRule, value: Any) -> RuleView:
    return RuleView(
        id=rule.id,
        title=rule.title,
        value=value,
        unit=rule.unit,
        inequality=rule.inequality,
        counting=CountingView.model_validate(rule.counting) if rule.counting else None,
        aggregation=rule.aggregation,
        voluntary_for=list(rule.voluntary_for),
        next_step=rule.next_step,
        source=rule.source,
        mark=rule.mark,
        verified=rule.verified,
        shown_as=_shown_as(verified=rule.verified),
        effective_from=rule.effective_from,
        effective_to=rule.effective_to,
    )


def _shown_as(*, verified: bool) -> Literal["read", "to be verified"]:
    return "read" if verified else "to be verified"
