"""What is known of a tender when its publication is considered; nothing here changes anything."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.rules.pack import pack_of
from tender.db import exceptions, invitations, plans, publicities, store
from tender.domain.case import Case, closing, facts_of
from tender.domain.catalogue import Catalogues, Decision, Entry
from tender.domain.plan import Plan
from tender.domain.policy import POLICY
from tender.domain.preconditions import Precondition, preconditions
from tender.domain.statements import check_statements
from tender.domain.tender import Tender
from tender.usecases.plans import entry_of


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every precondition, and when bidding would close."""

    rules: tuple[Precondition, ...]
    closes_at: datetime | None

    @property
    def ready(self) -> bool:
        """Say whether no rule stands against the publication."""
        return self.closes_at is not None and all(rule.met for rule in self.rules)


async def case_of(connection: AsyncConnection, tender: Tender, plan: Plan, catalogues: Catalogues | None) -> Case:
    """Gather what is known; without catalogues the service is taken for the entry that it was planned as."""
    procurement = tender.content.procurement
    entry = (
        entry_of(plan, catalogues, pack_of(tender))
        if catalogues is not None
        else Entry(tender.service.code, tender.service.title, Decision.ALLOW, "")
    )
    publicity = await publicities.newest(connection, tender.id)
    return Case(
        tender=tender,
        plan=plan,
        entry=entry,
        invitation=await invitations.find(connection, tender.id),
        publicity=publicity if publicity is not None and publicity.content == tender.content else None,
        follows=await store.tender(connection, procurement.follows) if procurement.follows is not None else None,
        exceptions=await exceptions.of_tender(connection, tender.id),
    )


async def evaluate(
    connection: AsyncConnection, actor: Actor, tender_id: UUID, catalogues: Catalogues, now: datetime
) -> Evaluation:
    """Hold a draft to every precondition as if it were published now."""
    tender = await store.tender(connection, tender_id)
    permit_relation(POLICY, "tender.check", actor, tender.buyer.id)
    pack = pack_of(tender)
    check_statements(tender.content, pack)
    case = await case_of(connection, tender, await plans.load(connection, tender.plan), catalogues)
    facts = facts_of(case, pack, now)
    return Evaluation(preconditions(case, facts, pack), closing(case, facts, pack, now))
