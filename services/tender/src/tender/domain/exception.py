"""An exception from a rule that a case does not meet: asked for with evidence, granted by a second person, public."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.checks import Check
from shared.rules.pack import PackRule, RulePack
from shared.rules.result import Verdict
from tender.domain.exception_events import ExceptionGranted
from tender.domain.parts import Party, Status
from tender.domain.tender import Content, Tender


class ExceptionStatus(StrEnum):
    """What became of the request."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"


LIFECYCLE = lifecycle(
    "exception",
    ExceptionStatus.REQUESTED,
    transition("grant", "requested", "granted", "procurement-head"),
    transition("refuse", "requested", "refused", "procurement-head"),
)


@dataclass(frozen=True, slots=True)
class RuleException:
    """A rule that a tender does not meet, why that is right here, and who said so.

    It holds for what the draft said when it was asked for, and for nothing else that is written into it later.
    Shape: evidence are the SHA-256 digests of documents; code is the ground by which exceptions are counted.
    """

    id: UUID
    version: int
    tender: UUID
    ocid: str
    buyer: Party
    rule: str
    source: str
    code: str
    reason: str
    evidence: tuple[str, ...]
    content: Content
    requested_by: str
    requested_at: datetime
    status: ExceptionStatus = ExceptionStatus.REQUESTED
    decided_at: datetime | None = None
    refused_because: str | None = None
    due_at: datetime | None = None

    @property
    def waiting_for(self) -> str | None:
        """Say what it waits for, if it waits."""
        return "the decision by a second person" if self.status is ExceptionStatus.REQUESTED else None

    def covers(self, rule: PackRule, content: Content) -> bool:
        """Say whether it was granted from this rule, for this content."""
        return self.status is ExceptionStatus.GRANTED and self.rule == rule.id and self.content == content

    def grant(self, *, by: str, at: datetime) -> tuple["RuleException", tuple[ExceptionGranted, ...]]:
        """Grant it as a second person; anybody may read that.

        Raises:
            NotAllowed: exception-not-requested.
            Forbidden: second-person-needed.
        """
        status = LIFECYCLE.move("grant", self.status, ExceptionStatus.GRANTED)
        different_persons(self.requested_by, by, "Granting an exception", RuleReference(self.rule, self.source))
        version = self.version + 1
        event = ExceptionGranted(
            aggregate=self.id,
            version=version,
            ocid=self.ocid,
            tender=self.tender,
            buyer=self.buyer,
            rule=self.rule,
            source=self.source,
            code=self.code,
            reason=self.reason,
            evidence=self.evidence,
            granted_at=at,
        )
        return replace(self, version=version, status=status, decided_at=at, due_at=None), (event,)

    def refuse(self, reason: str, *, at: datetime) -> "RuleException":
        """Refuse it; the draft stays as it is, so nobody outside hears of it.

        Raises:
            NotAllowed: exception-not-requested.
        """
        status = LIFECYCLE.move("refuse", self.status, ExceptionStatus.REFUSED)
        return replace(
            self, version=self.version + 1, status=status, decided_at=at, refused_because=reason, due_at=None
        )


@dataclass(frozen=True, slots=True)
class ExceptionRequest:
    """What an office says of an exception."""

    rule: str
    code: str
    reason: str
    evidence: tuple[str, ...]


def request_exception(
    identifier: UUID,
    tender: Tender,
    asked: ExceptionRequest,
    check: Check | None,
    *,
    by: str,
    at: datetime,
    pack: RulePack,
) -> RuleException:
    """Ask for an exception from a rule that the draft does not meet; check is what the rule says of the draft.

    Raises:
        NotAllowed: tender-not-draft, rule-not-exceptable, rule-not-failed.
        Invalid: rule-unknown, evidence-missing.
    """
    tender.expect(Status.DRAFT)
    rule = pack.rule(asked.rule)
    if not rule.exceptable:
        raise NotAllowed(
            "rule-not-exceptable",
            "The rule pack lets nobody grant an exception from this rule.",
            reference=pack.reference(rule.id),
            satisfied_by="A draft that meets the rule.",
        )
    if check is None or check.result.verdict is not Verdict.FAIL:
        raise NotAllowed(
            "rule-not-failed",
            "The draft does not fail this rule.",
            reference=pack.reference(rule.id),
            satisfied_by="A rule whose verdict is fail.",
        )
    if not asked.evidence:
        raise Invalid("evidence-missing", "An exception rests on evidence.", pointer="/body/evidence")
    return RuleException(
        id=identifier,
        version=1,
        tender=tender.id,
        ocid=tender.ocid,
        buyer=tender.buyer,
        rule=rule.id,
        source=rule.source,
        code=asked.code,
        reason=asked.reason,
        evidence=asked.evidence,
        content=tender.content,
        requested_by=by,
        requested_at=at,
        due_at=pack.ends_at("exception-decision", at, tender.acceleration),
    )
