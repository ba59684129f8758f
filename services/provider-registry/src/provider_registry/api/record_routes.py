"""Track records: what providers have done, and what they say of it."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from provider_registry.api.deps import CurrentPack, OrganisationPath, PackAsked
from provider_registry.api.instants import At
from provider_registry.api.record_schemas import RecordView, ReplyBody, record_view
from provider_registry.usecases import record_queries, records
from shared.contracts.fields import ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.reading import Reading

router = APIRouter(tags=["records"], route_class=CommandRoute)

Category = Annotated[
    ShortText | None,
    Query(pattern=r"^[^\x00]*$", description="The code of a service; without one, all of the provider's."),
]


@router.get("/v1/providers/{organisation}/record", dependencies=[public()])
async def show_record(
    connection: Reading, organisation: OrganisationPath, at: At, pack: PackAsked, category: Category = None
) -> RecordView:
    """Show what a provider has done, and how it is rated, from contracts and graded periods alone."""
    return record_view(await record_queries.record(connection, organisation, at, pack, category))


@router.post("/v1/providers/{organisation}/record/replies", status_code=201)
async def reply_to_grade(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: ReplyBody,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("record.reply")],
) -> RecordView:
    """Reply to the grade of a period, once; everybody reads the reply beside the grade."""
    await records.reply(
        work, actor, organisation, contract=body.contract, period=body.period, text=body.text, pack=pack
    )
    response.headers["Location"] = f"v1/providers/{organisation}/record"
    return record_view(await record_queries.record(work.connection, organisation, work.now, pack, None))
