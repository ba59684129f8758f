"""Every error is a problem (RFC 9457), and none quotes what was sent."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from fastapi import FastAPI, HTTPException
from obstore.exceptions import GenericError
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.contracts.fields import Amount, DecimalText
from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed, NotFound, RuleReference, Stale
from shared.platform.edge import Edge
from shared.platform.problems import EdgeProblem, install

CANARY = "CANARY-b7c1"


class OfPostgres(Exception):  # noqa: N818 - as a driver raises it
    def __init__(self, sqlstate: str) -> None:
        super().__init__(CANARY)
        self.sqlstate = sqlstate


def of_database(sqlstate: str, kind: type[DBAPIError] = DBAPIError) -> DBAPIError:
    return kind(f"SELECT '{CANARY}'", {}, OfPostgres(sqlstate))


def lost() -> DBAPIError:
    return DBAPIError("SELECT", {}, OfPostgres("XX000"), connection_invalidated=True)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: Amount | None = None
    share: DecimalText | None = None
    reference: UUID | None = None
    on: date | None = None
    number: int = 0
    name: str


async def answer(
    error: Exception | None = None, *, json: Any = None, method: str = "POST", path: str = "/"
) -> tuple[httpx.Response, list[Any]]:
    app = FastAPI()
    install(app)
    app.add_middleware(Edge, service="notes", larger_bodies={})

    @app.post("/")
    async def route(body: Body | None = None) -> None:
        if error:
            raise error

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x.test") as client:
        with structlog.testing.capture_logs() as lines:
            response = await client.request(method, path, json=json)
    assert CANARY not in response.text
    assert CANARY not in str(lines)
    return response, lines


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("c", "d"), 404),
        (Forbidden("c", "d"), 403),
        (NotAllowed("c", "d"), 409),
        (Stale("c", "d"), 412),
        (Invalid("c", "d"), 422),
        (EdgeProblem(400, "c", "d"), 400),
    ],
)
async def test_kind_becomes_a_status_when_the_domain_refuses(error: Exception, status: int) -> None:
    response, _ = await answer(error)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["type"], problem["status"], problem["code"], problem["detail"]) == (
        "urn:coxswain:problem:c", status, "c", "d"
    )  # fmt: skip
    assert set(problem) == {"type", "title", "status", "detail", "code", "trace_id"}


async def test_rule_and_source_are_named_when_a_rule_refuses() -> None:
    error = NotAllowed("c", "d", reference=RuleReference("gate.1", "Art. 7"), satisfied_by="More.", pointer="/body/a")
    problem = (await answer(error))[0].json()
    assert (problem["rule"], problem["source"], problem["satisfied_by"], problem["pointer"]) == (
        "gate.1", "Art. 7", "More.", "/body/a"
    )  # fmt: skip


def test_every_kind_has_a_status_when_the_domain_may_raise_it() -> None:
    kinds = {kind for kind in DomainError.__subclasses__() if kind.__module__ == "shared.kernel.errors"}
    assert kinds == {NotFound, Forbidden, NotAllowed, Stale, Invalid}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (of_database("55P03"), 409, "busy"),
        (of_database("40001"), 409, "busy"),
        (of_database("40P01"), 409, "busy"),
        (of_database("23505", IntegrityError), 409, "busy"),
        (of_database("57P01"), 503, "database-unavailable"),
        (of_database("57P03"), 503, "database-unavailable"),
        (of_database("08003"), 503, "database-unavailable"),
        (of_database("53100"), 503, "database-unavailable"),
        (of_database("53300"), 503, "database-unavailable"),
        (of_database("3D000"), 503, "database-unavailable"),
        (of_database("25006"), 503, "database-unavailable"),
        (lost(), 503, "database-unavailable"),
        (PoolTimeoutError(CANARY), 503, "database-unavailable"),
        (ConnectionRefusedError(CANARY), 503, "database-unavailable"),
        (TimeoutError(CANARY), 503, "database-unavailable"),
        (GenericError(CANARY), 503, "storage-unavailable"),
        (of_database("23514", IntegrityError), 500, "unexpected"),
        (of_database("42601"), 500, "unexpected"),
        (of_database("", InterfaceError), 500, "unexpected"),
        (RuntimeError(CANARY), 500, "unexpected"),
    ],
)
async def test_failure_is_told_from_a_fault_when_something_breaks(error: Exception, status: int, code: str) -> None:
    response, lines = await answer(error)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in response.headers) == (status != 500)
    if status == 500:
        assert lines[0]["error"] == type(error).__name__
        assert "test_problems.py" in lines[0]["where"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/nowhere", 404, "not-found"),
        ("GET", "/", 405, "no-such-method-here"),
    ],
)
async def test_problem_is_said_when_there_is_no_route(method: str, path: str, status: int, code: str) -> None:
    response, _ = await answer(method=method, path=path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"


async def test_error_of_the_framework_does_not_quote_when_it_carries_a_detail() -> None:
    response, _ = await answer(HTTPException(418, CANARY))
    assert response.json()["code"] == "problem"


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"name": "a", "reference": CANARY}, "/body/reference", "value-invalid"),
        ({"name": "a", "on": CANARY}, "/body/on", "value-invalid"),
        ({"name": "a", "number": CANARY}, "/body/number", "value-invalid"),
        ({"name": "a", "share": CANARY}, "/body/share", "decimal-malformed"),
        ({"name": "a", "share": 1.5}, "/body/share", "number-not-text"),
        ({"name": "a", "amount": CANARY}, "/body/amount", "amount-malformed"),
        ({"name": "a", "amount": 12}, "/body/amount", "amount-as-number"),
        ({"name": "a", "amount": {"amount": 1, "currency": "EUR"}}, "/body/amount", "amount-as-number"),
        ({"name": "a", "amount": {"amount": "1", "currency": CANARY}}, "/body/amount", "currency-unknown"),
        ({"name": "a", "more": CANARY}, "/body/more", "unknown-field"),
        ({"name": "a", "a/b~c": 1}, "/body/a~1b~0c", "unknown-field"),
        ({}, "/body/name", "field-missing"),
        ([CANARY], "/body", "value-invalid"),
    ],
)
async def test_place_and_code_are_named_when_a_body_is_not_of_its_form(body: Any, pointer: str, code: str) -> None:
    response, _ = await answer(json=body)
    assert response.status_code == 422
    (found,) = response.json()["errors"]
    assert (found["pointer"], found["code"]) == (pointer, code)
    assert response.json()["code"] == code


async def test_first_fifty_are_named_when_everything_is_wrong() -> None:
    response, _ = await answer(json={f"f{number}": CANARY for number in range(80)})
    assert response.json()["code"] == "request-invalid"
    assert len(response.json()["errors"]) == 50


@pytest.mark.parametrize("character", ["\N{SNOWMAN}", "<", "\x7f"])
async def test_no_character_is_quoted_when_an_identifier_is_malformed(character: str) -> None:
    response, _ = await answer(json={"name": "a", "reference": character * 36, "on": character, "number": character})
    assert [item["detail"] for item in response.json()["errors"]] == [
        "Input should be a valid UUID.",
        "Input should be a valid date or datetime.",
        "Input should be a valid integer.",
    ]
