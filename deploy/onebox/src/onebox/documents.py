"""The API documents and the diagrams, from the applications themselves."""

import secrets
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from budget.domain.lifecycles import LIFECYCLES as OF_THE_BUDGET
from onebox.box import PARTS
from provider_registry.domain.lifecycles import LIFECYCLES as OF_THE_REGISTRY
from shared.kernel.clock import SystemClock
from shared.kernel.lifecycle import diagram
from shared.platform.service import Surroundings
from shared.platform.sources import FeedSource
from tender.domain.state_machines import LIFECYCLES

_HEADING = """# Lifecycles

What can become of each kind of object in a procurement procedure, who does it, and where it leads. The services admit
their steps by these very tables (`domain` of the tender, the budget and the registry service), and each serves its own
at `/v1/lifecycles`, with the events that tell of an act where they name them. `make documents` draws this page.
"""


def diagrams() -> str:
    """Draw every lifecycle."""
    parts = [
        f"## {cycle.object.replace('-', ' ').capitalize()}\n\n```mermaid\n{diagram(cycle)}```\n"
        for cycle in (*LIFECYCLES, *OF_THE_BUDGET, *OF_THE_REGISTRY)
    ]
    return "\n".join([_HEADING, *parts])


def openapi_documents() -> dict[str, dict[str, Any]]:
    """Return the OpenAPI document of each service; nothing is started and no database is asked."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    async def no_keys() -> dict[str, Any]:
        return {"keys": []}

    surroundings = Surroundings(
        clock=SystemClock(),
        source=lambda name, _: FeedSource(name, httpx.AsyncClient(base_url=f"http://{name}")),
        keys=no_keys,
    )
    documents = {}
    for part in PARTS:
        values: dict[str, Any] = {
            "database_url": SecretStr(f"postgresql+asyncpg://{part.database}@localhost/{part.database}"),
            "issuer": "https://issuer.example",
            "persons_key": SecretStr(secrets.token_hex(32)),
            **({"receipt_key": SecretStr(pem.decode())} if part.name == "tender" else {}),
        }
        documents[part.name] = part.create(part.settings(**values), surroundings).openapi()
    return documents
