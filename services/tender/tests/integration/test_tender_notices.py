"""Interest and notices: each provider reads its own, and nobody else learns whom a tender interests."""

from dataclasses import replace
from typing import Any

NOTICES = "/v1/my/notices"


async def act(parties: Any, tender: Any, what: str, organisation: str, body: Any = None) -> Any:
    return await parties.done("POST", f"/v1/tenders/{tender['id']}/{what}", parties.bidder(organisation), body)


async def kinds(parties: Any, organisation: str, query: str = "") -> list[str]:
    page = await parties.shown(f"{NOTICES}{query}", parties.bidder(organisation))
    return [notice["kind"] for notice in page["items"]]


async def answered(parties: Any, tender: Any, organisation: str = "birch") -> Any:
    asked = await act(parties, tender, "questions", organisation, {"text": "Which streets?"})
    path = f"/v1/tenders/{tender['id']}/questions/{asked['id']}/answer"
    return await parties.done("POST", path, parties.officer, {"text": "All of them."})


async def amended(parties: Any, tender: Any) -> Any:
    path = f"/v1/tenders/{tender['id']}/amendments"
    content = parties.content_body(title=f"Home care {parties.service.clock.now():%d}")
    drafted = await parties.done("POST", path, parties.officer, {"content": content, "reason": "Too long."})
    return await parties.done("POST", f"{path}/{drafted['id']}/publication", parties.head)


async def test_everybody_concerned_is_told_and_nobody_else_when_something_happens(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar", "onlooker")
    await act(parties, tender, "interest", "alder")
    await act(parties, tender, "interest", "alder")
    question = await answered(parties, tender, "birch")
    await parties.bid(tender, "cedar", "1.00")
    await parties.bid(tender, "cedar", "2.00")
    parties.service.clock.advance(days=20)
    amendment = await amended(parties, tender)
    reason = {"reason": "The need has gone."}
    await parties.done("POST", f"/v1/tenders/{tender['id']}/cancellation", parties.head, reason)
    later = ["cancellation", "deadline", "amendment"]
    assert await kinds(parties, "alder") == [*later, "answer"]
    assert await kinds(parties, "birch") == [*later, "answer"]
    # It bid after the answer.
    assert await kinds(parties, "cedar") == later
    assert await kinds(parties, "onlooker") == []
    page = await parties.shown(NOTICES, parties.bidder("alder"))
    said = [(item["subject"], item["closes_at"], item["given_at"]) for item in page["items"]]
    assert said == [
        (tender["id"], None, "2026-03-22T09:00:00.000000Z"),
        (tender["id"], "2026-03-28T00:00:00.000000Z", "2026-03-22T09:00:00.000000Z"),
        (amendment["id"], "2026-03-28T00:00:00.000000Z", "2026-03-22T09:00:00.000000Z"),
        (question["id"], "2026-03-24T00:00:00.000000Z", "2026-03-02T09:00:00.000000Z"),
    ]
    assert {item["tender"] for item in page["items"]} == {tender["id"]}


async def test_every_bidder_is_told_and_reads_its_own_result_when_an_award_is_proposed(parties: Any) -> None:
    tender, bids = await parties.priced_bids({"alder": ("900000.00", "70"), "birch": ("1000000.00", "60")})
    path = f"/v1/bids/{bids['birch']}/result"
    parties.refused(await parties.send("GET", path, parties.bidder("birch")), 409, "result-open")
    award = parties.standing(await parties.propose(tender))
    for name in ("alder", "birch"):
        (notice,) = (await parties.shown(f"{NOTICES}?limit=1", parties.bidder(name)))["items"]
        assert (notice["kind"], notice["subject"], notice["tender"]) == ("award", award["id"], tender["id"])
    told = await parties.shown(path, parties.bidder("birch"))
    assert (told["won"], told["place"], told["leading"]) == (False, award["ranking"][1], award["ranking"][0])
    assert (told["standstill_ends_at"], told["rule_of_standstill"]["rule"]) == (
        award["standstill_ends_at"],
        "standstill",
    )
    assert told["challenge"] == f"v1/tenders/{tender['id']}/challenges"
    parties.refused(await parties.send("GET", path, parties.bidder("alder")), 404, "not-found")


async def test_late_answer_brings_notice_of_the_new_deadline_when_it_moves(parties: Any) -> None:
    tender = await parties.active()
    await act(parties, tender, "questions", "birch", {"text": "Which streets?"})
    parties.until_deadline(tender)
    (asked,) = (await parties.shown(f"/v1/tenders/{tender['id']}/questions"))["items"]
    path = f"/v1/tenders/{tender['id']}/questions/{asked['id']}/answer"
    await parties.done("POST", path, parties.officer, {"text": "All of them."})
    assert await kinds(parties, "birch") == ["deadline", "answer"]


async def test_notice_is_marked_once_when_it_is_read(parties: Any) -> None:
    tender = await parties.active()
    await answered(parties, tender)
    await answered(parties, tender)
    birch = parties.bidder("birch")
    newest, oldest = (await parties.shown(NOTICES, birch))["items"]
    assert (newest["read_at"], oldest["read_at"]) == (None, None)
    path = f"{NOTICES}/{oldest['id']}/reading"
    await parties.done("POST", path, birch)
    parties.service.clock.advance(hours=1)
    await parties.done("POST", path, birch)
    page = await parties.shown(NOTICES, birch)
    assert [notice["read_at"] for notice in page["items"]] == [None, "2026-03-02T09:00:00.000000Z"]
    unread = await parties.shown(f"{NOTICES}?unread=true", birch)
    assert unread == {"items": [newest], "next": None}
    first = await parties.shown(f"{NOTICES}?limit=1", birch)
    second = await parties.shown(f"{NOTICES}?limit=1&cursor={first['next']}", birch)
    assert [first["items"], second["items"], second["next"]] == [[newest], [page["items"][1]], None]


async def test_notice_of_another_looks_like_none_when_its_id_is_known(same_day: Any) -> None:
    tender = await same_day.active()
    await answered(same_day, tender, "quartz")
    (notice,) = (await same_day.shown(NOTICES, same_day.bidder("quartz")))["items"]
    absent = "00000000-0000-0000-0000-000000000000"
    known, unknown = [
        await same_day.send("POST", f"{NOTICES}/{name}/reading", same_day.bidder("basalt"))
        for name in (notice["id"], absent)
    ]
    same_day.refused(known, 404, "not-found")
    assert known.content == unknown.content
    same_day.refused(await same_day.send("GET", NOTICES), 401, "token-refused")
    same_day.refused(await same_day.send("GET", NOTICES, same_day.officer), 403, "role-missing")
    # A colleague reads what was told to the organisation.
    colleague = replace(same_day.bidder("quartz"), name="another-clerk")
    assert (await same_day.shown(NOTICES, colleague))["items"] == [notice]


async def test_interest_is_refused_when_the_tender_takes_no_bids(parties: Any) -> None:
    draft, requested = await parties.draft(), await parties.requested()
    birch = parties.bidder("birch")
    for hidden in (draft["id"], requested["id"], "00000000-0000-0000-0000-000000000000"):
        parties.refused(await parties.send("POST", f"/v1/tenders/{hidden}/interest", birch), 404, "not-found")
    tender = await parties.active()
    await parties.done(
        "POST", f"/v1/tenders/{tender['id']}/cancellation", parties.head, {"reason": "The need has gone."}
    )
    response = await parties.send("POST", f"/v1/tenders/{tender['id']}/interest", birch)
    parties.refused(response, 409, "tender-not-active")
