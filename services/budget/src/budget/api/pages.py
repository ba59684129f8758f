"""Pages that print: complete by themselves, every value escaped, and nothing loaded from anywhere."""

import base64
import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from shared.kernel.money import Money

_environment = Environment(
    loader=PackageLoader("budget", "api/templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE = _environment.get_template("page.css").render()
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page(template: str, **values: Any) -> HTMLResponse:
    """Write a page of a template."""
    text = _environment.get_template(template).render(style=Markup(_STYLE), **values)  # noqa: S704 - our own file
    return HTMLResponse(text, headers={"Content-Security-Policy": _CONTENT_SECURITY_POLICY})


def amount(value: Money) -> str:
    """Write an amount for a reader."""
    return f"{value.amount:,f} {value.currency}"


def published_amount(value: dict[str, str]) -> str:
    """Write for a reader an amount as it goes over the wire."""
    return f"{Decimal(value['amount']):,f} {value['currency']}"


def instant(value: datetime) -> str:
    """Write an instant for a reader, to the second."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


_environment.filters |= {"amount": amount, "instant": instant}
