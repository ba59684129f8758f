"""A need, entered in the procurement plan: from its draft until its tenders are done or it is given up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money, total
from shared.rules.pack import RulePack
from tender.domain.catalogue import Service
from tender.domain.parts import Party
from tender.domain.plan_events import BudgetShare, Expected, PlanCancelled, PlanChanged, PlanCompleted, Planned
from tender.domain.procurement import OPEN, Procurement, check_method

PLANNED = "tender-from-plan"


class PlanStatus(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


LIFECYCLE = lifecycle(
    "plan",
    PlanStatus.DRAFT,
    transition("approve", "draft", "draft", "procurement-head"),
    transition("schedule", "draft", "scheduled", "procurement-officer"),
    transition("change", "draft scheduled", "draft scheduled", "procurement-officer"),
    transition("complete", "scheduled", "complete", "procurement-officer"),
    transition("cancel", "draft scheduled", "cancelled", "procurement-head"),
)


@dataclass(frozen=True, slots=True)
class Demand:
    """What was found out about the need before it is bought; what is none is not known.

    Shape: written_by and reviewed_by are organisations that wrote the demand and reviewed it.
    """

    serves_public: bool | None = None
    complex: bool | None = None
    surveyed: bool | None = None
    surveyed_on: date | None = None
    survey_reused: bool | None = None
    respondents: int | None = None
    public_consulted: bool | None = None
    written_by: str | None = None
    reviewed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What an office says of a need, and may change.

    Shape: the breakdown has one share or more that add up to the estimate, each of another budget line; in_house_cost
    is what the service would cost if the office rendered it itself.
    """

    title: str
    estimate: Money
    breakdown: tuple[BudgetShare, ...]
    method: str = OPEN
    expected: Expected | None = None
    demand: Demand | None = None
    in_house_cost: Money | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """What a plan said before a change that was made after it was public."""

    version: int
    changed_at: datetime
    reason: str
    title: str
    estimate: Money
    method: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an office means to buy, from which budget lines, for how much at the most.

    Shape: pack names the rule pack whose version in force pins a tender's start; catalogue is the version of the
    service catalogue that the plan was made under.
    """

    id: UUID
    version: int
    buyer: Party
    title: str
    service: Service
    estimate: Money
    budget_line: UUID
    breakdown: tuple[BudgetShare, ...] = ()
    method: str = OPEN
    expected: Expected | None = None
    demand: Demand | None = None
    in_house_cost: Money | None = None
    status: PlanStatus = PlanStatus.SCHEDULED
    pack: str = "model"
    catalogue: str | None = None
    made_on: date | None = None
    authors: tuple[str, ...] = ()
    approval_needed: bool = False
    approved_by: str | None = None
    scheduled_at: datetime | None = None
    due_at: datetime | None = None
    ended_because: str | None = None
    history: tuple[Revision, ...] = ()

    @property
    def shares(self) -> tuple[BudgetShare, ...]:
        """Return the breakdown; a plan of one line has one share."""
        return self.breakdown or (BudgetShare(self.budget_line, self.estimate),)

    @property
    def approved(self) -> bool:
        """Say whether a second person approved it."""
        return self.approved_by is not None

    @property
    def waiting_for(self) -> str | None:
        """Say what a plan waits for, if it waits for somebody."""
        return "its approval" if self.due_at is not None else None

    def approve(self, *, by: str, source: RuleReference) -> "Plan":
        """Approve, as somebody who wrote none of it, what the catalogue does not let be outsourced without.

        Raises:
            NotAllowed: plan-not-draft, approval-not-needed.
            Forbidden: second-person-needed.
        """
        LIFECYCLE.admit("approve", self.status)
        if not self.approval_needed or self.approved_by is not None:
            raise NotAllowed("approval-not-needed", "The plan waits for no approval.")
        for author in self.authors:
            different_persons(author, by, "Approving a plan", source)
        return replace(self, version=self.version + 1, approved_by=by, due_at=None)

    def schedule(self, *, at: datetime, source: RuleReference) -> tuple["Plan", tuple[Planned, ...]]:
        """Make the intention public; tenders may be drafted from now on.

        Raises:
            NotAllowed: plan-not-draft, plan-not-approved.
        """
        status = LIFECYCLE.move("schedule", self.status, PlanStatus.SCHEDULED)
        if self.approval_needed and self.approved_by is None:
            raise NotAllowed(
                "plan-not-approved",
                "The service may be outsourced only with an approval.",
                reference=source,
                satisfied_by="The approval of the plan by a second person.",
            )
        scheduled = replace(self, version=self.version + 1, status=status, scheduled_at=at, due_at=None)
        return scheduled, (scheduled.planned(),)

    def planned(self) -> Planned:
        """Tell what the plan says."""
        return Planned(
            aggregate=self.id,
            version=self.version,
            title=self.title,
            buyer=self.buyer,
            service=self.service,
            estimate=self.estimate,
            budget_line=self.budget_line,
            breakdown=self.shares,
            method=self.method,
            expected=self.expected,
            pack=self.pack,
            catalogue=self.catalogue,
            scheduled_at=self.scheduled_at,
        )

    def change(
        self, terms: Terms, *, by: str, at: datetime, reason: str | None, taken: Sequence[BudgetShare], pack: RulePack
    ) -> tuple["Plan", tuple[PlanChanged, ...]]:
        """Say something else of the need; once the plan is public the change has a reason and stays in its history.

        Raises:
            NotAllowed: plan-not-draft; plan-not-approved, where a public plan would say more than was approved;
                estimate-below-tenders, where tenders take more; what check_terms() refuses.
            Invalid: reason-missing; what check_terms() refuses.
        """
        status = LIFECYCLE.move("change", self.status, self.status)
        check_terms(terms, pack)
        if status is PlanStatus.SCHEDULED and self.approval_needed:
            self._stay_within_approval(terms, pack)
        version = self.version + 1
        changed = replace(
            self,
            version=version,
            title=terms.title,
            estimate=terms.estimate,
            budget_line=terms.breakdown[0].line,
            breakdown=terms.breakdown,
            method=terms.method,
            expected=terms.expected,
            demand=terms.demand,
            in_house_cost=terms.in_house_cost,
            authors=tuple(dict.fromkeys((*self.authors, by))),
        )
        changed.hold(taken, pack, code="estimate-below-tenders")
        if status is PlanStatus.DRAFT:
            # What was approved is not what the plan says now.
            due_at = pack.ends_at("plan-approval", at) if self.approval_needed else None
            return replace(changed, approved_by=None, due_at=due_at), ()
        if reason is None:
            raise Invalid("reason-missing", "A change of a public plan has a reason.", pointer="/body/reason")
        revision = Revision(self.version, at, reason, self.title, self.estimate, self.method)
        event = PlanChanged(
            aggregate=self.id,
            version=version,
            title=terms.title,
            estimate=terms.estimate,
            breakdown=terms.breakdown,
            method=terms.method,
            expected=terms.expected,
            reason=reason,
            changed_at=at,
        )
        return replace(changed, history=(*self.history, revision)), (event,)

    def _stay_within_approval(self, terms: Terms, pack: RulePack) -> None:
        within = terms.estimate.currency == self.estimate.currency and terms.estimate <= self.estimate
        if terms.method != self.method or not within:
            raise NotAllowed(
                "plan-not-approved",
                "Another method, or a higher estimate, was not approved.",
                reference=pack.reference("plan-approval"),
                satisfied_by=f"The method {self.method} and an estimate that is no higher, or another plan.",
            )

    def complete(
        self, *, at: datetime, taken: Sequence[BudgetShare], unfinished: int
    ) -> tuple["Plan", tuple[PlanCompleted, ...]]:
        """Close a plan whose tenders are all done.

        Raises:
            NotAllowed: plan-not-scheduled, plan-has-open-tenders.
        """
        status = LIFECYCLE.move("complete", self.status, PlanStatus.COMPLETE)
        _nothing_open(unfinished)
        version = self.version + 1
        tendered = total([share.amount for share in taken], self.estimate.currency)
        event = PlanCompleted(aggregate=self.id, version=version, completed_at=at, tendered=tendered)
        return replace(self, version=version, status=status), (event,)

    def cancel(self, *, at: datetime, reason: str, unfinished: int) -> tuple["Plan", tuple[PlanCancelled, ...]]:
        """Give a need up; of a draft nobody outside has heard, so nothing is told.

        Raises:
            NotAllowed: plan-not-draft, plan-has-open-tenders.
        """
        status = LIFECYCLE.move("cancel", self.status, PlanStatus.CANCELLED)
        _nothing_open(unfinished)
        version = self.version + 1
        cancelled = replace(self, version=version, status=status, ended_because=reason, due_at=None)
        event = PlanCancelled(aggregate=self.id, version=version, cancelled_at=at, reason=reason)
        return cancelled, (event,) if self.status is PlanStatus.SCHEDULED else ()

    def hold(self, taken: Sequence[BudgetShare], pack: RulePack, *, code: str = "tender-above-plan") -> None:
        """Hold what all tenders take, together and from each budget line, to the plan.

        Raises:
            NotAllowed: by the code given.
        """
        if not pack.flag(PLANNED):
            return
        planned = {share.line: share.amount for share in self.shares}
        for line in {share.line for share in taken}:
            amounts = [share.amount for share in taken if share.line == line]
            fits = line in planned and all(amount.currency == planned[line].currency for amount in amounts)
            if not fits or total(amounts, planned[line].currency) > planned[line]:
                raise NotAllowed(
                    code,
                    "All tenders of the plan together are above what was planned.",
                    reference=pack.reference(PLANNED),
                    satisfied_by="Values that together stay within the plan's estimate, in its currency.",
                )


def follow_method(plan: Plan, procurement: Procurement, pack: RulePack) -> None:
    """Hold a tender to the method of its plan, or to a reason for another.

    Raises:
        NotAllowed: method-not-as-planned.
    """
    if procurement.method != plan.method and procurement.rationale is None:
        raise NotAllowed(
            "method-not-as-planned",
            "The plan says another method.",
            reference=pack.reference(PLANNED),
            satisfied_by=f"The method {plan.method}, or a rationale for another.",
        )


def make_plan(
    *, identifier: UUID, buyer: Party, service: Service, terms: Terms, at: datetime, pack: RulePack, **of: Any
) -> Plan:
    """Enter a need as a draft; of says what else the plan starts with.

    Raises:
        Invalid, NotAllowed: what check_terms() refuses.
    """
    check_terms(terms, pack)
    return Plan(
        id=identifier,
        version=1,
        buyer=buyer,
        title=terms.title,
        service=service,
        estimate=terms.estimate,
        budget_line=terms.breakdown[0].line,
        breakdown=terms.breakdown,
        method=terms.method,
        expected=terms.expected,
        demand=terms.demand,
        in_house_cost=terms.in_house_cost,
        status=PlanStatus.DRAFT,
        pack=pack.id,
        made_on=at.date(),
        **of,
    )


def check_terms(terms: Terms, pack: RulePack) -> None:
    """Hold what an office says of a need to the form, and its currency to the pack's.

    Raises:
        Invalid: estimate-not-positive, breakdown-missing, breakdown-differs-from-estimate, budget-line-repeated,
            expected-dates-reversed.
        NotAllowed: currency-differs-from-pack, demand-reviewed-by-its-author, stage-not-provided.
    """
    if terms.estimate.minor <= 0:
        raise Invalid("estimate-not-positive", "An estimate is above zero.")
    if pack.currency is not None and terms.estimate.currency != pack.currency:
        raise NotAllowed(
            "currency-differs-from-pack",
            "The rule pack's amounts are in another currency.",
            reference=RuleReference("currency", pack.title),
            satisfied_by=f"An estimate in {pack.currency}.",
        )
    check_method(terms.method, pack)
    _check_breakdown(terms)
    expected = terms.expected or Expected()
    days = [day for day in (expected.tender, expected.start, expected.end) if day is not None]
    if days != sorted(days):
        raise Invalid("expected-dates-reversed", "The tender comes before the start, the start before the end.")
    demand = terms.demand
    if demand and demand.reviewed_by is not None and demand.reviewed_by == demand.written_by:
        raise NotAllowed(
            "demand-reviewed-by-its-author",
            "Whoever wrote the demand does not review it.",
            reference=pack.reference("incompatible.demand-author"),
            satisfied_by="A review by another organisation.",
        )


def _check_breakdown(terms: Terms) -> None:
    if not terms.breakdown:
        raise Invalid("breakdown-missing", "The estimate is on one budget line or more.")
    if len({share.line for share in terms.breakdown}) < len(terms.breakdown):
        raise Invalid("budget-line-repeated", "A budget line is named once.", pointer="/body/breakdown")
    amounts = [share.amount for share in terms.breakdown]
    same = all(amount.currency == terms.estimate.currency and amount.minor > 0 for amount in amounts)
    if not same or total(amounts, terms.estimate.currency) != terms.estimate:
        raise Invalid(
            "breakdown-differs-from-estimate", "The shares add up to the estimate.", pointer="/body/breakdown"
        )


def _nothing_open(unfinished: int) -> None:
    if unfinished:
        raise NotAllowed(
            "plan-has-open-tenders",
            "Tenders of the plan are not done.",
            satisfied_by="Tenders that are awarded, unsuccessful or cancelled.",
        )
