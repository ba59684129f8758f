"""From the draft to the publication; nothing here commits."""

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from shared.kernel.access import Actor, permit_relation
from shared.kernel.clock import hasten
from shared.kernel.errors import Invalid, NotAllowed, NotFound, RuleReference, expect_version
from shared.kernel.ids import new_id, process_identifier
from shared.kernel.money import Money
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of
from shared.rules.payment_formula import PaymentFormula
from tender.db import plans, store
from tender.domain.case import closing, facts_of
from tender.domain.catalogue import Catalogues
from tender.domain.contract_terms import NO_TERMS, ContractTerms
from tender.domain.framework_award import check_terms
from tender.domain.parts import AwardCriterion, Delivery, FrameworkTerms, Lot, Status
from tender.domain.plan import PLANNED, Plan, follow_method
from tender.domain.plan_events import BudgetShare
from tender.domain.policy import POLICY
from tender.domain.preconditions import require_met
from tender.domain.procurement import Procurement
from tender.domain.statements import check_statements
from tender.domain.tender import Content, Tender, check_content
from tender.usecases import notices, preconditions
from tender.usecases import plans as plans_usecase


async def draft(
    work: Work,
    actor: Actor,
    plan_id: UUID,
    content: Content,
    *,
    budget_line: UUID | None,
    pack: RulePack,
    acceleration: int,
    prefix: str,
) -> Tender:
    """Draft a tender from its plan; the version of the plan's rule pack that is in force on this day is pinned."""
    plan = await plans_usecase.plan_to_tender(work, actor, plan_id, pack)
    pack = plans_usecase.current_pack(work, plan)
    _accelerates(work, acceleration)
    identifier = new_id()
    tender = Tender(
        id=identifier,
        version=1,
        ocid=process_identifier(prefix, identifier),
        plan=plan.id,
        buyer=plan.buyer,
        service=plan.service,
        budget_line=_line_of(plan, budget_line, pack),
        content=content,
        pack=pack.id,
        pack_version=pack.version,
        acceleration=acceleration,
        authors=tuple(dict.fromkeys((*plan.authors, actor.person))),
    )
    await _check_draft(work, plan, tender, pack)
    await store.add_tender(work.connection, tender)
    return tender


async def change(work: Work, actor: Actor, tender_id: UUID, content: Content, *, version: int) -> Tender:
    """Rewrite a draft that nobody else has rewritten since it was read."""
    before = await own_tender(work, actor, "tender.change", tender_id)
    expect_version(version, before.version)
    after = before.change(content, by=actor.person)
    plan = await plans.load(work.connection, before.plan, lock=True)
    await _check_draft(work, plan, after, pack_of(before))
    await store.save_tender(work.connection, before, after)
    return after


async def request_publication(
    work: Work, actor: Actor, tender_id: UUID, catalogues: Catalogues, *, version: int | None
) -> Tender:
    """Ask, as a second person, for the tender to be published, once every precondition is met; the budget is asked."""
    before = await own_tender(work, actor, "tender.publish", tender_id, version=version)
    pack = pack_of(before)
    plan = await plans.load(work.connection, before.plan, lock=True)
    after, events = before.request_funding(by=actor.person, at=work.now, pack=pack)
    await _hold_to_plan(work, plan, before, pack)
    require_met(await preconditions.case_of(work.connection, before, plan, catalogues), pack, work.now)
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def publish_funded(work: Work, tender_id: UUID) -> None:
    """Publish a tender whose funds have been reserved."""
    before = await store.tender(work.connection, tender_id, lock=True)
    pack = pack_of(before)
    plan = await plans.load(work.connection, before.plan)
    case = await preconditions.case_of(work.connection, before, plan, None)
    closes_at = closing(case, facts_of(case, pack, work.now), pack, work.now)
    after, events = before.publish(at=work.now, pack=pack, closes_at=closes_at)
    if events:
        await store.save_tender(work.connection, before, after)
        await work.record(events)
        await notices.tell_invitees(work, after)


