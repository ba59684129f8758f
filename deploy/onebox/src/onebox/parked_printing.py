"""What an operator is told of events that wait, as lines of text."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise, takewhile
from operator import eq

from onebox.credentials import Credentials
from onebox.options import DEFAULT_URL
from onebox.parked import ParkedEvent, Problem
from onebox.people import DEMO_OPERATORS
from onebox.printing import json_text, printable

SHORTEST_ID = 8
"""An event may be named by so many characters of its id, if no other one begins alike."""

_HEAD = ("service", "consumer", "event", "type", "key", "state", "since", "problem")
_WHY = "why it need not be handled"
_NOTHING_TO_DO: Mapping[str, str] = {
    "early": "Nothing needs to be done: it is handled when the earlier event of its key is here.",
    "replayed": "Nothing is left to be done: it was handled.",
    "discarded": "Nothing is left to be done: it is never handled.",
}


@dataclass(frozen=True, slots=True)
class Invocation:
    """How the command was called, so that the next one can be told to the letter; the secret is left out."""

    url: str
    credentials: Credentials

    def command(self, action: str, event: ParkedEvent, *options: str) -> str:
        """Write a command on an event."""
        client_id = self.credentials.client_id
        return self._command(action, event, options, None if client_id == DEMO_OPERATORS[0] else client_id)

    def second_person(self, event: ParkedEvent) -> str:
        """Write the command with which another operator confirms; in the one-box it is known who that can be."""
        others = [one for one in DEMO_OPERATORS if one != self.credentials.client_id]
        known = len(others) < len(DEMO_OPERATORS) and self.credentials.token_url is None
        return self._command("discard", event, ("--confirm",), others[0] if known else None)

    def _command(self, action: str, event: ParkedEvent, options: Sequence[str], client_id: str | None) -> str:
        words = ["coxswain", "events", "parked", action, event.service, event.consumer, str(event.event_id), *options]
        url = None if self.url == DEFAULT_URL else self.url
        named = {"--url": url, "--client-id": client_id, "--token-url": self.credentials.token_url}
        return shlex.join(words + [word for name, value in named.items() if value for word in (name, value)])


def title(event: ParkedEvent) -> str:
    """Name an event."""
    return printable(f"{event.type} of {event.key}")


def rows(events: Sequence[ParkedEvent]) -> list[str]:
    """Write events as a table, one to a line however long it becomes, and its head."""
    short = short_ids(str(event.event_id) for event in events)
    table = [_HEAD, *(tuple(map(printable, _cells(event, short[str(event.event_id)]))) for event in events)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]


def _cells(event: ParkedEvent, event_id: str) -> tuple[str, ...]:
    state = f"{event.state}, discard proposed" if _is_proposed(event) else event.state
    since = _instant(event.parked_at)
    return event.service, event.consumer, event_id, event.type, event.key, state, since, event.problem


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Shorten each id to as many characters as tell it from the others."""
    ordered = sorted(set(ids))
    alike = [0, *(_alike(*pair) for pair in pairwise(ordered)), 0]
    return {
        one: one[: max(SHORTEST_ID, before + 1, behind + 1)]
        for one, before, behind in zip(ordered, alike, alike[1:], strict=False)
    }


def _alike(one: str, other: str) -> int:
    return sum(takewhile(bool, map(eq, one, other)))


def details(event: ParkedEvent) -> list[str]:
    """Tell what is wrong with an event and what it says."""
    told = [
        ("event", str(event.event_id)),
        ("service", event.service),
        ("consumer", event.consumer),
        ("state", f"{event.state}, put aside {_instant(event.parked_at)}"),
        ("problem", event.problem),
    ]
    if event.discard_reason is not None:
        told.append(("proposed to discard" if _is_proposed(event) else "discarded", event.discard_reason))
    width = max(len(name) for name, _ in told)
    return [
        title(event),
        *(f"  {name.ljust(width)}  {printable(value)}" for name, value in told),
        "",
        *json_text(event.event, indent=2).split("\n"),
        "",
    ]


def next_steps(event: ParkedEvent, alike: Sequence[ParkedEvent], called: Invocation) -> list[str]:
    """Tell what the operator can do; alike are the events of the same key that wait at the same consumer."""
    if event.state == "parked":
        return _ways_out(event, called)
    if event.state == "queued":
        first = next((other for other in alike if other.state == "parked"), None)
        behind = [] if first is None else [f"  {called.command('show', first)}"]
        return ["It waits behind an earlier event of its key, and follows when that is replayed or discarded:", *behind]
    return [_NOTHING_TO_DO.get(event.state, "Nothing can be done with it here.")]


def _ways_out(event: ParkedEvent, called: Invocation) -> list[str]:
    again = ["Have it handled again, once its cause is mended; what has queued behind it follows:"]
    again.append(f"  {called.command('replay', event)}")
    propose = f"  {called.command('discard', event, '--reason', _WHY)}"
    if not _is_proposed(event):
        return [*again, "Propose that it is never handled; a second operator has to confirm that:", propose]
    confirm = f"  {called.command('discard', event, '--confirm')}"
    return [*again, "Confirm that it is never handled, if it was not you who proposed it:", confirm]


def followed(before: Sequence[ParkedEvent], after: Sequence[ParkedEvent], called: Invocation) -> list[str]:
    """Tell what became of those that queued behind an event, from what waited of its key before and waits now."""
    waiting = {event.event_id for event in after}
    through = [event for event in before if event.event_id not in waiting]
    lines = [f"Handled behind it: {title(event)} ({event.event_id})." for event in through]
    stopped = next((event for event in after if event.state == "parked"), None)
    if stopped is not None:
        lines += [
            f"Then {title(stopped)} could not be handled: {printable(stopped.problem)}",
            f"  {called.command('show', stopped)}",
        ]
    if queued := sum(event.state == "queued" for event in after):
        lines.append(f"Still queued behind that: {queued}.")
    return lines


def advice(code: str, event: ParkedEvent, alike: Sequence[ParkedEvent], called: Invocation) -> tuple[str, ...]:
    """Tell what the operator can do where a service refuses something on an event."""
    match code:
        case "second-person-needed":
            return "You have proposed it yourself; another operator confirms it:", f"  {called.second_person(event)}"
        case "discard-not-proposed":
            return "Propose it:", f"  {called.command('discard', event, '--reason', _WHY)}"
        case "still-unhandled":
            return (f"What was wrong when it was put aside: {printable(event.problem)}",)
        case _ if event.state != "parked":
            return tuple(next_steps(event, alike, called))
        case _:
            return ()


def refusal(problem: Problem) -> list[str]:
    """Write a problem as a person reads it: the title first."""
    lines = [problem.title, problem.detail]
    lines += [f"{error.pointer}: {error.detail}" for error in problem.errors or ()]
    named = {"rule": problem.rule, "source": problem.source, "satisfied by": problem.satisfied_by}
    if problem.status >= 500:
        named["trace id"] = problem.trace_id
    lines += [f"{name}: {value}" for name, value in named.items() if value]
    return [printable(line) for line in lines]


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def _is_proposed(event: ParkedEvent) -> bool:
    return event.state == "parked" and event.discard_reason is not None
