"""Providers held against lists: each new list against all providers, each changed provider against all lists."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import cases, screening
from provider_registry.domain import case as case_steps
from provider_registry.domain import match as steps
from provider_registry.domain.case_parts import Body, CaseKind, Report
from provider_registry.domain.finding import Purpose
from provider_registry.domain.list_files import read_list
from provider_registry.domain.match import Match, MatchStatus, ScreeningList
from provider_registry.domain.provider import Provider
from provider_registry.domain.screened import screened_of
from provider_registry.domain.screening import Entry, ListIndex
from provider_registry.usecases import eligibility
from shared.kernel.access import Actor
from shared.kernel.errors import Forbidden, Invalid, NotAllowed
from shared.kernel.ids import new_id
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_in_force

BATCH = 200
_SOON = timedelta(milliseconds=10)
_MOST_INDEXES = 4
# An edition never changes, so neither does what is made of it.
_indexes: OrderedDict[UUID, ListIndex] = OrderedDict()


async def enter(
    work: Work, actor: Actor, *, publisher: str, title: str, day: date, form: str, content: str, pack: RulePack
) -> ScreeningList:
    """Enter an edition of a list; the clock holds all providers against it."""
    if day > pack.calendar.day_of(work.now):
        raise Invalid("day-in-future", "A list is of a day that has come.", pointer="/body/day")
    digest = sha256(content.encode()).hexdigest()
    series = steps.series_id(publisher, title)
    for known in await screening.editions(work.connection):
        if known.series == series and known.digest == digest:
            raise NotAllowed("list-known", "This edition is entered.")
        if known.series == series and known.day > day:
            raise NotAllowed("list-older", "A later edition is entered.")
    contents = read_list(content, form)
    entered, events = steps.enter_list(
        new_id(),
        publisher=publisher,
        title=title,
        day=day,
        digest=digest,
        entries=len(contents),
        by=actor.person,
    )
    await screening.replace_edition(work.connection, entered, contents, work.now)
    await work.record(events)
    return entered


class ListClock:
    """Holds a batch of providers against a list at a time."""

    def __init__(self, pack_id: str) -> None:
        self._pack_id = pack_id

    async def __call__(self, work: Work, identifier: UUID) -> None:
        before = await screening.edition(work.connection, identifier)
        batch = await screening.providers_after(work.connection, before.screened_to, BATCH)
        pack = pack_in_force(self._pack_id, work.now.date())
        for provider in batch:
            if await _held_against(work, provider, before, pack):
                await eligibility.refresh(work, provider.organisation)
        finished = len(batch) < BATCH
        reached = batch[-1].organisation if batch else before.screened_to
        after = replace(before, version=before.version + 1, screened_to=reached, finished=finished)
        await screening.save_edition(work.connection, before, after, None if finished else work.now + _SOON)


class ProviderClock:
    """Holds a provider whose names or numbers are new against every list."""

    def __init__(self, pack_id: str) -> None:
        self._pack_id = pack_id

    async def __call__(self, work: Work, identifier: UUID) -> None:
        provider = await screening.provider_to_screen(work.connection, identifier)
        pack = pack_in_force(self._pack_id, work.now.date())
        opened = [
            await _held_against(work, provider, edition, pack) for edition in await screening.editions(work.connection)
        ]
        await screening.screened(work.connection, identifier)
        if any(opened):
            await eligibility.refresh(work, provider.organisation)


async def reject(work: Work, actor: Actor, identifier: UUID, reason: str) -> Match:
    """Remember that an entry means somebody else."""
    before = await _locked(work, actor, identifier)
    after, events = steps.reject(before, by=actor.person, reason=reason)
    await screening.keep_match(work.connection, before, after, work.now)
    await work.record(events)
    await eligibility.refresh(work, after.organisation)
    return after


async def propose(work: Work, actor: Actor, identifier: UUID, reason: str) -> Match:
    """Find as the first person that an entry means the provider."""
    before = await _locked(work, actor, identifier)
    after = steps.propose(before, by=actor.person, reason=reason)
    await screening.keep_match(work.connection, before, after, work.now)
    return after


async def confirm(work: Work, actor: Actor, identifier: UUID, pack: RulePack) -> Match:
    """Confirm as the second person; the provider is told of a suspension case, which another body decides."""
    before = await _locked(work, actor, identifier)
    case = new_id()
    after, events = steps.confirm(before, by=actor.person, case=case, pack=pack)
    edition = next((one for one in await screening.editions(work.connection) if one.series == before.series), None)
    report = Report(
        by=Body(actor.person, actor.organisation),
        at=work.now,
        facts=f"Entry {before.entry} of the list {before.title} of {before.publisher} means the provider.",
        evidence=(edition.digest if edition else before.sameness,),
        event_day=edition.day if edition else before.found_at.date(),
    )
    draft = case_steps.report_case(
        case,
        before.organisation,
        report,
        pack,
        kind=CaseKind.SUSPENSION,
        ground=None,
        scopes=Purpose,
        match=before.id,
    )
    told, told_events = case_steps.notify(draft, pack, at=work.now)
    await cases.add(work.connection, draft, work.now)
    await cases.save(work.connection, draft, told, work.now)
    await screening.keep_match(work.connection, before, after, work.now)
    await work.record([*events, *told_events])
    await eligibility.refresh(work, after.organisation)
    return after


async def match(connection: AsyncConnection, identifier: UUID) -> tuple[Match, Entry | None]:
    """Return a match with what the list says now."""
    found = await screening.match(connection, identifier)
    return found, await screening.entry(connection, found.series, found.entry)


async def matches(
    connection: AsyncConnection, after: UUID | None, limit: int, status: MatchStatus | None
) -> Sequence[Match]:
    return await screening.page_of_matches(connection, after, limit, status)


async def editions(connection: AsyncConnection) -> Sequence[ScreeningList]:
    return await screening.editions(connection)


async def _held_against(work: Work, provider: Provider, edition: ScreeningList, pack: RulePack) -> bool:
    index = await _index(work.connection, edition.id)
    screened, opened = screened_of(provider), False
    for hit in index.screen(screened, int(pack.number("screening.similarity"))):
        identifier = steps.match_id(edition.series, hit.entry.id, provider.organisation)
        before = await screening.find_match(work.connection, identifier)
        due = pack.ends_at("screening.review", work.now)
        change = steps.found(before, edition, hit, screened, provider.organisation, at=work.now, due=due)
        if change is not None:
            after, events = change
            await screening.keep_match(work.connection, before, after, work.now)
            await work.record(events)
            opened = True
    return opened


async def _index(connection: AsyncConnection, edition: UUID) -> ListIndex:
    if edition not in _indexes:
        contents = await screening.entries_of(connection, edition)
        _indexes[edition] = await asyncio.to_thread(ListIndex, contents)
        while len(_indexes) > _MOST_INDEXES:
            _indexes.popitem(last=False)
    return _indexes[edition]


async def _locked(work: Work, actor: Actor, identifier: UUID) -> Match:
    found = await screening.match(work.connection, identifier, lock=True)
    if actor.organisation == found.organisation:
        raise Forbidden("own-case", "Nobody reviews a match of the own organisation.")
    return found
