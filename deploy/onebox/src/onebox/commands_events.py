"""The commands on events: the log as it grows, and what waits because it could not be handled."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from onebox.options import DEFAULT_URL, ClientId, ClientSecret, TokenUrl, Url, complaints, console
from onebox.people import DEMO_OPERATORS, DEMO_SECRET

if TYPE_CHECKING:
    from onebox.parked import Name
    from onebox.parked_commands import Operator

_EXIT_CODES = (
    "Exit codes: 0, it is done; 1, it is refused, or it is not clear which event is meant; "
    "2, a service cannot be asked: it does not answer, the client is refused, or the options make no sense."
)


class Service(StrEnum):
    """A service that events wait at."""

    TENDER = "tender"
    BUDGET = "budget"
    EVALUATION = "evaluation"
    PROVIDER_REGISTRY = "provider-registry"
    PORTAL = "portal"


events = typer.Typer(help="The public event log.", no_args_is_help=True)
parked = typer.Typer(help="Events that wait because they could not be handled.", no_args_is_help=True)
events.add_typer(parked, name="parked")


@events.command("tail")
def tail(
    url: Url = DEFAULT_URL,
    service: Annotated[list[str] | None, typer.Option(help="Only this service; may be given again.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Begin behind this position.")] = 0,
    follow: Annotated[bool, typer.Option(help="Go on as events come.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one CloudEvent a line.")] = False,
) -> None:
    """Print events as they happen."""
    from onebox.tail import tail_events  # noqa: PLC0415 - only this command needs it

    services = tuple(service or ("tender", "budget", "evaluation", "provider-registry"))
    code = asyncio.run(tail_events(url, services, after=after, follow=follow, as_json=as_json, console=console))
    raise typer.Exit(code)


def _consumer(value: str) -> str:
    # As the API has it; anything else could lead to another address.
    if not re.fullmatch(r"[a-z:-]{1,80}", value):
        raise typer.BadParameter("the list names the consumers")
    return value


def _event(value: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F-]{8,36}", value):
        raise typer.BadParameter("an event is named by its id, or by the first 8 or more characters of it")
    return value


_Asking = tuple[str, str, str, str | None]
At = Annotated[Service, typer.Argument(metavar="SERVICE", help="Where it waits.")]
Consumer = Annotated[
    str, typer.Argument(metavar="CONSUMER", callback=_consumer, help="The consumer, as the list names it.")
]
EventId = Annotated[
    str, typer.Argument(metavar="EVENT_ID", callback=_event, help="Its id, or how that begins (8 characters or more).")
]


@parked.command("list", epilog=_EXIT_CODES)
def list_parked(
    url: Url = DEFAULT_URL,
    service: Annotated[list[Service] | None, typer.Option(help="Only this service; may be given again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    client_id: ClientId = DEMO_OPERATORS[0],
    client_secret: ClientSecret = DEMO_SECRET,
    token_url: TokenUrl = None,
) -> None:
    """List the events that wait, of all services unless some are named."""
    services = tuple(dict.fromkeys(service or Service))
    asking = (url, client_id, client_secret, token_url)
    _as_operator(asking, lambda operator: operator.show_all(services, as_json=as_json))


@parked.command("show", epilog=_EXIT_CODES)
def show(
    service: At,
    consumer: Consumer,
    event_id: EventId,
    url: Url = DEFAULT_URL,
    client_id: ClientId = DEMO_OPERATORS[0],
    client_secret: ClientSecret = DEMO_SECRET,
    token_url: TokenUrl = None,
) -> None:
    """Show an event that waits, what is wrong with it, and what you can do next."""
    asking = (url, client_id, client_secret, token_url)
    _on_event(asking, (service, consumer, event_id), lambda operator, name: operator.show(name))


@parked.command("replay", epilog=_EXIT_CODES)
def replay(
    service: At,
    consumer: Consumer,
    event_id: EventId,
    url: Url = DEFAULT_URL,
    client_id: ClientId = DEMO_OPERATORS[0],
    client_secret: ClientSecret = DEMO_SECRET,
    token_url: TokenUrl = None,
) -> None:
    """Have a parked event handled again, and those that queued behind it."""
    asking = (url, client_id, client_secret, token_url)
    _on_event(asking, (service, consumer, event_id), lambda operator, name: operator.replay(name))


@parked.command("discard", epilog=_EXIT_CODES)
def discard(
    service: At,
    consumer: Consumer,
    event_id: EventId,
    reason: Annotated[str | None, typer.Option(help="Propose it: why the event need not be handled.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Confirm what another operator has proposed.")] = False,
    url: Url = DEFAULT_URL,
    client_id: ClientId = DEMO_OPERATORS[0],
    client_secret: ClientSecret = DEMO_SECRET,
    token_url: TokenUrl = None,
) -> None:
    """Have a parked event never handled: one operator proposes it with a reason, another one confirms it."""
    asking, event = (url, client_id, client_secret, token_url), (service, consumer, event_id)
    if reason is not None and not confirm:
        _on_event(asking, event, lambda operator, name: operator.propose_discard(name, reason))
    elif confirm and reason is None:
        _on_event(asking, event, lambda operator, name: operator.confirm_discard(name))
    raise typer.BadParameter("give either --reason, to propose it, or --confirm, to confirm it")


def _on_event(
    asking: _Asking, event: tuple[str, str, str], act: "Callable[[Operator, Name], Awaitable[int]]"
) -> NoReturn:
    from onebox.parked import Name  # noqa: PLC0415 - only these commands need it

    _as_operator(asking, lambda operator: act(operator, Name(*event)))


def _as_operator(asking: _Asking, act: "Callable[[Operator], Awaitable[int]]") -> NoReturn:
    from onebox.credentials import Credentials  # noqa: PLC0415 - only these commands need it
    from onebox.parked_commands import as_operator  # noqa: PLC0415 - only these commands need it

    url, client_id, client_secret, token_url = asking
    credentials = Credentials(client_id, client_secret, token_url)
    raise typer.Exit(asyncio.run(as_operator(url, credentials, act, console, complaints)))
