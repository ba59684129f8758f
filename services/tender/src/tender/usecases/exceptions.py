"""Exceptions from rules; nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import expect_version
from shared.kernel.ids import new_id
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import exceptions, plans
from tender.domain.case import facts_of
from tender.domain.catalogue import Catalogues
from tender.domain.exception import ExceptionRequest, RuleException, request_exception
from tender.domain.policy import POLICY
from tender.domain.preconditions import preconditions
from tender.usecases import preconditions as preconditions_usecase
from tender.usecases import queries
from tender.usecases.evidence import check_uploaded
from tender.usecases.planning import own_tender


async def request(
    work: Work, actor: Actor, tender_id: UUID, asked: ExceptionRequest, catalogues: Catalogues
) -> RuleException:
    """Ask for an exception from a rule that the draft does not meet."""
    tender = await own_tender(work, actor, "exception.request", tender_id)
    pack = pack_of(tender)
    plan = await plans.load(work.connection, tender.plan)
    case = await preconditions_usecase.case_of(work.connection, tender, plan, catalogues)
    facts = facts_of(case, pack, work.now)
    found = (item.check for item in preconditions(case, facts, pack) if item.check.rule.id == asked.rule)
    exception = request_exception(new_id(), tender, asked, next(found, None), by=actor.person, at=work.now, pack=pack)
    await check_uploaded(work.connection, actor, *exception.evidence)
    await exceptions.add(work.connection, exception)
    return exception


async def grant(work: Work, actor: Actor, exception_id: UUID, *, version: int | None) -> RuleException:
    """Grant an exception as a second person."""
    before = await _own(work, actor, exception_id, version)
    after, events = before.grant(by=actor.person, at=work.now)
    await exceptions.save(work.connection, before, after)
    await work.record(events)
    return after


async def refuse(work: Work, actor: Actor, exception_id: UUID, reason: str, *, version: int | None) -> RuleException:
    """Refuse an exception."""
    before = await _own(work, actor, exception_id, version)
    after = before.refuse(reason, at=work.now)
    await exceptions.save(work.connection, before, after)
    return after


async def listed(connection: AsyncConnection, tender_id: UUID, actor: Actor | None) -> Sequence[RuleException]:
    """Return a tender's exceptions: all of them to its office, those that were granted to anybody."""
    tender = await queries.tender(connection, tender_id, actor)
    own = actor is not None and actor.organisation == tender.buyer.id
    return [item for item in await exceptions.of_tender(connection, tender_id) if own or item.status == "granted"]


async def _own(work: Work, actor: Actor, exception_id: UUID, version: int | None) -> RuleException:
    exception = await exceptions.load(work.connection, exception_id, lock=True)
    permit_relation(POLICY, "exception.decide", actor, exception.buyer.id)
    expect_version(version, exception.version)
    return exception
