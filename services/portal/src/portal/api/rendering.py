"""Makes pages: every value is escaped, and nothing is loaded from anywhere else."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from portal.api import links
from portal.api.payment_words import payment_words
from portal.api.rule_words import counting_words, inequality_words, value_words
from portal.api.sentences import meaning, sentence
from portal.domain import amounts, entry
from portal.domain.derivation import step_tables
from shared.contracts.event import Event
from shared.kernel.money import Money

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_NOTHING = "—"


def amount(value: Money | Mapping[str, Any] | None) -> str:
    """Write an amount, of the domain or as it stands in an event."""
    known = value if isinstance(value, Money) else amounts.amount(value)
    return amounts.written(known) if known else _NOTHING


def share(value: Mapping[str, Any] | None, whole: Mapping[str, Any] | None) -> str:
    """Write what percentage one published amount is of another."""
    percent = amounts.percent(amounts.amount(value), amounts.amount(whole))
    return f"{percent} %" if percent else _NOTHING


def published_amount(value: Mapping[str, Any] | None) -> str:
    """Write an amount as another publisher tells it."""
    return amounts.written_exactly(value) if value else _NOTHING


def instant(value: datetime | str | None) -> str:
    """Write an instant in UTC; what is no instant stays the text that its publisher wrote."""
    if value is None:
        return _NOTHING
    at = entry.instant(value) if isinstance(value, str) else value
    if at is None or at.tzinfo is None:
        return str(value)
    in_utc = at.astimezone(UTC)
    machine = in_utc.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}">{} UTC</time>').format(machine, f"{in_utc:%Y-%m-%d %H:%M:%S}")


def words(value: str) -> str:
    """Write a code as words."""
    return value.replace("-", " ").replace("_", " ")


def code(text: str) -> str:
    """Show as code what stands between backquotes."""
    parts = text.split("`")
    return Markup().join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))


def cloud_event(event: Mapping[str, Any]) -> str:
    """Write a CloudEvent to be read, its attributes in the order of the specification and its data last."""
    ordered = {name: event[name] for name in Event.model_fields if name in event}
    return json.dumps(ordered, ensure_ascii=False, indent=2)


_environment = Environment(
    loader=PackageLoader("portal", "api/templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(
    amount=amount,
    share=share,
    published_amount=published_amount,
    instant=instant,
    words=words,
    meaning=meaning,
    sentence=sentence,
    cloud_event=cloud_event,
    step_tables=step_tables,
    code=code,
    value_words=value_words,
    inequality_words=inequality_words,
    counting_words=counting_words,
    payment_words=payment_words,
)
_environment.globals.update(
    procedure_page=links.procedure_page,
    provider_page=links.provider_page,
    event_page=links.event_page,
    event_type_page=links.event_type_page,
    rule_pack_page=links.rule_pack_page,
    rule_source=links.rule_source,
)


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Make a page."""
    text = _environment.get_template(template).render(
        root=request.scope.get("root_path", "").rstrip("/"), services=links.links_of(request).services, **values
    )
    return HTMLResponse(text, status, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})
