"""`coxswain events parked`: what an operator sees of events that wait, and what becomes of them.

Exit codes: 0 it is done; 1 it is refused, or it is not clear which event is meant; 2 a service cannot be asked, or not
by this client.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from rich.console import Console
from rich.text import Text

from onebox.credentials import AccessTokens, CannotAsk, Credentials
from onebox.parked import Name, NotNamed, ParkedEvent, ParkedEvents, Refused
from onebox.parked_printing import Invocation, advice, details, followed, next_steps, refusal, rows, title
from onebox.printing import json_text, printable

DONE, REFUSED, CANNOT_ASK = 0, 1, 2

_Act = Callable[[Name], Awaitable[ParkedEvent]]


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator at a terminal."""

    events: ParkedEvents
    called: Invocation
    console: Console
    complaints: Console

    async def show_all(self, services: Sequence[str], *, as_json: bool) -> int:
        """Print what waits at some services; those that cannot be asked do not hide the others."""
        answers = await asyncio.gather(*map(self._waiting, services))
        found = [event for events, _ in answers for event in events]
        failures = {service: why for service, (_, why) in zip(services, answers, strict=True) if why}
        if as_json:
            self.console.out(json_text(_document(found, failures)), highlight=False)
        else:
            _print_list(self.console, found, [service for service in services if service not in failures])
            _print_failures(self.complaints, failures, everywhere=len(failures) == len(services))
        return CANNOT_ASK if failures else DONE

    async def _waiting(self, service: str) -> tuple[Sequence[ParkedEvent], tuple[str, ...]]:
        try:
            return await self.events.listed(service), ()
        except CannotAsk as problem:
            return (), (printable(str(problem)),)
        except Refused as refused:
            return (), tuple(refusal(refused.problem))

    async def show(self, name: Name) -> int:
        """Print an event, what is wrong with it and what can be done."""
        event = await self.events.shown(await self.events.named(name))
        alike = await self.events.alike(event) if event.state == "queued" else []
        _print(self.console, details(event), "bold")
        _print(self.console, next_steps(event, alike, self.called))
        return DONE

    async def replay(self, name: Name) -> int:
        """Have an event handled again; print what went through."""
        return await self._settle(name, self.events.replay, "Handled")

    async def confirm_discard(self, name: Name) -> int:
        """Discard an event that another person has proposed to; print what went through."""
        return await self._settle(name, self.events.confirm_discard, "Discarded")

    async def propose_discard(self, name: Name, reason: str) -> int:
        """Propose that an event is never handled."""
        event, _ = await self._have(name, lambda whole: self.events.propose_discard(whole, reason))
        _print(self.console, [f"Proposed to discard: {title(event)} ({event.event_id})."])
        _print(self.console, ["A second operator has to confirm it:", f"  {self.called.second_person(event)}"])
        return DONE

    async def _settle(self, name: Name, act: _Act, done: str) -> int:
        event, alike = await self._have(name, act)
        _print(self.console, [f"{done}: {title(event)} ({event.event_id})."])
        behind = [other for other in alike if other.event_id != event.event_id]
        _print(self.console, followed(behind, await self.events.alike(event), self.called))
        return DONE

    async def _have(self, name: Name, act: _Act) -> tuple[ParkedEvent, list[ParkedEvent]]:
        """Have something done with an event; return it and what waited of its key, both as they were before."""
        name = await self.events.named(name)
        event = await self.events.shown(name)
        alike = await self.events.alike(event)
        try:
            await act(name)
        except Refused as refused:
            refused.advice = advice(refused.problem.code, event, alike, self.called)
            raise
        return event, alike


async def as_operator(
    url: str, credentials: Credentials, act: Callable[[Operator], Awaitable[int]], console: Console, complaints: Console
) -> int:
    """Do something at a running Coxswain; return the exit code, whatever is in the way."""
    try:
        async with httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(10, read=120)) as http:
            events = ParkedEvents(http, AccessTokens(http, credentials))
            return await told(act(Operator(events, Invocation(url, credentials), console, complaints)), complaints)
    except httpx.InvalidURL:
        _print(complaints, [f"{printable(url)} is no address."], "red")
        return CANNOT_ASK


async def told(act: Awaitable[int], complaints: Console) -> int:
    """Await what is done, and print why it is not; return the exit code."""
    try:
        return await act
    except CannotAsk as problem:
        _print(complaints, [printable(str(problem))], "red")
        return CANNOT_ASK
    except NotNamed as problem:
        _print(complaints, [str(problem)], "red")
        return REFUSED
    except Refused as refused:
        _print(complaints, refusal(refused.problem), "red")
        _print(complaints, refused.advice)
        return CANNOT_ASK if refused.problem.is_general else REFUSED


def _document(found: Sequence[ParkedEvent], failures: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    return {
        "ok": not failures,
        "parked": [event.model_dump(mode="json", exclude={"event"}) for event in found],
        "failures": [{"service": service, "why": why} for service, why in failures.items()],
    }


def _print_list(console: Console, found: Sequence[ParkedEvent], asked: Sequence[str]) -> None:
    if found:
        _print(console, rows(found), "bold")
        waits = "event waits" if len(found) == 1 else "events wait"
        _print(
            console, ["", f"{len(found)} {waits}. More of one: coxswain events parked show SERVICE CONSUMER EVENT_ID"]
        )
    elif asked:
        _print(console, [f"No event waits at {', '.join(asked)}."])


def _print_failures(console: Console, failures: Mapping[str, tuple[str, ...]], *, everywhere: bool) -> None:
    """Print why services cannot be asked; what is the same for several is said once."""
    services: dict[tuple[str, ...], list[str]] = {}
    for service, why in failures.items():
        services.setdefault(why, []).append(service)
    for why, of in services.items():
        where = [] if everywhere and len(services) == 1 else [f"{', '.join(of)}:"]
        _print(console, [*where, *why], "red")


def _print(console: Console, lines: Sequence[str], first: str = "") -> None:
    for number, line in enumerate(lines):
        console.print(Text(line, style="" if number else first), soft_wrap=True)
