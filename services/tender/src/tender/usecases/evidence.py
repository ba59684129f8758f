"""What somebody rests on: documents that were put here, which those who decide on it may read; nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor
from shared.kernel.errors import NotFound
from tender.db import documents, panels, store
from tender.db import evidence as kept
from tender.domain.challenge_parties import Case, insight


async def check_uploaded(connection: AsyncConnection, actor: Actor, *digests: str) -> None:
    """Refuse as evidence what one's own organisation never put here: nobody could read it.

    Raises:
        NotFound: document-unknown.
    """
    if not await documents.are_own(connection, actor.organisation, digests):
        raise NotFound(
            "document-unknown",
            "Your organisation has put no such document here.",
            satisfied_by="Its upload (POST /v1/documents).",
        )


async def submit_in_challenge(
    connection: AsyncConnection, actor: Actor, challenge: UUID, digests: Sequence[str]
) -> None:
    """Rest a challenge on documents; who reads its arguments may read them.

    Raises:
        NotFound: document-unknown.
    """
    await check_uploaded(connection, actor, *digests)
    await kept.note_in_challenge(connection, challenge, digests)


async def submit_in_contract(connection: AsyncConnection, actor: Actor, contract: UUID, digests: Sequence[str]) -> None:
    """Let a change of a contract come with documents; both sides may read what they sign.

    Raises:
        NotFound: document-unknown.
    """
    await check_uploaded(connection, actor, *digests)
    await kept.note_in_contract(connection, contract, digests)


async def may_read(connection: AsyncConnection, actor: Actor | None, digest: str) -> bool:
    """Tell whether a document is evidence that an actor decides on, or part of a contract of its organisation."""
    if actor is None:
        return False
    for contract in await kept.contracts_with(connection, digest):
        if actor.organisation in {contract.buyer.id, contract.supplier.id}:
            return True
    for challenge in await kept.challenges_with(connection, digest):
        case = Case(await store.tender(connection, challenge.tender), await panels.find(connection, challenge.tender))
        if insight(challenge, actor, case).arguments:
            return True
    return False
