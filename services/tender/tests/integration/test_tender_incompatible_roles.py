"""Roles that one person or organisation does not hold together, over HTTP: who acts is asked, not only who sits."""

from dataclasses import replace
from typing import Any

AMENDMENT = {"reason": "A slip of the pen."}
WRITER = ("roles-incompatible", "incompatible.specification-writer")


async def test_bid_does_not_count_when_its_bidder_wrote_the_demand(parties: Any) -> None:
    plan = await parties.plan(demand={"written_by": "alder"})
    draft = await parties.done("POST", "/v1/tenders", parties.officer, {**parties.content_body(), "plan": plan["id"]})
    tender = await parties.publish(draft)
    for bidder in ("alder", "birch", "cedar"):
        await parties.verify(bidder)
        await parties.bid(tender, bidder, "1000000.00")
    await parties.open(tender)
    told = {bid["bidder"]["id"]: bid for bid in dict(await parties.events())["tender.opened.v1"]["bids"]}
    assert {name: bid["valid"] for name, bid in told.items()} == {"alder": False, "birch": True, "cedar": True}
    assert (told["alder"]["rule"], told["alder"]["source"]) == ("incompatible.provider", "Coxswain model pack")


async def test_bid_of_the_purchaser_itself_does_not_count(parties: Any) -> None:
    tender = await parties.active()
    for bidder in ("city", "birch", "cedar"):
        await parties.verify(bidder)
        await parties.bid(tender, bidder, "1000000.00")
    await parties.open(tender)
    told = {bid["bidder"]["id"]: bid for bid in dict(await parties.events())["tender.opened.v1"]["bids"]}
    assert {name: bid["valid"] for name, bid in told.items()} == {"city": False, "birch": True, "cedar": True}
    assert (told["city"]["rule"], told["city"]["source"]) == ("incompatible.bidder", "Coxswain model pack")


async def test_nobody_who_ever_wrote_a_part_sits_and_no_member_writes(parties: Any) -> None:
    otto = replace(parties.officer, name="otto")
    draft = await parties.draft()
    path = f"/v1/tenders/{draft['id']}"
    rewritten = await parties.done("PUT", path, otto, parties.content_body(title="Home care"), version=1)
    # Whoever wrote before somebody else did has written, too.
    rewritten = await parties.done("PUT", path, parties.officer, parties.content_body(), version=2)
    tender = await parties.publish(rewritten)
    # What is drafted by a third is published, and counts as written by that one.
    anna = replace(parties.officer, name="anna")
    amendment = {"content": parties.content_body(title="Home care"), **AMENDMENT}
    drafted = await parties.done("POST", f"{path}/amendments", anna, amendment)
    await parties.done("POST", f"{path}/amendments/{drafted['id']}/publication", parties.head)
    await parties.pool()
    tender = await parties.shown(path)
    await parties.panel_drawn(tender, experts=2, representatives=1)
    for writer in ("otto", "anna", parties.officer.name):
        body = {"person": writer, "name": writer.title()}
        parties.refused(await parties.send("POST", f"{path}/panel/representatives", parties.head, body), 403, *WRITER)
    await parties.done("POST", f"{path}/panel/representatives", parties.head, {"person": "rita", "name": "Rita"})
    rita = replace(parties.officer, name="rita")
    again = {"content": parties.content_body(title="Care"), **AMENDMENT}
    parties.refused(await parties.send("POST", f"{path}/amendments", rita, again), 403, *WRITER)
