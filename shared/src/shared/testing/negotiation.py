"""The steps by which a procedure comes to final quotes: talks with each bidder, the call, and the quotes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.rules.pack import load_pack
from shared.testing.callers import Callers
from shared.testing.course import OFFICER, Terms, clerk, envelope, tender_path
from shared.testing.town import Town, done


async def talked(town: Town, tender: Mapping[str, Any], *bids: str) -> None:
    """Record talks with the bidders of these bids, each by itself, their minutes put where documents are kept."""
    day = load_pack(tender["pack"]).calendar.day_of(town.clock.now()).isoformat()
    for item in bids:
        minutes = await Callers(town.services["tender"]).uploaded(OFFICER, f"What was said on {item}.".encode())
        body = {"bid": item, "held_on": day, "persons": ["Olga Orlova", "Pola Petri"], "minutes": minutes}
        await done(town, OFFICER, tender_path(tender, "/talks"), body)


async def quotes_requested(town: Town, tender: Mapping[str, Any], *, days: int = 7) -> str:
    """Ask for the final quotes, and return until when they are taken."""
    closes_at = (town.clock.now() + timedelta(days=days)).isoformat()
    after = await done(town, OFFICER, tender_path(tender, "/final-quotes"), {"closes_at": closes_at})
    until: str = after["negotiation"]["closes_at"]
    return until


async def quoted(town: Town, terms: Terms, bid_id: str, organisation: str, price: str) -> Any:
    """Give a final quote, and return its receipt."""
    body = {"scheme": "access/v1", "envelope": envelope({"price": terms.money(price)})}
    return await done(town, clerk(organisation), f"/v1/bids/{bid_id}/final-quotes", body)
