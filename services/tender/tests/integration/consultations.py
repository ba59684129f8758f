"""A consultation at its talks, over HTTP, and the steps from there to the final quotes."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.rules.pack import load_pack

REASON = {"ground": "complex", "rationale": "How care is best given is found out in talks."}
OFFERS = {"alder": "1000011.11", "birch": "1000022.22", "cedar": "1000033.33"}


def envelope(content: bytes) -> dict[str, str]:
    return {"scheme": "access/v1", "envelope": base64.b64encode(content).decode()}


def price_alone(content: dict[str, Any]) -> dict[str, Any]:
    """Let nothing but the price be compared, as where China negotiates."""
    (price, *_) = content["criteria"]
    return {**content, "criteria": [{**price, "weight": "100"}]}


async def in_talks(parties: Any, bids: Mapping[str, str] = OFFERS, **changes: Any) -> tuple[Any, dict[str, str]]:
    """Bring a consultation under the model pack to its locked scores; return it and its bids by bidder."""
    procurement = parties.procurement("competitive-consultation", **REASON)
    return await parties.scored(
        {name: (price, "50") for name, price in bids.items()}, **{"procurement": procurement, **changes}
    )


async def talked(parties: Any, tender: Mapping[str, Any], *bids: str) -> None:
    """Record talks with the bidders of these bids."""
    day = load_pack(tender["pack"]).calendar.day_of(parties.service.clock.now()).isoformat()
    for bid in bids:
        minutes = await parties.uploaded(parties.officer, f"What was said on {bid}.".encode())
        body = {"bid": bid, "held_on": day, "persons": ["Olga Orlova"], "minutes": minutes}
        await parties.done("POST", f"/v1/tenders/{tender['id']}/talks", parties.officer, body)


async def requested(parties: Any, tender: Mapping[str, Any]) -> Any:
    """Talk with everybody that goes on, and ask for final quotes within a week; return the tender."""
    bids = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    await talked(parties, tender, *(bid["bid"] for bid in bids if bid["valid"] and bid["price"] is None))
    body = {"closes_at": (parties.service.clock.now() + timedelta(days=7)).isoformat()}
    return await parties.done("POST", f"/v1/tenders/{tender['id']}/final-quotes", parties.officer, body)


async def send_quote(parties: Any, bid: str, bidder: str, content: bytes, **options: Any) -> Any:
    path = f"/v1/bids/{bid}/final-quotes"
    return await parties.send("POST", path, parties.bidder(bidder), envelope(content), **options)


async def quoted(parties: Any, bid: str, bidder: str, price: str, currency: str = "EUR") -> Any:
    """Give a final quote, and return its receipt."""
    answer = await send_quote(parties, bid, bidder, parties.priced(price, currency))
    assert answer.status_code == 201, answer.text
    return answer.json()
