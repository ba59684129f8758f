"""What the journey has seen, step by step."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from onebox.journey.parties import NotAsPromised

OTHER_FORM = (AttributeError, LookupError, TypeError, ValueError)
"""What reading an answer raises that has not the form the API describes."""


@dataclass
class Step:
    """One thing a party did, and what came of it."""

    number: str
    party: str
    what: str
    outcome: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    elapsed_ms: float = 0.0
    ok: bool = False

    def answered(self, response: httpx.Response, *expected: int) -> Any:
        """Hold an answer to its status and return its body."""
        if response.status_code not in expected:
            raise NotAsPromised(f"{self.what}: {response.status_code} {_problem(response)}")
        self.outcome = self.outcome or str(response.status_code)
        return response.json() if response.content else None

    def refused(self, response: httpx.Response, status: int, code: str) -> dict[str, Any]:
        """Hold a refusal to its status and code; note the rule and the source it names."""
        body: dict[str, Any] = response.json() if response.content else {}
        if response.status_code != status or body.get("code") != code:
            raise NotAsPromised(
                f"{self.what}: {status} {code} promised, {response.status_code} {_problem(response)} given"
            )
        reference = f" ({body['rule']}: {body['source']})" if body.get("rule") else ""
        self.outcome = f"{status} {code}{reference}"
        return body

    def saw(self, event: dict[str, Any]) -> dict[str, Any]:
        """Note an event and return its data."""
        kept = {name: event[name] for name in ("type", "id", "source", "position")}
        self.events.append(kept | {"sandbox": event.get("sandbox", False)})
        data: dict[str, Any] = event["data"]
        return data

    def expect(self, promise: str, *, kept: bool) -> None:
        """Hold the system to a promise."""
        if not kept:
            raise NotAsPromised(f"{self.what}: {promise}")


@dataclass
class Log:
    """The steps so far."""

    steps: list[Step] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, number: str, party: str, what: str) -> Iterator[Step]:
        """Take a step; it is kept also if it fails."""
        step = Step(number, party, what)
        self.steps.append(step)
        began = time.monotonic()
        try:
            yield step
            step.ok = True
        except (httpx.HTTPError, *OTHER_FORM) as error:
            raise NotAsPromised(f"{what}: {type(error).__name__} {error}") from error
        finally:
            step.elapsed_ms = round((time.monotonic() - began) * 1000, 1)

    def table(self) -> Table:
        """Draw the steps."""
        table = Table(title="The life of one outsourced service", show_lines=False, pad_edge=False)
        table.add_column("#", style="dim", no_wrap=True)
        table.add_column("party", no_wrap=True)
        table.add_column("step")
        table.add_column("outcome")
        table.add_column("event")
        table.add_column("ms", justify="right")
        for step in self.steps:
            names = "\n".join(event["type"].removesuffix(".v1") for event in step.events)
            mark = "[green]✓[/green] " if step.ok else "[red]✗[/red] "
            table.add_row(step.number, step.party, mark + step.what, step.outcome, names, f"{step.elapsed_ms:,.0f}")
        return table

    def document(self, *, failure: str | None, facts: dict[str, Any]) -> dict[str, Any]:
        """Return everything as one JSON document."""
        return {
            "ok": failure is None,
            "failure": failure,
            "elapsed_seconds": round(time.monotonic() - self.began, 2),
            **facts,
            "steps": [asdict(step) for step in self.steps],
        }


def show(console: Console, log: Log, failure: str | None, facts: dict[str, Any]) -> None:
    """Print the journey for a person."""
    console.print(log.table())
    seconds = time.monotonic() - log.began
    events = sum(len(step.events) for step in log.steps)
    if failure:
        console.print(f"[red]Not as promised:[/red] {failure}", highlight=False)
        return
    console.print(
        f"[green]As promised:[/green] {len(log.steps)} steps, {events} events, {seconds:.1f} s.", highlight=False
    )
    for name, value in facts.items():
        console.print(f"  {name}: {value}", highlight=False, soft_wrap=True)


def _problem(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return response.reason_phrase
    return f"{body.get('code', '')}: {body.get('detail', '')}" if isinstance(body, dict) else response.reason_phrase
