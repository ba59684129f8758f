"""The newcomer's path to its first eligible bid."""

from fastapi import APIRouter
from pydantic import BaseModel

from provider_registry.api.deps import OrganisationPath, PackAsked
from provider_registry.api.instants import At
from provider_registry.api.programme_schemas import ProgrammeView, programme_view
from provider_registry.api.record_schemas import PackView
from provider_registry.domain.next_steps import Step
from provider_registry.usecases.next_steps import path_to_bid
from shared.contracts.fields import Instant
from shared.platform.access import public
from shared.platform.commands import CommandRoute
from shared.platform.reading import Reading

router = APIRouter(tags=["eligibility"], route_class=CommandRoute)


class StepView(BaseModel):
    """A step; `who` takes it: `provider`, `registry`, or nobody where a term runs out."""

    code: str
    done: bool
    who: str | None
    text: str
    rule: str | None
    source: str | None


class NextStepsView(BaseModel):
    """The steps to a first eligible bid, and the calls of capacity programmes that are not over.

    A provider is not excluded for its age alone; what is lacking is all that is asked for.
    """

    organisation: str
    at: Instant
    pack: PackView
    eligible: bool
    lacking: list[str]
    steps: list[StepView]
    programmes: list[ProgrammeView]


@router.get("/v1/providers/{organisation}/next-steps", dependencies=[public()])
async def show_next_steps(
    connection: Reading, organisation: OrganisationPath, at: At, pack: PackAsked
) -> NextStepsView:
    """Show what a provider still lacks for its first eligible bid."""
    path = await path_to_bid(connection, organisation, pack, at)
    return NextStepsView(
        organisation=organisation,
        at=at,
        pack=PackView(id=pack.id, version=pack.version),
        eligible=path.answer.eligible,
        lacking=[step.code for step in path.steps if not step.done],
        steps=[_step(step) for step in path.steps],
        programmes=[programme_view(call) for call in path.calls],
    )


def _step(step: Step) -> StepView:
    rule, source = (step.reference.rule, step.reference.source) if step.reference else (None, None)
    return StepView(code=step.code, done=step.done, who=step.who, text=step.text, rule=rule, source=source)
