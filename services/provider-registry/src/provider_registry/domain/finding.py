"""What speaks for or against a provider at an instant."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.errors import RuleReference
from shared.rules.result import Verdict


class Purpose(StrEnum):
    """Name what a provider may be kept from, each by itself."""

    TENDERS = "tenders"
    ORDERS = "orders"
    PAYMENTS = "payments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Hold one thing that was found of a provider, and the rule that it rests on.

    Shape: evidence names documents by digest and cases by id, never persons; since and until bound the time in which
    it is found, and until is the first instant at which it is not any more; missing names the facts that were not
    known, and is filled if and only if the verdict is UNRESOLVED.
    """

    code: str
    verdict: Verdict
    text: str
    purposes: frozenset[Purpose]
    reference: RuleReference | None = None
    evidence: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.UNRESOLVED) != bool(self.missing):
            raise ValueError("An unresolved finding names the missing facts, and no other finding does.")

    @property
    def excludes(self) -> bool:
        """Whether the provider is kept from the purposes by it; a missing fact is never a pass."""
        return self.verdict in {Verdict.FAIL, Verdict.UNRESOLVED}
