"""What can become of each kind of object, as the service itself is held to it."""

from fastapi import APIRouter

from shared.kernel.lifecycle import Lifecycle, diagram
from shared.platform.access import public
from tender.api.schemas import View
from tender.domain.state_machines import LIFECYCLES

router = APIRouter(tags=["rules"])


class TransitionView(View):
    """One act: the states it is admitted in, the states it may lead to, who does it, and the rule that says when."""

    action: str
    before: list[str]
    after: list[str]
    actor: str
    rule: str | None


class LifecycleView(View):
    """All that can become of one kind of object; `diagram` is a Mermaid state diagram of it."""

    object: str
    initial: str
    states: list[str]
    final: list[str]
    transitions: list[TransitionView]
    diagram: str


@router.get("/v1/lifecycles", dependencies=[public()])
async def list_lifecycles() -> list[LifecycleView]:
    """List the lifecycles; a step that is not among them is refused."""
    return [_shown(cycle) for cycle in LIFECYCLES]


def _shown(cycle: Lifecycle) -> LifecycleView:
    place = cycle.states.index
    return LifecycleView(
        object=cycle.object,
        initial=cycle.initial,
        states=list(cycle.states),
        final=sorted(cycle.final, key=place),
        transitions=[
            TransitionView(
                action=row.action,
                before=sorted(row.before, key=place),
                after=sorted(row.after, key=place),
                actor=row.actor,
                rule=row.rule,
            )
            for row in cycle.transitions.values()
        ],
        diagram=diagram(cycle),
    )
