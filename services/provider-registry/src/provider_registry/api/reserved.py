"""For which reserved contracts a provider may bid."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from provider_registry.api.cases import At
from provider_registry.api.deps import CurrentPack, OrganisationPath
from provider_registry.api.eligibility import FindingView, PackName, finding_view
from provider_registry.api.request import Request
from provider_registry.domain.reserved import Condition, ReservedAward, verdict_of
from provider_registry.usecases import reserved
from shared.contracts.fields import Day, Instant, OrganisationId, Sha256
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.reading import Now, Reading
from shared.rules.result import Verdict

router = APIRouter(tags=["eligibility"], route_class=CommandRoute)

Staff = Annotated[int, Field(ge=0, le=10_000_000)]


class ConditionBody(Request):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    met: bool
    evidence: Sha256 | None = None


class ReservedAwardBody(Request):
    buyer: OrganisationId
    day: Day


class ReservedFactsBody(Request):
    """What a provider declares: `conditions` by the names that rule packs have for them, each with what shows it."""

    conditions: Annotated[list[ConditionBody], Field(default_factory=list, max_length=50)]
    staff: Staff | None = None
    disadvantaged: Staff | None = None
    staff_evidence: Sha256 | None = None
    awards: Annotated[list[ReservedAwardBody], Field(default_factory=list, max_length=200)]


class ReservedStatusView(BaseModel):
    """One status: what was declared and has evidence is `pass` or `fail`, all else is `unresolved`."""

    status: str
    verdict: Verdict
    findings: list[FindingView]


class ReservedView(BaseModel):
    """Every status that a rule pack knows."""

    organisation: str
    pack: str
    pack_version: str
    at: Instant
    statuses: list[ReservedStatusView]


@router.put("/v1/providers/{organisation}/reserved-facts", status_code=204)
async def declare_reserved_facts(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: ReservedFactsBody,
    pack: CurrentPack,
    actor: Annotated[Actor, allow("reserved.declare")],
) -> None:
    """Declare as the provider what reserved contracts ask for."""
    await reserved.declare(
        work,
        actor,
        organisation,
        conditions=tuple(Condition(one.name, one.met, one.evidence) for one in body.conditions),
        staff=body.staff,
        disadvantaged=body.disadvantaged,
        staff_evidence=body.staff_evidence,
        awards=tuple(ReservedAward(one.buyer, one.day) for one in body.awards),
        pack=pack,
    )


@router.get("/v1/providers/{organisation}/reserved-status", dependencies=[public()])
async def show_reserved_status(
    connection: Reading,
    organisation: OrganisationPath,
    now: Now,
    own: CurrentPack,
    pack: PackName = None,
    at: At = None,
    buyer: Annotated[OrganisationId | None, Query(description="The office whose contracts are meant.")] = None,
) -> ReservedView:
    """Show for which reserved contracts of a buyer a provider may bid, or could at an instant."""
    instant = at or now
    held, found = await reserved.statuses(connection, organisation, pack or own.id, instant, buyer)
    return ReservedView(
        organisation=organisation,
        pack=held.id,
        pack_version=held.version,
        at=instant,
        statuses=[
            ReservedStatusView(status=name, verdict=verdict_of(those), findings=[finding_view(one) for one in those])
            for name, those in sorted(found.items())
        ],
    )
