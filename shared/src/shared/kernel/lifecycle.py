"""Lifecycles as data: which act leads from which states to which, and whose act it is."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from shared.kernel.errors import NotAllowed, RuleReference

State = TypeVar("State", bound=StrEnum)


class Rules(Protocol):
    """Where a rule's article is looked up: the pack that something was begun under."""

    def reference(self, rule_id: str) -> RuleReference:
        """Return what a refusal cites."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One act: the states it is admitted in, the states it may lead to, and who does it.

    Shape: rule is the rule of the pack that says when the act may be done, where one does; events are the types of the
    published events that may tell of the act.
    """

    action: str
    before: frozenset[str]
    after: frozenset[str]
    actor: str
    rule: str | None = None
    events: tuple[str, ...] = ()


def transition(
    action: str, before: str, after: str, actor: str, *, rule: str | None = None, events: str = ""
) -> Transition:
    """Write a transition; several states, and several events, are separated by blanks."""
    return Transition(action, frozenset(before.split()), frozenset(after.split()), actor, rule, tuple(events.split()))


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """All that can become of one kind of object, from its first state on.

    Shape: events are the types of the published events that tell that there is one.
    """

    object: str
    initial: str
    transitions: Mapping[str, Transition]
    events: tuple[str, ...] = ()

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

    def admit(self, action: str, state: str, rules: Rules | None = None) -> None:
        """Admit an act in a state; one that rests on a rule is told the pack.

        Raises:
            NotAllowed: <object>-not-<state>, naming the state it needs, or the first of them, and how it comes about.
            UndeclaredTransitionError: if the act rests on a rule, and there is no pack to look it up in.
        """
        row = self.transitions[action]
        if row.rule is not None and rules is None:
            raise UndeclaredTransitionError(f"{self.object}: {action} rests on {row.rule}, and no pack is given")
        self._hold(row, state, rules)

    def expect(self, needed: str, state: str) -> None:
        """Hold a step that is no act of its own to the state it belongs to.

        Raises:
            NotAllowed: <object>-not-<state>.
        """
        if state != needed:
            raise self._refusal([needed], state, None)

    def move(self, action: str, before: str, after: State, rules: Rules | None = None) -> State:
        """Admit an act and return the state that it leads to.

        Raises:
            NotAllowed: what admit() refuses.
            UndeclaredTransitionError: if the act is declared to lead elsewhere.
        """
        self._hold(self.transitions[action], before, rules)
        if after not in self.transitions[action].after:
            raise UndeclaredTransitionError(f"{self.object}: {action} from {before} to {after}")
        return after

    def way(self, state: str, needed: Sequence[str]) -> tuple[Transition, ...]:
        """Return the fewest acts that may lead from a state to one of those needed; none where nothing does."""
        ways: deque[tuple[str, tuple[Transition, ...]]] = deque([(state, ())])
        known = {state}
        while ways:
            here, taken = ways.popleft()
            for row in self.transitions.values():
                for after in sorted(row.after - known, key=self.states.index) if here in row.before else ():
                    if after in needed:
                        return (*taken, row)
                    known.add(after)
                    ways.append((after, (*taken, row)))
        return ()

    def _hold(self, row: Transition, state: str, rules: Rules | None) -> None:
        if state not in row.before:
            reference = rules.reference(row.rule) if rules is not None and row.rule is not None else None
            raise self._refusal(sorted(row.before, key=self.states.index), state, reference)

    def _refusal(self, needed: Sequence[str], state: str, reference: RuleReference | None) -> NotAllowed:
        acts = ", then ".join(f"{row.action} ({row.actor})" for row in self.way(state, needed))
        how = f"From {state}: {acts}." if acts else f"Nothing leads there from {state}."
        return NotAllowed(
            f"{self.object}-not-{needed[0]}",
            f"The {self.object} is {state}.",
            reference=reference,
            satisfied_by=f"A {self.object} that is {' or '.join(needed)}. {how}",
        )

    def _place(self, state: str) -> tuple[int, int, str]:
        rows = list(self.transitions.values())
        acted_in = next((index for index, row in enumerate(rows) if state in row.before), len(rows))
        named = next(index for index, row in enumerate(rows) if state in row.before | row.after)
        return acted_in, named, state


class UndeclaredTransitionError(Exception):
    """The code does what its lifecycle does not declare: a defect, never a refusal."""


def lifecycle(kind: str, initial: str, *transitions: Transition, events: str = "") -> Lifecycle:
    """Write a lifecycle; several events are separated by blanks."""
    return Lifecycle(kind, initial, {row.action: row for row in transitions}, tuple(events.split()))


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
