"""What can be asked of the evaluation."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from evaluation.db import contracts as contract_store
from evaluation.db import external as external_store
from evaluation.db import originals as original_store
from evaluation.db import supervision_files as file_store
from evaluation.db import supervisors as supervisor_store
from evaluation.domain.contract_record import ContractRecord
from evaluation.domain.external.imported import ImportedProcess
from evaluation.domain.supervision_data import Status
from evaluation.domain.supervision_file import SupervisionFile
from evaluation.domain.supervisor import Supervisor
from shared.platform.database import Overdue


async def supervisor(connection: AsyncConnection, organisation: str) -> Supervisor:
    return await supervisor_store.supervisor(connection, organisation)


async def supervisors(connection: AsyncConnection, after: str | None, limit: int) -> Sequence[Supervisor]:
    return await supervisor_store.page(connection, after, limit)


async def supervision_file(connection: AsyncConnection, contract: UUID) -> SupervisionFile:
    return await file_store.supervision_file(connection, contract)


async def supervision_files(
    connection: AsyncConnection, after: UUID | None, limit: int, status: Status | None
) -> Sequence[SupervisionFile]:
    return await file_store.page(connection, after, limit, status)


async def contract(connection: AsyncConnection, identifier: UUID) -> ContractRecord:
    return await contract_store.contract(connection, identifier)


async def contracts(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[ContractRecord]:
    return await contract_store.page(connection, after, limit)


async def original(connection: AsyncConnection, sha256: str) -> bytes:
    return await original_store.content(connection, sha256)


async def external_process(connection: AsyncConnection, ocid: str) -> ImportedProcess:
    return await external_store.external_process(connection, ocid)


async def external_processes(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[ImportedProcess]:
    return await external_store.page(connection, after, limit)


async def overdue(connection: AsyncConnection, now: datetime) -> list[Overdue]:
    return await file_store.overdue(connection, now)
