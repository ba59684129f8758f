"""What providers declare themselves on, as a rule pack says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.errors import Invalid, RuleReference
from shared.rules.pack import RulePack

CRITERIA = "declaration.criteria"


class CriterionKind(StrEnum):
    """Whether yes goes against the provider, or no does."""

    EXCLUSION = "exclusion"
    SELECTION = "selection"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that a provider declares itself on.

    Shape: proof names the types of document of which one proves what was declared; without any nothing is to be proved.
    """

    id: str
    kind: CriterionKind
    question: str
    proof: tuple[str, ...]
    reference: RuleReference

    def goes_against(self, *, answer: bool) -> bool:
        """Tell whether an answer speaks against the provider."""
        return answer is (self.kind is CriterionKind.EXCLUSION)


def criteria_of(pack: RulePack) -> Mapping[str, Criterion]:
    """Return what a pack asks providers to declare themselves on, by id."""
    return {
        identifier: Criterion(
            id=identifier,
            kind=CriterionKind(stated["kind"]),
            question=stated["question"],
            proof=tuple(stated.get("proof", ())),
            reference=pack.reference(stated["rule"]),
        )
        for identifier, stated in pack.table(CRITERIA).items()
    }


def check_provable(criteria: tuple[str, ...], document_type: str, packs: Iterable[RulePack]) -> None:
    """Hold the criteria that a document is said to prove to what some of the packs takes as their proof.

    Raises:
        Invalid: criterion-unknown, criterion-not-proved.
    """
    proofs: dict[str, set[str]] = {}
    for criterion in (one for pack in packs for one in criteria_of(pack).values()):
        proofs.setdefault(criterion.id, set()).update(criterion.proof)
    if not proofs.keys() >= set(criteria):
        raise Invalid(
            "criterion-unknown",
            "No rule pack asks for one of the criteria.",
            pointer="/body/criteria",
            satisfied_by=f"Some of: {', '.join(sorted(proofs))}.",
        )
    if any(document_type not in proofs[criterion] for criterion in criteria):
        provable = sorted(criterion for criterion, types in proofs.items() if document_type in types)
        raise Invalid(
            "criterion-not-proved",
            "No rule pack takes a document of this type as proof of one of the criteria.",
            pointer="/body/criteria",
            satisfied_by=f"What it proves: {', '.join(provable) or 'no criterion'}.",
        )
