"""How a tender is procured: the method, why that one, and what the office states of the case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.facts import Facts, read_facts
from shared.rules.pack import RulePack

OPEN = "open"
SINGLE_SOURCE = "single-source"
FAILED_TENDER = "failed-tender"

WITH_PARTICIPATION = frozenset({"restricted", "competitive-dialogue"})
"""The methods in which providers first ask to take part: the rule books know them, and no procedure here has them."""

METHOD = "procedure.method"
CONVERTED = "procedure.converted_with_approval"
RESERVED = "procedure.reserved_for_smes"

STATED = frozenset(
    {
        "contract.acceptance_plan",
        "contract.stable_for_years",
        "criteria.levels_quantified",
        "criteria.linked_to_subject",
        "criteria.score_qualification",
        "criteria.social_value_weight",
        "criteria.weight_approved",
        "evaluation.method",
        "plan.budget_adjusted",
        "plan.same_category_purchases",
        "plan.same_category_total",
        "procedure.adopted_rules",
        "procedure.central",
        "procedure.documents_complete",
        "procedure.fewer_eligible",
        "procedure.final_tenders",
        "procedure.has_floor_price",
        "procedure.large_social_impact",
        "procedure.method_approved",
        "procedure.open_tender_threshold",
        "procedure.participation_stage",
        "procedure.period_agreed",
        "procedure.planned_notice_published",
        "procedure.planned_notice_relied_on",
        "procedure.prequalifies",
        "procedure.prior_information",
        "procedure.prior_information_sent",
        "procedure.purchase_of_services",
        "procedure.purchaser_kind",
        "procedure.regime",
        RESERVED,
        "procedure.reserved_to_participating",
        "procedure.reserved_to_sheltered",
        "procedure.short_period_ground",
        "procedure.shortlist_required",
        "procedure.social_value_considered",
        "procedure.standard_service",
        "procedure.standstill_exempt",
        "procedure.state_priced",
        "procedure.sub_central",
        "procedure.threshold",
        "procedure.urgent",
        "procedure.years_since_first_contract",
        "qualification.conditions",
        "qualification.excludes_young_organisations",
        "qualification.minimum_turnover",
        "qualification.similar_contracts",
        "security.bid",
    }
)
"""What an office may state of a tender; everything else the platform finds out by itself."""


@dataclass(frozen=True, slots=True)
class Deductions:
    """What the documents announce to take off a price before it is compared; none for the least of the pack.

    Units: percent.
    """

    small_micro: Decimal | None = None
    consortium: Decimal | None = None

    @property
    def announced(self) -> Mapping[str, Decimal]:
        """Return the announced rates by the rule that each of them belongs to."""
        rates = {"policy-deduction.small-micro": self.small_micro, "policy-deduction.consortium": self.consortium}
        return {rule_id: rate for rule_id, rate in rates.items() if rate is not None}


NO_DEDUCTIONS = Deductions()


@dataclass(frozen=True, slots=True)
class Procurement:
    """The method of a tender.

    Shape: closes_at is the deadline that the office asks for, none for the earliest that is allowed; follows is the
    failed tender that this one continues; facts are what the office states, as read_facts() reads them.
    """

    method: str = OPEN
    ground: str | None = None
    rationale: str | None = None
    closes_at: datetime | None = None
    follows: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    deductions: Deductions = NO_DEDUCTIONS

    @property
    def stated(self) -> Facts:
        """Return the stated facts by path.

        Raises:
            Invalid: fact-not-stated-here for a fact that the platform finds out by itself; what read_facts() refuses.
        """
        facts = read_facts(self.facts)
        for path in facts:
            if path not in STATED:
                raise Invalid(
                    "fact-not-stated-here",
                    "This fact is not for the office to state.",
                    pointer=f"/body/procurement/facts/{path.replace('.', '/')}",
                    satisfied_by=f"Facts among: {', '.join(sorted(STATED))}.",
                )
        return facts

    @property
    def reserved(self) -> bool:
        """Say whether it is reserved for small and medium-sized enterprises; who states no reservation makes none."""
        return self.stated.get(RESERVED) is True

    @property
    def converted_with_approval(self) -> bool:
        """Say whether a failed tender goes on by another method, with approval."""
        return self.follows is not None and self.stated.get("procedure.method_approved") is True

    @property
    def counted_by(self) -> Facts:
        """Return what rules on the number of bids ask of a procurement; who states no reservation makes none."""
        return {
            RESERVED: False,
            **self.stated,
            METHOD: self.method,
            CONVERTED: self.converted_with_approval,
        }

    def check(self) -> None:
        """Hold what an office wrote to the form, whatever the pack.

        Raises:
            Invalid: what `stated` refuses; closes-at-without-offset.
        """
        if self.closes_at is not None and self.closes_at.utcoffset() is None:
            raise Invalid("closes-at-without-offset", "An instant carries its offset from UTC.")
        dict(self.stated)


def check_method(method: str, pack: RulePack) -> None:
    """Hold a method to the one stage in which everybody bids at once.

    Raises:
        NotAllowed: stage-not-provided.
    """
    if method in WITH_PARTICIPATION:
        raise stage_not_provided(pack, "participation-period", "another method")


def stage_not_provided(pack: RulePack, rule: str, instead: str) -> NotAllowed:
    """Refuse a stage before the bids, by the pack's rule on it, or by its list of methods where it knows no such stage.

    A pack has either, or it admits any procedure.
    """
    known = next((name for name in (rule, "participation-period", "method.permitted") if name in pack.rules), None)
    return NotAllowed(
        "stage-not-provided",
        "Procedures here have no stage in which providers first ask to take part.",
        reference=pack.reference(known) if known is not None else None,
        satisfied_by=f"A procedure in which everybody bids at once: {instead}.",
    )


def admits_all(method: str) -> bool:
    """Say whether any organisation may bid under a method, whoever is invited or asked."""
    return method in {"open", "framework-closed", "framework-open"}


def may_bid(method: str, organisation: str, *, invitees: tuple[str, ...] | None, supplier: str | None) -> bool:
    """Say whether an organisation may bid under a method.

    Shape: invitees are none where nobody was drawn; supplier is the one that is asked alone.
    """
    match method:
        case _ if admits_all(method):
            return True
        case "single-source":
            return organisation == supplier
        case "invited":
            return organisation in (invitees or ())
        case _:
            return invitees is None or organisation in invitees