async def return_unfunded(work: Work, tender_id: UUID, code: str, reason: str) -> None:
    """Send a tender back to draft whose funds were refused."""
    before = await store.tender(work.connection, tender_id, lock=True)
    after, events = before.return_to_draft(code, reason)
    if events:
        await store.save_tender(work.connection, before, after)
        await work.record(events)


async def own_tender(work: Work, actor: Actor, action: str, tender_id: UUID, *, version: int | None = None) -> Tender:
    """Lock a tender of the actor's own organisation, at the version the actor has read.

    Raises:
        Forbidden: not-own-organisation.
        Stale: stale.
    """
    tender = await store.tender(work.connection, tender_id, lock=True)
    permit_relation(POLICY, action, actor, tender.buyer.id)
    expect_version(version, tender.version)
    return tender


def content(
    *,
    title: str,
    description: str,
    value: Money,
    lots: list[tuple[str, str, Money]],
    criteria: list[tuple[str, str, Literal["price", "quality"], Decimal]],
    delivery: tuple[date, date, int],
    procurement: Procurement,
    framework: FrameworkTerms | None = None,
    terms: ContractTerms = NO_TERMS,
    payment_terms: PaymentFormula | None = None,
) -> Content:
    """Read what an office wrote."""
    return Content(
        title=title,
        description=description,
        value=value,
        lots=tuple(Lot(*lot) for lot in lots),
        criteria=tuple(AwardCriterion(*criterion) for criterion in criteria),
        delivery=Delivery(*delivery),
        framework=framework,
        procurement=procurement,
        terms=terms,
        payment_terms=payment_terms,
    )


async def _check_draft(work: Work, plan: Plan, tender: Tender, pack: RulePack) -> None:
    """Hold a draft to the form and to its plan."""
    tender.content.procurement.check()
    # From the others an exception may be granted; the publication asks for it.
    check_content(tender.content, pack, exceptable=False)
    await _hold_to_plan(work, plan, tender, pack)


async def _hold_to_plan(work: Work, plan: Plan, tender: Tender, pack: RulePack) -> None:
    """Hold a draft to its plan, together with the plan's other tenders, and to what it goes on with or leads to."""
    follow_method(plan, tender.content.procurement, pack)
    others = await plans.taken(work.connection, plan.id, but=tender.id)
    plan.hold([*others, BudgetShare(tender.budget_line, tender.content.value)], pack)
    check_terms(tender.content.procurement.method, tender.content.framework, pack)
    check_statements(tender.content, pack)
    if tender.content.procurement.follows is not None:
        await _check_followed(work, tender, tender.content.procurement.follows)


async def _check_followed(work: Work, tender: Tender, followed: UUID) -> None:
    try:
        failed = await store.tender(work.connection, followed)
    except NotFound as error:
        raise _no_failed_tender() from error
    if failed.status is not Status.UNSUCCESSFUL or failed.buyer.id != tender.buyer.id or failed.plan != tender.plan:
        raise _no_failed_tender()


def _no_failed_tender() -> NotAllowed:
    return NotAllowed(
        "followed-tender-not-unsuccessful",
        "A tender follows a failed one of the same plan.",
        satisfied_by="The id of an unsuccessful tender of the plan.",
    )


def _line_of(plan: Plan, asked: UUID | None, pack: RulePack) -> UUID:
    lines = [share.line for share in plan.shares]
    if asked is None and len(lines) == 1:
        return lines[0]
    if asked not in lines:
        raise Invalid(
            "budget-line-not-of-plan",
            "A tender is paid from one budget line of its plan.",
            pointer="/body/budget_line",
            reference=pack.reference(PLANNED),
            satisfied_by="A line of the plan's breakdown.",
        )
    return asked


def _accelerates(work: Work, acceleration: int) -> None:
    hasten(work.now, work.now, acceleration)
    if acceleration != 1 and not work.sandbox:
        raise NotAllowed(
            "acceleration-outside-sandbox",
            "Time runs faster in a sandbox only.",
            reference=RuleReference("sandbox-acceleration", "Coxswain sandbox"),
            satisfied_by="An acceleration of 1.",
        )
