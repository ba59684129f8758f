"""Lists that providers are held against, and what is found."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from provider_registry.api.deps import CurrentPack
from provider_registry.domain.match import Match, MatchStatus, ScreeningList
from provider_registry.domain.screening import Entry, Part
from provider_registry.usecases import screening
from shared.contracts.fields import Day, Instant, LongText, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, etag
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.reading import Reading

router = APIRouter(tags=["screening"], route_class=CommandRoute)

LARGER_BODIES = {"/screening-lists": 32_000_000}


class ListBody(BaseModel):
    """An edition of a list: `content` is the file as it was published, a CSV with a heading or a JSON array."""

    model_config = ConfigDict(extra="forbid")

    publisher: ShortText
    title: ShortText
    day: Day
    format: Literal["csv", "json"]
    content: Annotated[str, Field(max_length=30_000_000)]


class ReasonBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: LongText


class ListView(BaseModel):
    """An edition of a list; `finished` says whether every provider was held against it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    publisher: str
    title: str
    day: date
    digest: str
    entries: int
    finished: bool


class MatchView(BaseModel):
    """A match: `part` says what of the provider is like the entry, and `similarity` how much, 0 to 100."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organisation: str
    publisher: str
    title: str
    entry: str
    part: Part
    similarity: int
    status: MatchStatus
    found_at: Instant
    review_due: Instant | None
    reason: str | None
    case: UUID | None


class MatchDetail(MatchView):
    """A match with the names of the entry as the list has them now; none where it has the entry no more."""

    entry_names: list[str]
    country: str | None


@router.post("/v1/screening-lists", status_code=201)
async def enter_list(
    work: CurrentWork,
    body: ListBody,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("screening.enter-list")],
) -> ListView:
    """Enter an edition of a list in the place of the one before; every provider is held against it."""
    entered = await screening.enter(
        work,
        actor,
        publisher=body.publisher,
        title=body.title,
        day=body.day,
        form=body.format,
        content=body.content,
        pack=pack,
    )
    response.headers["Location"] = "v1/screening-lists"
    return _list(entered)


@router.get("/v1/screening-lists", dependencies=[public()])
async def list_lists(connection: Reading) -> list[ListView]:
    """List the lists that providers are held against."""
    return [_list(one) for one in await screening.editions(connection)]


@router.get("/v1/matches")
async def list_matches(
    connection: Reading,
    _: Annotated[Actor, allow("screening.read")],
    after: AfterId,
    limit: Limit = 50,
    status: MatchStatus | None = None,
) -> Page[MatchView]:
    """List matches; they are shown to who reviews them, and to auditors."""
    found = await screening.matches(connection, after, limit + 1, status)
    return page((MatchView.model_validate(one) for one in found), limit)


@router.get("/v1/matches/{match}")
async def show_match(
    connection: Reading, match: UUID, response: Response, _: Annotated[Actor, allow("screening.read")]
) -> MatchDetail:
    """Show a match beside what the list says."""
    return _shown(*await screening.match(connection, match), response)


@router.post("/v1/matches/{match}/rejection")
async def reject_match(
    work: CurrentWork,
    match: UUID,
    body: ReasonBody,
    actor: Annotated[Actor, allow("screening.review")],
) -> MatchView:
    """Find that the entry means somebody else; it is open again only when either side says something new."""
    return MatchView.model_validate(await screening.reject(work, actor, match, body.reason))


@router.post("/v1/matches/{match}/proposal")
async def propose_match(
    work: CurrentWork,
    match: UUID,
    body: ReasonBody,
    actor: Annotated[Actor, allow("screening.review")],
) -> MatchView:
    """Find, as the first person, that the entry means the provider."""
    return MatchView.model_validate(await screening.propose(work, actor, match, body.reason))


@router.post("/v1/matches/{match}/confirmation")
async def confirm_match(
    work: CurrentWork, match: UUID, pack: CurrentPack, actor: Annotated[Actor, allow("screening.review")]
) -> MatchView:
    """Confirm it as a second person; the provider is told of a suspension case."""
    return MatchView.model_validate(await screening.confirm(work, actor, match, pack))


def _list(one: ScreeningList) -> ListView:
    return ListView.model_validate(one)


def _shown(match: Match, entry: Entry | None, response: Response) -> MatchDetail:
    response.headers["ETag"] = etag(match.version)
    listed = {"entry_names": list(entry.names) if entry else [], "country": entry.country if entry else None}
    return MatchDetail(**MatchView.model_validate(match).model_dump(), **listed)
