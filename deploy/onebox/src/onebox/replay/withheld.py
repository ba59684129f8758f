"""Rankings that are not public, from a file or from the service by whoever may read them, held to their digests."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from onebox.credentials import AccessTokens, CannotAsk, Credentials
from onebox.options import DEFAULT_URL
from onebox.replay.unusable import Unusable
from shared.contracts.award import Proposed
from shared.kernel.canonical import salted_digest
from shared.kernel.errors import DomainError

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NotShown:
    """Say, by a code and in words, why a ranking cannot be decided again."""

    code: str
    reason: str


Found = Mapping[str, Content | NotShown]
"""By digest: the whole ranking with its derivation, or why there is none."""
Show = Callable[[Sequence[Proposed]], Found]

_DIFFERS = NotShown("digest-differs", "What was shown is not what was decided on: the published digest is another.")
_KEPT = "The ranking is not public; who may read it gives a client (--client-id), or what was shown (--withheld)."
NOT_PUBLIC = NotShown("ranking-withheld", _KEPT)
_REFUSED = NotShown("ranking-withheld", "The ranking is not public, and not for the client that asked.")


def show_nothing(_: Sequence[Proposed]) -> Found:
    """Show none."""
    return {}


def from_file(file: Path) -> Show:
    """Read what was shown, one answer of the service a line.

    Raises:
        Unusable: if the file cannot be read, or a line is no such answer.
    """
    try:
        answers = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    except OSError as problem:
        raise Unusable(f"{file} cannot be read: {problem.strerror or 'it does not open'}.") from problem
    except (ValueError, RecursionError) as problem:
        raise Unusable(f"{file} is not JSON, an answer a line.") from problem
    if not all(isinstance(answer, dict) for answer in answers):
        raise Unusable(f"{file} is not JSON, an answer a line.")
    return lambda wanted: _by_digest(wanted, {str(answer.get("digest")): answer for answer in answers})


def from_service(url: str, credentials: Credentials) -> Show:
    """Ask the tender service at an address."""
    return lambda wanted: asyncio.run(ask(httpx.AsyncHTTPTransport(), credentials, wanted, url)) if wanted else {}


async def ask(
    transport: httpx.AsyncBaseTransport, credentials: Credentials, wanted: Iterable[Proposed], url: str = DEFAULT_URL
) -> Found:
    """Ask for every ranking that is wanted.

    Raises:
        Unusable: if there is no token, or no answer.
    """
    found: dict[str, Content | NotShown] = {}
    async with httpx.AsyncClient(transport=transport, base_url=url, timeout=30) as client:
        tokens = AccessTokens(client, credentials)
        for proposal in wanted:
            digest = str(proposal.ranking_digest)
            try:
                headers = {"Authorization": f"Bearer {await tokens.token('tender')}"}
                path = f"/tender/v1/tenders/{proposal.tender}/withheld/{digest}"
                response = await client.get(path, headers=headers)
                answer = response.json()
            except (CannotAsk, httpx.HTTPError, ValueError) as problem:
                said = str(problem) if isinstance(problem, CannotAsk) else f"{url} does not show the rankings."
                raise Unusable(said) from problem
            found[digest] = held(answer, digest) if response.is_success else _REFUSED
    return found


def held(answer: Any, digest: str) -> Content | NotShown:
    """Hold what was shown to the digest that the event tells."""
    match answer:
        case {"salt": str(salt), "content": {"ranking": list(), "derivation": list()} as content}:
            try:
                return dict(content) if salted_digest(salt, content) == digest else _DIFFERS
            except (ValueError, DomainError):
                return _DIFFERS
    return _DIFFERS


def _by_digest(wanted: Iterable[Proposed], answers: Mapping[str, Any]) -> Found:
    digests = (str(proposal.ranking_digest) for proposal in wanted)
    return {digest: held(answers[digest], digest) for digest in digests if digest in answers}
