"""What a provider says of itself, criterion by criterion, once for all tenders under a rule pack."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from provider_registry.domain.criteria import CRITERIA, Criterion, criteria_of
from provider_registry.domain.verification_events import ProviderDeclared
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.rules.pack import RulePack

VALIDITY = "declaration.validity"


@dataclass(frozen=True, slots=True)
class CriterionAnswer:
    """Yes or no to one criterion, explained where it goes against the provider."""

    criterion: str
    answer: bool
    explanation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The last declaration of an organisation under one pack; the ones before stay in its history.

    Units: valid_until is the first instant at which it does not count any more.
    """

    id: UUID
    version: int
    organisation: str
    pack: str
    pack_version: str
    answers: tuple[CriterionAnswer, ...]
    declared_by: str
    declared_at: datetime
    valid_until: datetime

    def answer_to(self, criterion: str) -> CriterionAnswer | None:
        """Return what was declared on a criterion, if anything."""
        return next((one for one in self.answers if one.criterion == criterion), None)


def declaration_id(organisation: str, pack: str) -> UUID:
    """Name the declaration of an organisation under a pack: there is one at a time."""
    return derived_id("declaration", organisation, pack)


def declare(
    before: Declaration | None,
    organisation: str,
    answers: tuple[CriterionAnswer, ...],
    *,
    by: str,
    at: datetime,
    pack: RulePack,
) -> tuple[Declaration, tuple[ProviderDeclared, ...]]:
    """Declare on every criterion of a pack; an earlier declaration under it is replaced.

    Raises:
        Invalid: criterion-unknown, criterion-repeated.
        NotAllowed: criterion-unanswered, explanation-missing.
    """
    _check(answers, pack)
    declaration = Declaration(
        id=declaration_id(organisation, pack.id),
        version=before.version + 1 if before else 1,
        organisation=organisation,
        pack=pack.id,
        pack_version=pack.version,
        answers=answers,
        declared_by=by,
        declared_at=at,
        valid_until=pack.ends_at(VALIDITY, at),
    )
    event = ProviderDeclared(
        aggregate=declaration.id,
        version=declaration.version,
        organisation=organisation,
        pack=pack.id,
        pack_version=pack.version,
        declared_at=at,
        valid_until=declaration.valid_until,
    )
    return declaration, (event,)


def _check(answers: tuple[CriterionAnswer, ...], pack: RulePack) -> None:
    criteria, reference = criteria_of(pack), pack.reference(CRITERIA)
    answered = Counter(one.criterion for one in answers)
    if answered.keys() - criteria.keys():
        raise Invalid(
            "criterion-unknown",
            "The rule pack does not ask for one of the criteria.",
            reference=reference,
            pointer="/body/answers",
            satisfied_by=f"One of: {', '.join(criteria)}.",
        )
    if any(times > 1 for times in answered.values()):
        raise Invalid("criterion-repeated", "A criterion is answered twice.", pointer="/body/answers")
    if left_out := [name for name in criteria if name not in answered]:
        raise NotAllowed(
            "criterion-unanswered",
            "A declaration answers every criterion of its rule pack.",
            reference=reference,
            satisfied_by=f"An answer to: {', '.join(left_out)}.",
        )
    for one in answers:
        _check_explained(one, criteria[one.criterion])


def _check_explained(one: CriterionAnswer, criterion: Criterion) -> None:
    if criterion.goes_against(answer=one.answer) and one.explanation is None:
        raise NotAllowed(
            "explanation-missing",
            "An answer that goes against the provider is explained.",
            reference=criterion.reference,
            satisfied_by=f"An explanation of the answer to {criterion.id}.",
        )
