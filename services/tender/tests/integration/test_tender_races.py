"""What happens at the same instant: two openings, and bids at the door when it closes."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from shared.kernel.access import Actor
from tender.usecases import opening

MICROSECOND = timedelta(microseconds=1)
DAY_AS_SECOND = 86_400


async def blocked(parties: Any, requests: int) -> None:
    """Wait until so many requests wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(5):
        while (await parties.service.execute(waiting)).scalar_one() < requests:  # noqa: ASYNC110 - PostgreSQL tells none
            await asyncio.sleep(0.005)


async def test_one_wins_and_bids_are_opened_once_when_two_open_at_once(parties: Any) -> None:
    for _ in range(5):
        tender = await parties.active(acceleration=DAY_AS_SECOND)
        await parties.verify("alder", "birch")
        await parties.bid(tender, "alder", "1.00")
        await parties.bid(tender, "birch", "2.00")
        parties.until_deadline(tender)
        path = f"/v1/tenders/{tender['id']}/opening"
        reads = await parties.count("sealed_reads")
        answers = await asyncio.gather(*(parties.send("POST", path, parties.officer) for _ in range(2)))
        won, lost = sorted(answers, key=lambda answer: int(answer.status_code))
        assert won.json()["status"] == "qualification"
        parties.refused(lost, 409, "tender-not-active", "bid-deadline")
        assert await parties.count("sealed_reads") == reads
        story = [data for kind, data in await parties.events() if kind == "tender.opened.v1"]
        assert sum(data["tender"] == tender["id"] for data in story) == 1


async def test_prices_are_opened_once_when_two_open_them_at_once(parties: Any) -> None:
    tender, bids = await parties.scored({"alder": ("900000.00", "50"), "birch": ("1000000.00", "60")})
    path = f"/v1/tenders/{tender['id']}/price-opening"
    answers = await asyncio.gather(*(parties.send("POST", path, parties.officer) for _ in range(2)))
    won, lost = sorted(answers, key=lambda answer: int(answer.status_code))
    assert won.json()["status"] == "award"
    parties.refused(lost, 409, "tender-not-evaluation", "quality-locked-before-prices")
    assert await parties.count("sealed_reads") == len(bids)
    assert [kind for kind, _ in await parties.events(tender)].count("tender.prices-opened.v1") == 1


async def test_bid_is_late_or_opened_and_never_lost_when_it_races_the_opening(parties: Any) -> None:
    await parties.verify("alder", "birch", "cedar", "dogwood")
    for run in range(20):
        tender = await parties.active(acceleration=DAY_AS_SECOND)
        await parties.bid(tender, "alder", "1.00")
        await parties.bid(tender, "birch", "2.00")
        deadline = parties.deadline(tender)
        parties.service.clock.set(deadline - MICROSECOND)

        async def open_at(tender: Any = tender, deadline: Any = deadline, delay: float = run * 0.001) -> Any:
            await asyncio.sleep(delay)
            parties.service.clock.set(deadline)
            return await parties.send("POST", f"/v1/tenders/{tender['id']}/opening", parties.officer)

        content = parties.priced("3.00")
        racing = {name: parties.send_bid(tender, name, content) for name in ("cedar", "dogwood")}
        opened, *answers = await asyncio.gather(open_at(), *racing.values())
        assert opened.status_code == 200, opened.text
        bids = {bid["bid"] for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}
        accepted = {answer.json()["bid"] for answer in answers if answer.status_code == 201}
        for answer in answers:
            if answer.status_code != 201:
                parties.refused(answer, 409, "bid-late", "bid-deadline")
        assert len(bids) == 2 + len(accepted)
        assert accepted <= bids


