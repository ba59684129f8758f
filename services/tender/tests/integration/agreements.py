"""Framework agreements that tests start from."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

MICROSECOND = timedelta(microseconds=1)
BIDS = {"alder": ("900000.00", "90"), "birch": ("1000000.00", "80"), "cedar": ("1200000.00", "70")}
TERMS = {"start": "2026-05-01", "end": "2027-04-30", "stage_two": "direct-choice", "most_suppliers": 2}
MODEL_LAW = "UNCITRAL Model Law on Public Procurement (2011), art. 22"
ENDS = datetime(2027, 5, 1, tzinfo=UTC)


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def order(value: str = "100000.00", **more: Any) -> dict[str, Any]:
    delivery = {"start": "2026-08-01", "end": "2026-08-31", "periods": 1}
    return {"title": "Care in August", "value": eur(value), "delivery": delivery, "reason": "The nearest.", **more}


async def proposed(parties: Any, stage_two: str = "direct-choice", method: str = "framework-closed") -> Any:
    """Bring a tender to the proposal of its framework agreement, with alder and birch."""
    procurement = parties.procurement(method, rationale="Orders come as they are needed.")
    terms = {**TERMS, "stage_two": stage_two}
    tender, _ = await parties.priced_bids(BIDS, procurement=procurement, framework=terms)
    path = f"/v1/tenders/{tender['id']}/lots/lot-1/framework"
    # Nobody sees who would be admitted before it is proposed in earnest.
    assert await parties.done("POST", path, parties.officer, dry_run=True) == tender
    return await parties.done("POST", path, parties.officer)


async def concluded(parties: Any, **options: Any) -> Any:
    """Conclude a framework agreement, and return it."""
    tender = await proposed(parties, **options)
    parties.service.clock.set(datetime.fromisoformat(standstill(tender)))
    framework = await parties.done("POST", conclusion(tender), parties.head)
    parties.service.clock.set(datetime.fromisoformat(framework["starts_at"]))
    return framework


def standstill(tender: Mapping[str, Any]) -> str:
    ends: str = tender["lots"][0]["framework"]["standstill_ends_at"]
    return ends


def conclusion(tender: Mapping[str, Any]) -> str:
    return f"/v1/tenders/{tender['id']}/lots/lot-1/framework/confirmation"


def path(framework: Mapping[str, Any], rest: str = "") -> str:
    return f"/v1/frameworks/{framework['id']}{rest}"


async def overdue(parties: Any) -> dict[str, str]:
    """Return what is waited for, by the id of what waits."""
    items = await parties.shown("/v1/overdue", parties.officer)
    return {item["id"]: item["waiting_for"] for item in items}


async def told(parties: Any, kind: str) -> list[dict[str, Any]]:
    return [data for name, data in await parties.events() if name == kind]
