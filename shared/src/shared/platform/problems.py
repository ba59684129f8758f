"""Errors as RFC 9457 problem details; what was sent is never sent back."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from obstore.exceptions import BaseError as ObjectStorageError
from opentelemetry import trace
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed, NotFound, Stale
from shared.platform.database import is_passing, sqlstate

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:coxswain:problem:"
_STATUS: Mapping[type[DomainError], int] = {NotFound: 404, Forbidden: 403, NotAllowed: 409, Stale: 412, Invalid: 422}
_TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Who is asking is not known",
    403: "Not allowed to this party",
    404: "Not found",
    405: "No such method here",
    406: "Not available in that form",
    409: "Refused by a rule or the present state",
    412: "Changed in the meantime",
    413: "Too large",
    415: "Not a media type read here",
    422: "The request makes no sense",
    428: "A condition is missing",
    500: "Something broke on our side",
    503: "Not available at the moment",
}
# What pydantic finds, by the names this product has for it.
_VALIDATION_CODES: Mapping[str, str] = {
    "extra_forbidden": "unknown-field",
    "missing": "field-missing",
    "number_not_text": "number-not-text",
    "decimal_form": "decimal-malformed",
    "amount_as_number": "amount-as-number",
    "amount_form": "amount-malformed",
    "amount_not_positive": "amount-not-positive",
    "amount_too_fine": "amount-too-fine",
    "amount_too_large": "amount-too-large",
    "currency_unknown": "currency-unknown",
}


class FieldProblem(BaseModel):
    """One thing wrong with a body, by JSON Pointer (RFC 6901)."""

    pointer: str
    code: str
    detail: str


class Problem(BaseModel):
    """A problem as the API documents it (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "description": "RFC 9457 problem details. A refusal that rests on a rule names it in `rule`, its article in"
            " `source` and what would be admitted in `satisfied_by`; one without `rule` rests on none: what was sent"
            " contradicts itself, is not this party's to send, or comes too early, too late or twice."
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str
    rule: str | None = None
    source: str | None = None
    satisfied_by: str | None = None
    pointer: str | None = None
    errors: list[FieldProblem] | None = None
    refusal: str | None = None
    """The refusal, signed (compact JWS, RFC 7515), where the refused party may have to prove it."""


class ProblemResponse(JSONResponse):
    """An answer that says what is wrong."""

    media_type = MEDIA_TYPE


class EdgeProblem(Exception):  # noqa: N818 - a problem, found before any domain was asked
    """Something wrong with the HTTP request itself."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers


def respond(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **extra: Any
) -> ProblemResponse:
    """Write one problem."""
    context = trace.get_current_span().get_span_context()
    problem = Problem(
        type=TYPE_PREFIX + code,
        title=_TITLES.get(status, "Problem"),
        status=status,
        detail=detail,
        code=code,
        trace_id=trace.format_trace_id(context.trace_id),
        **extra,
    )
    return ProblemResponse(problem.model_dump(exclude_none=True), status, headers=dict(headers or {}))


def describe(error: DomainError, **extra: Any) -> ProblemResponse:
    """Write a refusal of the domain."""
    reference = error.reference
    return respond(
        _STATUS[type(error)],
        error.code,
        error.detail,
        rule=reference.rule if reference else None,
        source=reference.source if reference else None,
        satisfied_by=error.satisfied_by,
        pointer=error.pointer,
        **extra,
    )


def install(app: FastAPI) -> None:
    """Make every error of an application a problem."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(EdgeProblem, _edge)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    for failure in (DBAPIError, PoolTimeoutError, OSError):
        app.add_exception_handler(failure, _database)
    app.add_exception_handler(ObjectStorageError, _storage)


async def _domain(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, DomainError)  # noqa: S101 - registered for this type only
    return describe(error)


async def _edge(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, EdgeProblem)  # noqa: S101 - registered for this type only
    return respond(error.status, error.code, error.detail, error.headers)


async def _http(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    title = _TITLES.get(error.status_code, "Problem")
    return respond(error.status_code, title.lower().replace(" ", "-"), f"{title}.", error.headers)


async def _validation(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    found = [
        FieldProblem(
            pointer=_pointer(item["loc"]),
            code=_VALIDATION_CODES.get(item["type"], "value-invalid"),
            detail=_sentence(item),
        )
        for item in error.errors()
    ]
    code = found[0].code if len({item.code for item in found}) == 1 else "request-invalid"
    return respond(422, code, "The request does not have the form that the API describes.", errors=found[:50])


async def _storage(_: Request, error: Exception) -> ProblemResponse:
    log.error("storage.unavailable", error=type(error).__name__)
    return respond(
        503, "storage-unavailable", "The object storage does not answer; nothing was changed.", {"Retry-After": "2"}
    )


async def _database(_: Request, error: Exception) -> ProblemResponse:
    state = sqlstate(error)
    # 23505: somebody else made the same thing at the same instant; asked again, the domain says what is in the way.
    if state in {"23505", "55P03", "40001", "40P01"}:
        return respond(409, "busy", "Another request is changing the same thing.", {"Retry-After": "1"})
    if not is_passing(error):
        return unexpected(error)
    log.error("database.unavailable", error=type(error).__name__, sqlstate=state)
    return respond(
        503, "database-unavailable", "The database does not answer; nothing was changed.", {"Retry-After": "2"}
    )


def unexpected(error: Exception) -> ProblemResponse:
    """Write a failure of our own."""
    # Messages of arbitrary exceptions may quote a request, so only the kind and the place are logged.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "unknown"
    log.error("request.failed", error=type(error).__name__, where=where)
    return respond(500, "unexpected", "Nothing was changed. The trace id leads the operator to the cause.")


def _sentence(error: Mapping[str, Any]) -> str:
    """Say what is wrong with a value: Pydantic's own sentence, as far as it quotes only what the schema says."""
    if error["type"] == "extra_forbidden":
        return "This field is not known here."
    # Behind the comma these quote the character that could not be read.
    return f"{error['msg'].partition(',')[0]}." if error["type"].endswith("_parsing") else error["msg"]


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
