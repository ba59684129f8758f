"""What several commands ask for, and where they print."""

from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

DEFAULT_PORT = 8000
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"

console = Console()
complaints = Console(stderr=True)


def address(value: str | None) -> str | None:
    """Let an address through.

    Raises:
        typer.BadParameter: if it is none.
    """
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise typer.BadParameter(f"an address looks like {DEFAULT_URL}")
    return value


Url = Annotated[str, typer.Option(callback=address, help="The address of a running Coxswain.")]
ClientId = Annotated[str, typer.Option(envvar="COXSWAIN_CLIENT_ID", help="Who asks.")]
ClientSecret = Annotated[
    str, typer.Option(envvar="COXSWAIN_CLIENT_SECRET", help="Better given by the environment.", show_default=False)
]
TokenUrl = Annotated[
    str | None,
    typer.Option(envvar="COXSWAIN_TOKEN_URL", callback=address, help="The token endpoint of your own issuer."),
]
