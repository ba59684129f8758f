"""Pages that print: complete by themselves, every value escaped, and nothing loaded from anywhere."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from shared.kernel.money import Money


class Pages:
    """The pages of one service: its own templates, in the layout and the style that all services have."""

    def __init__(self, package: str) -> None:
        loaders = [PackageLoader(package, "api/templates"), PackageLoader("shared", "platform/templates")]
        self._environment = Environment(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"amount": amount, "instant": instant}
        self._style = self._environment.get_template("page.css").render()
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self._content_security_policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )

    def page(self, template: str, **values: Any) -> HTMLResponse:
        """Write a page of a template."""
        style = Markup(self._style)  # noqa: S704 - our own file
        text = self._environment.get_template(template).render(style=style, **values)
        return HTMLResponse(text, headers={"Content-Security-Policy": self._content_security_policy})


def amount(value: Money) -> str:
    """Write an amount for a reader."""
    return f"{value.amount:,f} {value.currency}"


def instant(value: datetime) -> str:
    """Write an instant for a reader, to the second."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
