"""The life of a plan; nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import NotAllowed, NotFound, RuleReference, expect_version, not_here
from shared.kernel.ids import new_id
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_in_force
from tender.db import plans
from tender.domain.catalogue import Catalogues, Decision, Entry
from tender.domain.parts import Party
from tender.domain.plan import Plan, PlanStatus, Terms, make_plan
from tender.domain.policy import POLICY


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What an office says of a need; pack names the rule pack that its tenders are held to."""

    buyer_name: str
    service: str
    pack: str
    terms: Terms
    keep_as_draft: bool = False


async def plan_need(work: Work, actor: Actor, new: NewPlan, catalogues: Catalogues) -> Plan:
    """Enter a need, if its service may be outsourced; it is public at once unless kept as a draft or to be approved."""
    pack, catalogue = pack_in_force(new.pack, work.now.date()), catalogues.on(work.now.date())
    entry = catalogue.admit(new.service, pack, work.now.date())
    needed = entry.decision is Decision.APPROVE_NEEDED
    plan = make_plan(
        identifier=new_id(),
        buyer=Party(actor.organisation, new.buyer_name),
        service=entry.service,
        terms=new.terms,
        at=work.now,
        pack=pack,
        catalogue=catalogue.version,
        authors=(actor.person,),
        approval_needed=needed,
        due_at=pack.ends_at("plan-approval", work.now) if needed else None,
    )
    if needed or new.keep_as_draft:
        await plans.add(work.connection, plan)
        return plan
    # Made and scheduled in one act, it has one version.
    scheduled, events = replace(plan, version=0).schedule(at=work.now, source=_approval(entry))
    await plans.add(work.connection, scheduled)
    await work.record(events)
    return scheduled


async def approve(work: Work, actor: Actor, plan_id: UUID, catalogues: Catalogues, *, version: int | None) -> Plan:
    """Approve, as a second person, a plan whose service may be outsourced only so."""
    before = await own_plan(work, actor, "plan.approve", plan_id, version=version)
    source = _approval(entry_of(before, catalogues, current_pack(work, before)))
    after = before.approve(by=actor.person, source=source)
    await plans.save(work.connection, before, after)
    return after


async def schedule(work: Work, actor: Actor, plan_id: UUID, catalogues: Catalogues, *, version: int | None) -> Plan:
    """Make the intention public."""
    before = await own_plan(work, actor, "plan.schedule", plan_id, version=version)
    source = _approval(entry_of(before, catalogues, current_pack(work, before)))
    after, events = before.schedule(at=work.now, source=source)
    await plans.save(work.connection, before, after)
    await work.record(events)
    return after


async def change(work: Work, actor: Actor, plan_id: UUID, terms: Terms, reason: str | None, *, version: int) -> Plan:
    """Say something else of a need."""
    before = await own_plan(work, actor, "plan.change", plan_id, version=version)
    taken = await plans.taken(work.connection, plan_id)
    after, events = before.change(
        terms, by=actor.person, at=work.now, reason=reason, taken=taken, pack=current_pack(work, before)
    )
    await plans.save(work.connection, before, after)
    await work.record(events)
    return after


async def complete(work: Work, actor: Actor, plan_id: UUID, *, version: int | None) -> Plan:
    """Close a plan whose tenders are all done."""
    before = await own_plan(work, actor, "plan.complete", plan_id, version=version)
    taken = await plans.taken(work.connection, plan_id)
    unfinished = await plans.unfinished(work.connection, plan_id)
    after, events = before.complete(at=work.now, taken=taken, unfinished=unfinished)
    await plans.save(work.connection, before, after)
    await work.record(events)
    return after


async def cancel(work: Work, actor: Actor, plan_id: UUID, reason: str, *, version: int | None) -> Plan:
    """Give a need up."""
    before = await own_plan(work, actor, "plan.cancel", plan_id, version=version)
    unfinished = await plans.unfinished(work.connection, plan_id)
    after, events = before.cancel(at=work.now, reason=reason, unfinished=unfinished)
    await plans.save(work.connection, before, after)
    await work.record(events)
    return after


async def own_plan(work: Work, actor: Actor, action: str, plan_id: UUID, *, version: int | None) -> Plan:
    """Lock a plan of the actor's own organisation, at the version the actor has read.

    Raises:
        NotFound: not-found, also for a draft of another organisation.
        Forbidden: not-own-organisation.
        Stale: stale.
    """
    plan = _visible(await plans.load(work.connection, plan_id, lock=True), actor)
    permit_relation(POLICY, action, actor, plan.buyer.id)
    expect_version(version, plan.version)
    return plan


async def plan_to_tender(work: Work, actor: Actor, plan_id: UUID, default: RulePack) -> Plan:
    """Lock the plan that a tender of the actor's organisation is to carry out.

    Raises:
        NotAllowed: tender-without-plan, plan-not-scheduled.
    """
    try:
        plan = await plans.load(work.connection, plan_id, lock=True)
    except NotFound as error:
        raise _without_plan("A tender carries out a published plan.", default) from error
    if plan.buyer.id != actor.organisation:
        raise _without_plan("The plan is another organisation's.", current_pack(work, plan))
    if plan.status is not PlanStatus.SCHEDULED:
        raise NotAllowed(
            "plan-not-scheduled",
            f"The plan is {plan.status}.",
            reference=current_pack(work, plan).reference("tender-from-plan"),
            satisfied_by="A plan that is scheduled.",
        )
    return plan


async def show(connection: AsyncConnection, plan_id: UUID, actor: Actor | None) -> Plan:
    """Return a plan; a draft is shown to its own office only."""
    return _visible(await plans.load(connection, plan_id), actor)


async def listed(
    connection: AsyncConnection,
    after: UUID | None,
    limit: int,
    *,
    status: PlanStatus | None,
    buyer: str | None,
    service: str | None,
) -> Sequence[Plan]:
    return await plans.page(connection, after, limit, status=status, buyer=buyer, service=service)


def current_pack(work: Work, plan: Plan) -> RulePack:
    """Return the version of the plan's pack that a tender started now is held to."""
    return pack_in_force(plan.pack, work.now.date())


def entry_of(plan: Plan, catalogues: Catalogues, pack: RulePack) -> Entry:
    """Find the plan's service in the version of the catalogue that the plan was made under.

    Raises:
        NotAllowed: what Catalogue.admit() refuses.
    """
    catalogue = catalogues.version(plan.catalogue) if plan.catalogue is not None else catalogues.versions[-1]
    return catalogue.admit(plan.service.code, pack, plan.made_on or catalogue.effect.first)


def _visible(plan: Plan, actor: Actor | None) -> Plan:
    never_public = plan.scheduled_at is None and plan.status in {PlanStatus.DRAFT, PlanStatus.CANCELLED}
    if never_public and (actor is None or actor.organisation != plan.buyer.id):
        raise not_here()
    return plan


def _approval(entry: Entry) -> RuleReference:
    return RuleReference(f"catalogue.{entry.code}", entry.source)


def _without_plan(detail: str, pack: RulePack) -> NotAllowed:
    return NotAllowed(
        "tender-without-plan",
        detail,
        reference=pack.reference("tender-from-plan"),
        satisfied_by="The id of a plan of your organisation.",
    )
