"""One bidder's acts at the same instant, beside the deadline, the opening and an amendment."""

import asyncio
import contextlib
from collections import Counter
from datetime import timedelta
from typing import Any

from shared.kernel.errors import NotAllowed

MICROSECOND = timedelta(microseconds=1)
DAY_AS_SECOND = 86_400
PRESENT = {"submitted", "confirmed", "invalidated"}


async def statuses(parties: Any, organisation: str, tender: Any) -> Counter[str]:
    bids = await parties.shown(f"/v1/bids?tender={tender['id']}", parties.bidder(organisation))
    return Counter(bid["status"] for bid in bids["items"])


async def test_one_bid_stands_when_its_bidder_sends_several_at_once(parties: Any) -> None:
    await parties.verify("alder", "birch")
    for _ in range(20):
        tender = await parties.active(acceleration=DAY_AS_SECOND)
        await parties.bid(tender, "alder", "1.00")
        answers = await asyncio.gather(*(parties.send_bid(tender, "birch", b"%d" % price) for price in range(4)))
        assert {answer.status_code for answer in answers} == {201}
        assert await statuses(parties, "birch", tender) == {"submitted": 1, "replaced": 3}


async def test_draft_becomes_one_bid_when_it_is_submitted_twice_at_once(parties: Any) -> None:
    await parties.verify("birch")
    birch = parties.bidder("birch")
    for _ in range(20):
        tender = await parties.active(acceleration=DAY_AS_SECOND)
        path = f"/v1/tenders/{tender['id']}/bids/drafts"
        draft = await parties.done("POST", path, birch, parties.bid_body(b"{}"))
        submitting = (parties.send("POST", f"/v1/bids/{draft['id']}/submission", birch, version=1) for _ in range(2))
        won, lost = sorted(await asyncio.gather(*submitting), key=lambda answer: int(answer.status_code))
        assert won.json()["bid"] == draft["id"]
        parties.refused(lost, 404, "not-found")
        assert await statuses(parties, "birch", tender) == {"submitted": 1}


async def test_every_answer_is_true_when_acts_race_the_deadline_an_amendment_and_the_opening(parties: Any) -> None:
    await parties.verify("alder", "birch", "cedar")
    for run in range(20):
        tender = await parties.active(acceleration=DAY_AS_SECOND)
        for name in ("alder", "cedar"):
            await parties.bid(tender, name, "1.00")
        first = await parties.bid(tender, "birch", "2.00", b"{}")
        second = parties.bid_body(parties.priced("3.00"), technical="e30=")
        deadline = parties.deadline(tender)
        parties.service.clock.set(deadline - MICROSECOND)
        birch = parties.bidder("birch")

        async def amended_and_confirmed(tender: Any = tender, delay: float = run % 4 * 0.004) -> None:
            await asyncio.sleep(delay)
            with contextlib.suppress(NotAllowed):
                await parties.amend(tender)

        async def opened(tender: Any = tender, deadline: Any = deadline, delay: float = run * 0.002) -> Any:
            await asyncio.sleep(delay)
            parties.service.clock.set(deadline)
            return await parties.send("POST", f"/v1/tenders/{tender['id']}/opening", parties.officer)

        submitted, withdrawn, confirmed, opening, _ = await asyncio.gather(
            parties.send("POST", f"/v1/tenders/{tender['id']}/bids", birch, second),
            parties.send("POST", f"/v1/bids/{first['bid']}/withdrawal", birch),
            parties.send("POST", f"/v1/bids/{first['bid']}/confirmation", birch),
            opened(),
            amended_and_confirmed(),
        )
        assert opening.status_code == 200, opening.text
        listed = await parties.shown(f"/v1/bids?tender={tender['id']}", birch)
        mine = {bid["id"]: bid for bid in listed["items"]}
        acts = [act["status"] for act in mine[first["bid"]]["acts"]]
        # What was answered is what is written, and what is written was answered.
        assert (withdrawn.status_code == 200) == ("withdrawn" in acts)
        assert (confirmed.status_code == 200) == ("confirmed" in acts)
        assert (submitted.status_code == 201) == (len(mine) == 2)
        assert not {"withdrawn", "replaced"} <= set(acts)
        assert sum(bid["status"] in PRESENT for bid in mine.values()) <= 1
        for answer in (submitted, withdrawn, confirmed):
            if not answer.is_success:
                assert answer.json()["code"] in {"bid-late", "bid-not-submitted", "bid-not-invalidated"}
        # Only what stood when the opening came is open, and nothing else was read.
        reads = set((await parties.service.execute("SELECT bid FROM sealed_reads")).scalars().all())
        read = {bid for bid in mine if bid in {str(one) for one in reads}}
        if opening.json()["opened_at"] is None:
            assert read == set()
        else:
            shown = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
            assert {bid["bid"] for bid in shown if bid["bidder"]["id"] == "birch"} == read
            assert read == {bid for bid, one in mine.items() if one["status"] in {"submitted", "confirmed"}}
