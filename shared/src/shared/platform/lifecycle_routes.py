"""What can become of each kind of object of a service, as the service itself is held to it."""

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel

from shared.kernel.lifecycle import Lifecycle, diagram
from shared.platform.access import public


class TransitionView(BaseModel):
    """One act: the states it is admitted in, the states it may lead to, who does it, and the rule that says when.

    `events` are the types of the published events that may tell of it, where the lifecycle names them.
    """

    action: str
    before: list[str]
    after: list[str]
    actor: str
    rule: str | None
    events: list[str]


class LifecycleView(BaseModel):
    """All that can become of one kind of object; `diagram` is a Mermaid state diagram of it.

    `events` are the types of the published events that tell that there is one.
    """

    object: str
    initial: str
    states: list[str]
    final: list[str]
    events: list[str]
    transitions: list[TransitionView]
    diagram: str


def lifecycle_router(cycles: Sequence[Lifecycle]) -> APIRouter:
    """Serve the lifecycles of a service."""
    router = APIRouter(tags=["rules"])

    @router.get("/v1/lifecycles", dependencies=[public()])
    async def list_lifecycles() -> list[LifecycleView]:
        """List the lifecycles; a step that is not among them is refused."""
        return [_shown(cycle) for cycle in cycles]

    return router


def _shown(cycle: Lifecycle) -> LifecycleView:
    place = cycle.states.index
    return LifecycleView(
        object=cycle.object,
        initial=cycle.initial,
        states=list(cycle.states),
        final=sorted(cycle.final, key=place),
        events=list(cycle.events),
        transitions=[
            TransitionView(
                action=row.action,
                before=sorted(row.before, key=place),
                after=sorted(row.after, key=place),
                actor=row.actor,
                rule=row.rule,
                events=list(row.events),
            )
            for row in cycle.transitions.values()
        ],
        diagram=diagram(cycle),
    )
