"""Documents that tests put here, and rest on."""

import hashlib
from typing import Any

import httpx

PDF = b"%PDF-1.7\n" + b"What we would do, night by night. " * 40


async def upload(
    parties: Any, person: Any, content: bytes = PDF, media_type: str = "application/pdf", **more: Any
) -> Any:
    headers = parties.service.headers(person.name, person.organisation, *person.roles)
    headers["Content-Type"] = "application/octet-stream"
    return await parties.service.client.post(
        "/v1/documents", params={"media_type": media_type, **more}, headers=headers, content=content
    )


async def get(parties: Any, digest: str, person: Any = None, **headers: str) -> httpx.Response:
    known = parties.service.headers(person.name, person.organisation, *person.roles) if person else {}
    response: httpx.Response = await parties.service.client.get(f"/v1/documents/{digest}", headers={**known, **headers})
    return response


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


EVIDENCE = digest_of(PDF)


async def rested_on(parties: Any, *persons: Any) -> str:
    """Let persons put the evidence here for their organisations; return its digest."""
    for person in persons:
        assert (await upload(parties, person)).status_code == 201
    return EVIDENCE
