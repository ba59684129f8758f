"""What can be asked of the portal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from portal.db import store, timeline
from portal.domain.amounts import added, amount
from portal.domain.course import Course, course
from portal.domain.entry import Entry
from portal.domain.procedure import Procedure, State, procedure
from portal.domain.provider import Provider
from portal.domain.search import Place, Search
from shared.kernel.errors import NotFound
from shared.kernel.money import Money

_MOST_OF_A_PROVIDER = 200


@dataclass(frozen=True, slots=True)
class Appropriation:
    """What the legislature granted for the budget line that a procedure draws on."""

    code: str
    title: str
    fiscal_year: int
    amount: Money | None


@dataclass(frozen=True, slots=True)
class ProcedureInFull:
    """A procedure with everything that is shown of it."""

    summary: Procedure
    course: Course
    appropriation: Appropriation | None


@dataclass(frozen=True, slots=True)
class ProviderInFull:
    """A provider with the procedures it won."""

    provider: Provider
    procedures: Sequence[Procedure]
    entries: Sequence[Entry]


async def procedures(
    connection: AsyncConnection, search: Search, after: Place | None, limit: int
) -> Sequence[Procedure]:
    return await store.find(connection, search, after, limit)


async def counts(connection: AsyncConnection, search: Search) -> Mapping[State, int]:
    return await store.count(connection, search)


async def procedure_in_full(connection: AsyncConnection, ocid: str) -> ProcedureInFull:
    found = course((await timeline.of_procedures(connection, [ocid])).get(ocid, ()))
    if not found.entries:
        raise NotFound("not-found", "The portal has read no event of such a procedure.")
    drawn_on = found.reserved or found.refused
    line = drawn_on.data["line"] if drawn_on else found.funding.data["budget_line"] if found.funding else None
    appropriation = await _appropriation(connection, line) if line else None
    return ProcedureInFull(procedure(found), found, appropriation)


async def providers(connection: AsyncConnection, after: str | None, limit: int) -> Sequence[Provider]:
    return await store.provider_page(connection, after, limit)


async def provider_in_full(connection: AsyncConnection, organisation: str) -> ProviderInFull:
    found = await store.provider(connection, organisation)
    won = await store.find(connection, Search(supplier=organisation), None, _MOST_OF_A_PROVIDER)
    told = (await timeline.of_providers(connection, [organisation]))[organisation]
    return ProviderInFull(found, won, told)


async def event(connection: AsyncConnection, source: str, event_id: UUID) -> Entry:
    return await timeline.one(connection, source, event_id)


async def _appropriation(connection: AsyncConnection, line: str) -> Appropriation | None:
    entries = await timeline.of_budget_line(connection, line)
    named = [entry.data for entry in entries if "title" in entry.data]
    if not named:
        return None
    granted = added(amount(entry.data["amount"]) for entry in entries)
    return Appropriation(named[-1]["code"], named[-1]["title"], named[-1]["fiscal_year"], granted)
