"""Journey 11: a clock that is a week late leaves the same as a punctual one, to the last stored instant."""

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.testing.course import (
    ALL,
    HEAD,
    OFFICER,
    Terms,
    appropriate,
    clerk,
    concluded,
    confirmed,
    priced,
    proposed,
    signed,
    tender_path,
)
from shared.testing.town import Town, done, flow, instant, seen, told

FoundTown = Callable[[], AbstractAsyncContextManager[Town]]
LOTS = {"all": "2500000.00"}
OFFERS = {
    "all": {
        "alder": ("1800000.00", "78"),
        "birch": ("2000000.00", "88"),
        "cedar": ("2400000.00", "93"),
        "dogwood": ("2400000.00", "60"),
    }
}
WEEK = timedelta(days=7)
# The end of the 31st of October: in China eight hours before it ends in London, in Brussels one hour, in winter.
END = {
    "model": "2026-11-01T00:00:00Z",
    "cn-services": "2026-10-31T16:00:00Z",
    "eu-light": "2026-10-31T23:00:00Z",
    "uk-2023": "2026-11-01T00:00:00Z",
}
BY_CHANCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b")
"""Identifiers, and what is salted."""
DRAWN = ("tender.panel", "tender.scores")
"""What tells of a panel hangs on the chance that it was drawn by."""
TABLES = ("tenders", "challenges", "contracts", "frameworks")


async def wait(town: Town, due: datetime, *, punctual: bool) -> None:
    """Let a week pass after something came due, on which the clock acts at once or at the end of the week."""
    tender = town.services["tender"]
    assert await tender.let_time_act() == 0
    town.clock.set(due)
    acted = await tender.let_time_act() if punctual else 0
    town.clock.set(due + WEEK)
    assert acted + await tender.let_time_act() == 1
    await flow(town)


async def to_the_end_of_a_contract(town: Town, terms: Terms, *, punctual: bool) -> str:
    """Let a deficiency and a challenge lapse, a suspension end, and a contract with its term."""
    line = await appropriate(town, terms, "4000000.00")
    tender, bids = await priced(town, terms, line, LOTS, OFFERS)
    raised = await done(
        town,
        clerk("alder"),
        tender_path(tender, "/challenges"),
        {
            "relates_to": "evaluation",
            "lot": "all",
            "ground": "wrong-scoring",
            "arguments": "Our night service was not seen.",
            "evidence": [],
            "remedies": ["evaluate-again"],
        },
    )
    answer = {"answer": "It was seen."}
    challenge = await done(town, OFFICER, f"/v1/challenges/{raised['id']}/answer", answer)
    path = tender_path(tender, f"/bids/{bids['all', 'birch']}/deficiency")
    told_of = await done(town, OFFICER, path, {"what": "The licence is not attached."})
    await wait(town, instant(told_of["deficiencies"][0]["due_at"]), punctual=punctual)
    await wait(town, instant(challenge["complaint_until"]), punctual=punctual)
    await proposed(town, tender, "all")
    contract = await signed(town, await confirmed(town, tender, "all"))
    path = f"/v1/contracts/{contract['id']}"
    until = town.clock.now() + timedelta(days=10, microseconds=1)
    await done(town, HEAD, f"{path}/suspension", {"reason": "Flood.", "until": until.isoformat()})
    await wait(town, until, punctual=punctual)
    end = instant(END[terms.pack])
    await wait(town, end, punctual=punctual)

    ended = await seen(town, path)
    assert (ended["status"], ended["supplier"]["id"], ended["termination"]["ground"]) == (
        "ending",
        "cedar",
        "end-of-term",
    )
    assert instant(ended["suspensions"][0]["ended_at"]) == until
    assert instant(ended["termination"]["notified_at"]) == end
    assert (await seen(town, f"/v1/challenges/{raised['id']}"))["status"] == "lapsed"
    excluded = {item["bidder"]["id"] for item in await seen(town, tender_path(tender, "/bids")) if not item["valid"]}
    assert excluded == {"birch"}
    return str(tender["ocid"])


async def to_the_end_of_a_framework(town: Town, terms: Terms, *, punctual: bool) -> str:
    """Let a framework agreement end with its term, half of it called off."""
    line = await appropriate(town, terms, "4000000.00")
    term = {"start": "2026-07-01", "end": "2027-06-30", "stage_two": "direct-choice", "most_suppliers": 3}
    tender, framework = await concluded(town, terms, line, LOTS, OFFERS, term)
    order = {
        "title": "Home care in one street",
        "value": terms.money("1250000.00"),
        "delivery": {"start": "2026-08-01", "end": "2027-12-31", "periods": 1},
        "reason": "It serves the street already.",
        "supplier": "birch",
    }
    await signed(town, await done(town, OFFICER, f"/v1/frameworks/{framework['id']}/call-offs", order))
    await wait(town, instant(framework["ends_at"]), punctual=punctual)
    ended = await seen(town, f"/v1/frameworks/{framework['id']}")
    assert (ended["status"], ended["called_off"]["amount"]) == ("ended", "1250000.00")
    return str(tender["ocid"])


async def left_behind(town: Town, ocid: str) -> list[str]:
    """Return all documents, what the clock acts on next, and every event; what is by chance by its first appearance."""
    service, found = town.services["tender"], list[str]()
    for table in TABLES:
        rows = await service.execute(f"SELECT document::text || ' ' || coalesce(clock_at::text, '') FROM {table}")
        found += rows.scalars().all()
    for name in town.services:
        found += [f"{kind} {data}" for kind, data in await told(town, ocid, name) if not kind.startswith(DRAWN)]
    found.append(str(await seen(town, f"/v1/procedures/{ocid}", service="budget")))
    known: dict[str, str] = {}

    def numbered(match: re.Match[str]) -> str:
        return known.setdefault(match[0], f"#{len(known)}")

    return [BY_CHANCE.sub(numbered, text.replace(ocid, "the process")) for text in found]


@pytest.mark.parametrize("course", [to_the_end_of_a_contract, to_the_end_of_a_framework])
@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_late_clock_leaves_the_same_documents_and_events_as_a_punctual_one(
    found_town: FoundTown, terms: Terms, course: Any
) -> None:
    async with found_town() as one, found_town() as other:
        punctual, late = await asyncio.gather(
            course(one, terms, punctual=True),
            course(other, terms, punctual=False),
        )
        assert await left_behind(other, late) == await left_behind(one, punctual)
