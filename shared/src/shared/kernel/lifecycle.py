"""Lifecycles as data: which act leads from which states to which, and whose act it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from shared.kernel.errors import NotAllowed

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Transition:
    """One act: the states it is admitted in, the states it may lead to, and who does it."""

    action: str
    before: frozenset[str]
    after: frozenset[str]
    actor: str


def transition(action: str, before: str, after: str, actor: str) -> Transition:
    """Write a transition; several states are separated by blanks."""
    return Transition(action, frozenset(before.split()), frozenset(after.split()), actor)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """All that can become of one kind of object, from its first state on."""

    object: str
    initial: str
    transitions: Mapping[str, Transition]

    @property
    def states(self) -> tuple[str, ...]:
        """Return all states, the first first, the others as acts are taken in them, the ends last."""
        named = {state for row in self.transitions.values() for state in row.before | row.after}
        return tuple(dict.fromkeys([self.initial, *sorted(named, key=self._place)]))

    @property
    def final(self) -> frozenset[str]:
        """Return the states that nothing leads out of."""
        left = {
            state
            for row in self.transitions.values()
            for state in row.before
            if row.after != row.before or len(row.after) > 1
        }
        return frozenset(self.states) - left

    def admit(self, action: str, state: str) -> None:
        """Admit an act in a state.

        Raises:
            NotAllowed: <object>-not-<state>, naming the state it needs, or the first of them.
        """
        before = self.transitions[action].before
        if state not in before:
            needed = sorted(before, key=self.states.index)
            raise NotAllowed(
                f"{self.object}-not-{needed[0]}",
                f"The {self.object} is {state}.",
                satisfied_by=f"A {self.object} that is {' or '.join(needed)}.",
            )

    def move(self, action: str, before: State, after: State) -> State:
        """Admit an act and return the state that it leads to.

        Raises:
            NotAllowed: what admit() refuses.
            UndeclaredTransitionError: if the act is declared to lead elsewhere.
        """
        self.admit(action, before)
        if after not in self.transitions[action].after:
            raise UndeclaredTransitionError(f"{self.object}: {action} from {before} to {after}")
        return after

    def _place(self, state: str) -> tuple[int, int, str]:
        rows = list(self.transitions.values())
        acted_in = next((index for index, row in enumerate(rows) if state in row.before), len(rows))
        named = next(index for index, row in enumerate(rows) if state in row.before | row.after)
        return acted_in, named, state


class UndeclaredTransitionError(Exception):
    """The code does what its lifecycle does not declare: a defect, never a refusal."""


def lifecycle(kind: str, initial: str, *transitions: Transition) -> Lifecycle:
    """Write a lifecycle."""
    return Lifecycle(kind, initial, {row.action: row for row in transitions})


def diagram(cycle: Lifecycle) -> str:
    """Draw a lifecycle as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {_name(cycle.initial)}"]
    for row in cycle.transitions.values():
        for before in sorted(row.before, key=cycle.states.index):
            lines += [
                f"    {_name(before)} --> {_name(after)}: {row.action} ({row.actor})"
                for after in sorted(row.after, key=cycle.states.index)
            ]
    lines += [f"    {_name(state)} --> [*]" for state in cycle.states if state in cycle.final]
    return "\n".join(lines) + "\n"


def _name(state: str) -> str:
    # Mermaid reads a hyphen in a state's name as part of an arrow.
    return state.replace("-", "_")
