"""The pool of experts: labels are public, names are for offices."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from shared.contracts.fields import LongText, OrganisationId, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, etag
from shared.platform.paging import Cursor, Limit, Page, page, read_identifier
from shared.platform.reading import Reading
from tender.api.deps import CurrentPack
from tender.api.schemas import Code, Request, View
from tender.domain.expert import Expert, ExpertStatus
from tender.domain.panel_disclosure import sees_experts
from tender.usecases import experts

router = APIRouter(tags=["panels"], route_class=CommandRoute)


class ExpertBody(Request):
    """Somebody for the pool: the person as tokens name it, and organisations that there is a declared tie to."""

    person: ShortText
    name: ShortText
    organisation: OrganisationId
    specialities: Annotated[list[Code], Field(min_length=1, max_length=40)]
    conflicts: Annotated[list[OrganisationId], Field(max_length=200, default_factory=list)]


class RetirementBody(Request):
    reason: LongText


class ExpertView(View):
    """An expert by label; who it is, is shown to offices alone."""

    id: UUID
    specialities: list[str]
    status: ExpertStatus
    person: str | None
    name: str | None
    organisation: str | None
    conflicts: list[str] | None
    retired_because: str | None
    retired_by: str | None

    @classmethod
    def of(cls, expert: Expert, *, named: bool) -> Self:
        """Show an expert, by name or not."""
        return cls(
            id=expert.id,
            specialities=list(expert.specialities),
            status=expert.status,
            person=expert.person if named else None,
            name=expert.name if named else None,
            organisation=expert.organisation if named else None,
            conflicts=list(expert.conflicts) if named else None,
            retired_because=expert.retired_because if named else None,
            retired_by=expert.retired_by if named else None,
        )


@router.post("/v1/experts", status_code=201)
async def propose_expert(
    work: CurrentWork,
    body: ExpertBody,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("expert.propose")],
) -> ExpertView:
    """Propose somebody for the pool that panels are drawn from."""
    new = experts.NewExpert(
        body.person, body.name, body.organisation, tuple(body.specialities), tuple(dict.fromkeys(body.conflicts))
    )
    return _shown(await experts.propose(work, actor, new, pack), response)


@router.post("/v1/experts/{expert_id}/admission")
async def admit_expert(
    work: CurrentWork,
    expert_id: UUID,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("expert.admit")],
) -> ExpertView:
    """Admit somebody to the pool as a second person."""
    return _shown(await experts.admit(work, actor, expert_id, pack), response)


@router.post("/v1/experts/{expert_id}/retirement")
async def retire_expert(
    work: CurrentWork,
    expert_id: UUID,
    body: RetirementBody,
    response: Response,
    actor: Annotated[Actor, allow("expert.retire")],
) -> ExpertView:
    """Take somebody out of the pool, with a reason, as the office that proposed them; who did so is kept."""
    return _shown(await experts.retire(work, actor, expert_id, body.reason), response)


@router.get("/v1/experts", dependencies=[public()])
async def list_experts(
    connection: Reading,
    actor: Annotated[Actor | None, Depends(known)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ExpertView]:
    """List the pool by label; names are shown to offices alone."""
    found = await experts.listed(connection, read_identifier(cursor), limit + 1)
    named = sees_experts(actor)
    return page((ExpertView.of(expert, named=named) for expert in found), limit)


def _shown(expert: Expert, response: Response) -> ExpertView:
    response.headers["ETag"] = etag(expert.version)
    return ExpertView.of(expert, named=True)
