"""Exceptions from rules: asked for, granted or refused by a second person, and public."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from shared.contracts.fields import Instant, LongText, Sha256, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, etag
from shared.platform.reading import Reading
from tender.api.deps import CurrentCatalogues
from tender.api.schemas import Code, Request, View
from tender.domain.exception import ExceptionRequest, ExceptionStatus, RuleException
from tender.usecases import exceptions

router = APIRouter(tags=["procedures"], route_class=CommandRoute)


class ExceptionBody(Request):
    """The rule, the ground, why it is right here, and the digests of the documents that show it."""

    rule: ShortText
    code: Code
    reason: LongText
    evidence: Annotated[list[Sha256], Field(min_length=1, max_length=20)]


class RefusalBody(Request):
    reason: LongText


class ExceptionView(View):
    id: UUID
    tender: UUID
    rule: str
    source: str
    code: str
    reason: str
    evidence: list[str]
    status: ExceptionStatus
    requested_at: Instant
    decided_at: Instant | None
    refused_because: str | None
    due_at: Instant | None


@router.post("/v1/tenders/{tender_id}/exceptions", status_code=201)
async def request_exception(
    work: CurrentWork,
    tender_id: UUID,
    body: ExceptionBody,
    catalogues: CurrentCatalogues,
    response: Response,
    actor: Annotated[Actor, allow("exception.request")],
) -> ExceptionView:
    """Ask for an exception from a rule that a draft does not meet; a change of the draft makes it lapse."""
    asked = ExceptionRequest(body.rule, body.code, body.reason, tuple(body.evidence))
    return _shown(await exceptions.request(work, actor, tender_id, asked, catalogues), response)


@router.post("/v1/exceptions/{exception_id}/grant")
async def grant_exception(
    work: CurrentWork,
    exception_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("exception.decide")],
) -> ExceptionView:
    """Grant an exception as a second person; anybody may read it."""
    return _shown(await exceptions.grant(work, actor, exception_id, version=version), response)


@router.post("/v1/exceptions/{exception_id}/refusal")
async def refuse_exception(
    work: CurrentWork,
    exception_id: UUID,
    body: RefusalBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("exception.decide")],
) -> ExceptionView:
    """Refuse an exception, with the reason."""
    return _shown(await exceptions.refuse(work, actor, exception_id, body.reason, version=version), response)


@router.get("/v1/tenders/{tender_id}/exceptions", dependencies=[public()])
async def list_exceptions(
    connection: Reading, tender_id: UUID, actor: Annotated[Actor | None, Depends(known)]
) -> list[ExceptionView]:
    """List a tender's exceptions: those that were granted to anybody, all of them to its own office."""
    found = await exceptions.listed(connection, tender_id, actor)
    return [ExceptionView.model_validate(exception) for exception in found]


def _shown(exception: RuleException, response: Response) -> ExceptionView:
    response.headers["ETag"] = etag(exception.version)
    return ExceptionView.model_validate(exception)
