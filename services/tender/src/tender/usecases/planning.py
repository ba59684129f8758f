"""From the need to the publication; nothing here commits."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from shared.kernel.access import Actor, permit_relation
from shared.kernel.clock import hasten
from shared.kernel.errors import NotAllowed, NotFound, RuleReference, Stale
from shared.kernel.ids import new_id, process_identifier
from shared.kernel.money import Money
from shared.platform.work import Work
from shared.rules.pack import RulePack, pinned_pack
from tender.db import store
from tender.domain.catalogue import Catalogue
from tender.domain.contract_terms import NO_TERMS, ContractTerms
from tender.domain.parts import AwardCriterion, Delivery, Lot, Party
from tender.domain.plan import Plan, make_plan
from tender.domain.policy import POLICY
from tender.domain.tender import Content, Tender, check_content, matches


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What an office says of a need."""

    title: str
    buyer_name: str
    service: str
    estimate: Money
    budget_line: UUID


async def plan_need(work: Work, actor: Actor, new: NewPlan, catalogue: Catalogue, pack: RulePack) -> Plan:
    """Enter a need in the plan, if its service may be outsourced."""
    service = catalogue.admit(new.service, pack)
    plan, events = make_plan(
        identifier=new_id(),
        buyer=Party(actor.organisation, new.buyer_name),
        title=new.title,
        service=service,
        estimate=new.estimate,
        budget_line=new.budget_line,
    )
    await store.add_plan(work.connection, plan)
    await work.record(events)
    return plan


async def draft(
    work: Work, actor: Actor, plan_id: UUID, content: Content, *, pack: RulePack, acceleration: int, prefix: str
) -> Tender:
    """Draft a tender from its plan; the rule pack of this day is pinned."""
    plan = await _plan_of(work, actor, plan_id, pack)
    _accelerates(work, acceleration)
    matches(plan, content, pack)
    check_content(content, pack)
    identifier = new_id()
    tender = Tender(
        id=identifier,
        version=1,
        ocid=process_identifier(prefix, identifier),
        plan=plan.id,
        buyer=plan.buyer,
        service=plan.service,
        budget_line=plan.budget_line,
        content=content,
        pack=pack.id,
        pack_version=pack.version,
        acceleration=acceleration,
        author=actor.person,
    )
    await store.add_tender(work.connection, tender)
    return tender


async def change(work: Work, actor: Actor, tender_id: UUID, content: Content, *, version: int) -> Tender:
    """Rewrite a draft that nobody else has rewritten since it was read."""
    before = await own_tender(work, actor, "tender.change", tender_id)
    if before.version != version:
        raise Stale("stale", "It was changed in the meantime.", satisfied_by="Read it again.")
    pack = pinned_pack(before.pack, before.pack_version)
    matches(await store.plan(work.connection, before.plan), content, pack)
    check_content(content, pack)
    after = before.change(content, by=actor.person)
    await store.save_tender(work.connection, before, after)
    return after


async def request_publication(
    work: Work, actor: Actor, tender_id: UUID, catalogue: Catalogue, *, version: int | None
) -> Tender:
    """Ask, as a second person, for the tender to be published; the budget is asked first."""
    before = await own_tender(work, actor, "tender.publish", tender_id, version=version)
    pack = pinned_pack(before.pack, before.pack_version)
    catalogue.admit(before.service.code, pack)
    plan = await store.plan(work.connection, before.plan)
    after, events = before.request_funding(by=actor.person, at=work.now, pack=pack, plan=plan)
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def publish_funded(work: Work, tender_id: UUID) -> None:
    """Publish a tender whose funds have been reserved."""
    before = await store.tender(work.connection, tender_id, lock=True)
    after, events = before.publish(at=work.now, pack=pinned_pack(before.pack, before.pack_version))
    if events:
        await store.save_tender(work.connection, before, after)
        await work.record(events)


async def return_unfunded(work: Work, tender_id: UUID, code: str, reason: str) -> None:
    """Send a tender back to draft whose funds were refused."""
    before = await store.tender(work.connection, tender_id, lock=True)
    after, events = before.return_to_draft(code, reason)
    if events:
        await store.save_tender(work.connection, before, after)
        await work.record(events)


async def cancel(work: Work, actor: Actor, tender_id: UUID, reason: str, *, version: int | None) -> Tender:
    """End a procedure before a contract."""
    before = await own_tender(work, actor, "tender.cancel", tender_id, version=version)
    after, events = before.cancel(reason)
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def own_tender(work: Work, actor: Actor, action: str, tender_id: UUID, *, version: int | None = None) -> Tender:
    """Lock a tender of the actor's own organisation, at the version the actor has read.

    Raises:
        Forbidden: not-own-organisation.
        Stale: stale.
    """
    tender = await store.tender(work.connection, tender_id, lock=True)
    permit_relation(POLICY, action, actor, tender.buyer.id)
    if version is not None and version != tender.version:
        raise Stale("stale", "It was changed in the meantime.", satisfied_by="Read it again.")
    return tender


def content(
    *,
    title: str,
    description: str,
    value: Money,
    lots: list[tuple[str, str, Money]],
    criteria: list[tuple[str, str, Literal["price", "quality"], Decimal]],
    delivery: tuple[date, date, int],
    terms: ContractTerms = NO_TERMS,
) -> Content:
    """Read what an office wrote."""
    return Content(
        title=title,
        description=description,
        value=value,
        lots=tuple(Lot(*lot) for lot in lots),
        criteria=tuple(AwardCriterion(*criterion) for criterion in criteria),
        delivery=Delivery(*delivery),
        terms=terms,
    )


async def _plan_of(work: Work, actor: Actor, plan_id: UUID, pack: RulePack) -> Plan:
    try:
        plan = await store.plan(work.connection, plan_id)
    except NotFound as error:
        raise NotAllowed(
            "tender-without-plan",
            "A tender carries out a published plan.",
            reference=pack.reference("tender-from-plan"),
            satisfied_by="The id of a plan of your organisation.",
        ) from error
    if plan.buyer.id != actor.organisation:
        raise NotAllowed(
            "tender-without-plan",
            "The plan is another organisation's.",
            reference=pack.reference("tender-from-plan"),
            satisfied_by="The id of a plan of your organisation.",
        )
    return plan


def _accelerates(work: Work, acceleration: int) -> None:
    hasten(work.now, work.now, acceleration)
    if acceleration != 1 and not work.sandbox:
        raise NotAllowed(
            "acceleration-outside-sandbox",
            "Time runs faster in a sandbox only.",
            reference=RuleReference("sandbox-acceleration", "Coxswain sandbox"),
            satisfied_by="An acceleration of 1.",
        )