async def test_bid_is_opened_when_it_was_in_time_and_the_opening_waited_behind_it(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    await parties.bid(tender, "alder", "1.00")
    await parties.bid(tender, "birch", "2.00")
    parties.service.clock.set(parties.deadline(tender) - MICROSECOND)
    lock = text("SELECT id FROM tenders WHERE id = :id FOR UPDATE")
    async with parties.service.runtime.engine.begin() as connection:
        await connection.execute(lock, {"id": tender["id"]})
        bid = asyncio.create_task(parties.send_bid(tender, "cedar", parties.priced("3.00")))
        await blocked(parties, 1)
        parties.until_deadline(tender)
        opened_late = asyncio.create_task(parties.send("POST", f"/v1/tenders/{tender['id']}/opening", parties.officer))
        await blocked(parties, 2)
    receipt, opened = (await bid).json(), await opened_late
    assert opened.status_code == 200
    bids = {bid["bid"]: bid for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}
    assert (len(bids), bids[receipt["bid"]]["received_at"]) == (3, "2026-03-23T23:59:59.999999Z")


async def test_bid_is_late_when_it_came_in_time_but_the_opening_was_faster(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    await parties.bid(tender, "alder", "1.00")
    await parties.bid(tender, "birch", "2.00")
    parties.service.clock.set(parties.deadline(tender) - MICROSECOND)
    officer = Actor("olga", "city", frozenset({"procurement-officer"}))
    async with parties.service.runtime.engine.begin() as connection:
        await connection.execute(text("SELECT id FROM tenders WHERE id = :id FOR UPDATE"), {"id": tender["id"]})
        bid = asyncio.create_task(parties.send_bid(tender, "cedar", parties.priced("3.00")))
        await blocked(parties, 1)
        parties.until_deadline(tender)
        await opening.open_tender(parties.service.runtime.work(connection), officer, tender["id"], version=None)
    parties.refused(await bid, 409, "bid-late", "bid-deadline")
    assert len(await parties.shown(f"/v1/tenders/{tender['id']}/bids")) == 2
    assert await parties.count("bids") == 2


async def test_bids_come_in_beside_each_other_when_one_takes_its_time(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    async with parties.service.runtime.engine.begin() as slow:
        # What a bid's transaction holds until it commits.
        await slow.execute(text("SELECT id FROM tenders WHERE id = :id FOR SHARE"), {"id": tender["id"]})
        async with asyncio.timeout(5):
            await asyncio.gather(parties.bid(tender, "alder", "1.00"), parties.bid(tender, "birch", "2.00"))


async def test_member_has_one_whole_sheet_when_two_come_at_once(parties: Any) -> None:
    tender, bids = await parties.qualified({"alder": "1.00", "birch": "2.00"})
    chair, *others = await parties.declared(tender)
    sheets = [[(bid, "quality", value) for bid in bids.values()] for value in ("50", "60")]
    answers = await asyncio.gather(*(parties.send_scores(tender, sheet, chair) for sheet in sheets))
    assert [answer.status_code for answer in answers] == [204, 204]
    assert await parties.count("score_sheets") == 1
    for member in others:
        await parties.send_scores(tender, [(bid, "quality", "70") for bid in bids.values()], member)
    revealed = await parties.done("POST", f"/v1/tenders/{tender['id']}/panel/reveal", chair)
    given = [score["value"] for score in revealed["scores"] if score["member"] == revealed["chair"]]
    assert given in (["50", "50"], ["60", "60"])


async def test_one_contract_is_made_when_an_award_is_confirmed_twice_at_once(parties: Any) -> None:
    tender = await parties.proposed()
    parties.service.clock.set(parties.standstill_end(tender))
    path = f"/v1/tenders/{tender['id']}/lots/lot-1/award/confirmation"
    answers = await asyncio.gather(*(parties.send("POST", path, parties.head) for _ in range(2)))
    won, lost = sorted(answers, key=lambda answer: int(answer.status_code))
    assert won.json()["status"] == "complete"
    parties.refused(lost, 409, "tender-not-award")
    assert await parties.count("contracts") == 1
