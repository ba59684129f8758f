"""What a rule says of a case: four verdicts, and a refusal that cannot be overlooked."""

from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.errors import NotAllowed, RuleReference


class Verdict(StrEnum):
    """Name the four outcomes of a rule; UNRESOLVED means that a fact is missing and is never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """Record one rule's outcome.

    Shape: missing names the fields that were not known; it is filled if and only if the verdict is UNRESOLVED.
    """

    verdict: Verdict
    rule: RuleReference
    detail: str
    satisfied_by: str | None = None
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.UNRESOLVED) != bool(self.missing):
            raise ValueError("An unresolved result names the missing facts, and no other result does.")


def require(result: RuleResult, code: str | None = None) -> None:
    """Refuse unless the rule passed or does not apply; code defaults to the rule's id with dashes for dots.

    Raises:
        NotAllowed: code on FAIL; facts-missing on UNRESOLVED.
    """
    if result.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}:
        return
    if result.verdict is Verdict.UNRESOLVED:
        names = ", ".join(result.missing)
        raise NotAllowed(
            "facts-missing",
            f"The rule cannot be decided without: {names}.",
            reference=result.rule,
            satisfied_by=f"A value for: {names}.",
        )
    raise NotAllowed(
        code or result.rule.rule.replace(".", "-"),
        result.detail,
        reference=result.rule,
        satisfied_by=result.satisfied_by,
    )
