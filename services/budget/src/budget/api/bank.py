"""Files of payments for the bank, its statements, and what both say together; accounts are shown to nobody else."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Header, Query, Response

from budget.api.bank_schemas import (
    ExplanationBody,
    FactsView,
    MadeFileView,
    MismatchView,
    PaymentFileBody,
    PaymentFileView,
    ReconciliationView,
    StatementView,
    account_view,
    fact_view,
    file_view,
    made_view,
    mismatch_view,
    statement_view,
)
from budget.api.iso20022.credit_transfer import write_credit_transfers
from budget.api.iso20022.statement import read_statements
from budget.usecases import payment_files, reconciliation
from budget.usecases import payment_queries as queries
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.reading import Reading

LARGER_BODIES = {"/v1/bank-statements": 8 * 2**20}

router = APIRouter(tags=["bank"], route_class=CommandRoute)

_PRIVATE = {"Cache-Control": "private, no-store"}


@router.post("/v1/payment-files", status_code=201)
async def make_payment_file(
    work: CurrentWork, body: PaymentFileBody, response: Response, actor: Annotated[Actor, allow("budget.make-file")]
) -> MadeFileView:
    """Put into one file for the bank what was paid in a currency and stands in no file yet."""
    made = await payment_files.make(work, actor, currency=body.currency, execution_on=body.execution_on)
    response.headers["Location"] = f"v1/payment-files/{made.file.id}"
    return made_view(made)


@router.get("/v1/payment-files")
async def list_payment_files(
    connection: Reading, after: AfterId, _: Annotated[Actor, allow("budget.read-file")], limit: Limit = 50
) -> Page[PaymentFileView]:
    """List the files of payments, oldest first."""
    found = await queries.files(connection, after, limit + 1)
    return page(map(file_view, found), limit)


@router.get(
    "/v1/payment-files/{file}.xml",
    response_class=Response,
    responses={200: {"content": {"application/xml": {"schema": {"type": "string"}}}}},
)
async def download_payment_file(
    connection: Reading, file: UUID, _: Annotated[Actor, allow("budget.read-file")]
) -> Response:
    """Hand out a file as the bank reads it (ISO 20022, pain.001.001.09)."""
    content = write_credit_transfers(await queries.file(connection, file))
    name = {"Content-Disposition": f'attachment; filename="{file}.xml"'}
    return Response(content, media_type="application/xml", headers={**_PRIVATE, **name})


@router.get("/v1/payment-files/{file}")
async def show_payment_file(
    connection: Reading, file: UUID, _: Annotated[Actor, allow("budget.read-file")]
) -> PaymentFileView:
    """Show what a file tells the bank to pay, without the accounts."""
    return file_view(await queries.file(connection, file))


@router.post("/v1/bank-statements", responses={201: {"model": list[StatementView]}})
async def take_bank_statements(
    work: CurrentWork,
    content: Annotated[bytes, Body(media_type="application/octet-stream")],
    response: Response,
    actor: Annotated[Actor, allow("budget.take-statement")],
) -> list[StatementView]:
    """Take in a bank statement (ISO 20022, camt.053.001.02 or .08) and hold it against the ledger.

    What differs is reported in the same step. A statement that is known changes nothing: 200 instead of 201.
    """
    # Several megabytes take seconds to read; others are answered meanwhile.
    statements = await asyncio.to_thread(read_statements, content)
    taken = await reconciliation.take(work, actor, statements)
    response.status_code = 201 if any(one.now for one in taken) else 200
    return [statement_view(one) for one in taken]


@router.get("/v1/bank-statements")
async def list_bank_statements(
    connection: Reading, after: AfterId, _: Annotated[Actor, allow("budget.read-reconciliation")], limit: Limit = 50
) -> Page[StatementView]:
    """List the statements that were taken in, oldest first, without their movements."""
    found = await queries.statements(connection, after, limit + 1)
    return page(map(statement_view, found), limit)


@router.get("/v1/reconciliation")
async def show_reconciliation(
    connection: Reading, response: Response, _: Annotated[Actor, allow("budget.read-reconciliation")]
) -> ReconciliationView:
    """Show what contracts, ledger and bank say of each contracting process, and what nobody has explained yet."""
    processes, mismatches = await queries.reconciliation(connection)
    response.headers.update(_PRIVATE)
    return ReconciliationView(
        processes=[account_view(one) for one in processes], mismatches=[mismatch_view(one) for one in mismatches]
    )


@router.post("/v1/mismatches/{mismatch}/explanation")
async def explain_mismatch(
    work: CurrentWork, mismatch: UUID, body: ExplanationBody, actor: Annotated[Actor, allow("budget.explain-mismatch")]
) -> MismatchView:
    """Say, as another person than took the statement in, what a difference comes from."""
    return mismatch_view(await reconciliation.explain(work, mismatch, body.explanation, actor.person))


@router.get(
    "/v1/payment-feed",
    dependencies=[public()],
    response_model=FactsView,
    responses={304: {"description": "There is nothing new."}},
)
async def read_payment_feed(
    connection: Reading,
    response: Response,
    after: Annotated[int, Query(ge=0, le=2**62, description="The `next` of the last reading.")] = 0,
    limit: Limit = 50,
    if_none_match: Annotated[str | None, Header(description="The ETag of the last reading.")] = None,
) -> FactsView | Response:
    """Read what became true of payments, in a stable order: made, sent to the bank, confirmed by it, returned.

    Each fact comes once and never changes; whoever goes on from `next` misses none.
    """
    items = [fact_view(one) for one in await queries.payment_facts(connection, after, limit)]
    reached = items[-1].place if items else after
    etag = f'"{after}-{reached}"'
    if if_none_match == etag:
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return FactsView(items=items, next=reached)
