"""Questions over HTTP: public at once, answered to everybody, and the deadline waits for the answer."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

ABSENT = "00000000-0000-0000-0000-000000000000"
WHAT = {"text": "Which streets?"}


async def ask(parties: Any, tender: Any, organisation: str = "birch", **more: Any) -> Any:
    path = f"/v1/tenders/{tender['id']}/questions"
    return await parties.done("POST", path, parties.bidder(organisation), {**WHAT, **more})


async def answer(parties: Any, question: Any, text: str = "All of them.", **options: Any) -> Any:
    path = f"/v1/tenders/{question['tender']}/questions/{question['id']}/answer"
    return await parties.done("POST", path, parties.officer, {"text": text}, **options)


async def test_question_and_answer_are_read_by_anybody_when_they_are_given(same_day: Any) -> None:
    tender = await same_day.active()
    path = f"/v1/tenders/{tender['id']}"
    asked = await ask(same_day, tender, lot="lot-1", criterion="quality")
    assert await same_day.shown(f"{path}/questions") == {"items": [asked], "next": None}
    assert (asked["status"], asked["due_at"], asked["answers"]) == (
        "unanswered",
        "2026-03-06T00:00:00.000000Z",
        [],
    )
    answered = await answer(same_day, asked)
    assert answered == {
        **asked,
        "status": "answered",
        "due_at": None,
        "answers": [{"text": "All of them.", "answered_at": "2026-03-02T09:00:00.000000Z"}],
    }
    corrected = await answer(same_day, asked, "All but one.")
    assert [given["text"] for given in corrected["answers"]] == ["All of them.", "All but one."]
    assert await same_day.shown(f"{path}/questions") == {"items": [corrected], "next": None}
    assert await same_day.shown(f"{path}/questions/{asked['id']}") == corrected
    shown = await same_day.shown(path)
    assert (shown["unanswered"], shown["closes_at"], shown["questions_until"]) == (
        0,
        tender["closes_at"],
        "2026-03-19T00:00:00.000000Z",
    )
    story = (await same_day.events(tender))[-3:]
    assert [kind for kind, _ in story] == ["tender.question-asked.v1", *["tender.question-answered.v1"] * 2]
    of = {"ocid": tender["ocid"], "tender": tender["id"], "question": asked["id"]}
    assert story[0][1] == {
        **of,
        "asker": asked["asker"],
        "text": "Which streets?",
        "lot": "lot-1",
        "criterion": "quality",
        "asked_at": "2026-03-02T09:00:00.000000Z",
        "answer_due": asked["due_at"],
    }
    assert story[2][1] == {
        **of,
        "text": "All but one.",
        "number": 2,
        "answered_at": "2026-03-02T09:00:00.000000Z",
        "old_closes_at": tender["closes_at"],
        "closes_at": tender["closes_at"],
    }


async def test_questions_come_in_pages_when_there_are_many(same_day: Any) -> None:
    tender = await same_day.active()
    asked = [await ask(same_day, tender, name) for name in ("alder", "birch", "cedar")]
    path = f"/v1/tenders/{tender['id']}/questions"
    first = await same_day.shown(f"{path}?limit=2")
    second = await same_day.shown(f"{path}?limit=2&cursor={first['next']}")
    assert (first["items"] + second["items"], second["next"]) == (asked, None)
    same_day.refused(await same_day.send("GET", f"{path}?cursor=AA"), 422, "cursor-malformed")


async def test_question_is_asked_once_when_it_is_sent_twice_or_only_tried(same_day: Any) -> None:
    tender = await same_day.active()
    path, birch = f"/v1/tenders/{tender['id']}/questions", same_day.bidder("birch")
    kept = await same_day.kept()
    tried = await same_day.send("POST", path, birch, WHAT, dry_run=True)
    assert (tried.status_code, tried.headers["dry-run"]) == (201, "true")
    assert await same_day.kept() == kept
    first = await same_day.send("POST", path, birch, WHAT, key="question-1")
    again = await same_day.send("POST", path, birch, WHAT, key="question-1")
    assert (again.json(), again.headers["idempotency-hit"]) == (first.json(), "true")
    assert len((await same_day.shown(path))["items"]) == 1


async def test_question_is_refused_when_five_of_the_asker_wait(same_day: Any) -> None:
    tender = await same_day.active()
    path = f"/v1/tenders/{tender['id']}/questions"
    asked = [await ask(same_day, tender) for _ in range(5)]
    kept = await same_day.kept()
    # A colleague asks for the same organisation.
    colleague = replace(same_day.bidder("birch"), name="another-clerk")
    for person in (same_day.bidder("birch"), colleague):
        response = await same_day.send("POST", path, person, WHAT)
        problem = same_day.refused(response, 409, "questions-too-many", "questions-per-asker")
        assert problem["satisfied_by"] == "At most 5 questions."
    assert await same_day.kept() == kept
    await ask(same_day, tender, "cedar")
    await answer(same_day, asked[2])
    await ask(same_day, tender)


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"text": " "}, "value-invalid", "/body/text"),
        ({"text": "x" * 5001}, "value-invalid", "/body/text"),
        ({}, "field-missing", "/body/text"),
        ({**WHAT, "lot": "lot-2"}, "lot-unknown", "/body/lot"),
        ({**WHAT, "criterion": "beauty"}, "criterion-unknown", "/body/criterion"),
        ({**WHAT, "asker": "birch"}, "unknown-field", "/body/asker"),
    ],
)
async def test_question_makes_no_sense_when_a_field_is_malformed(
    same_day: Any, body: dict[str, Any], code: str, pointer: str
) -> None:
    tender = await same_day.active()
    response = await same_day.send("POST", f"/v1/tenders/{tender['id']}/questions", same_day.bidder("birch"), body)
    problem = same_day.refused(response, 422, code)
    assert problem.get("pointer", problem.get("errors", [{}])[0].get("pointer")) == pointer


async def test_question_is_not_found_when_it_or_its_tender_is_not_there(same_day: Any) -> None:
    draft, tender, other = await same_day.draft(), await same_day.active(), await same_day.active()
    requested = await same_day.requested()
    asked = await ask(same_day, tender)
    for hidden in (draft["id"], requested["id"], ABSENT):
        path = f"/v1/tenders/{hidden}/questions"
        same_day.refused(await same_day.send("GET", path), 404, "not-found")
        same_day.refused(await same_day.send("POST", path, same_day.bidder("birch"), WHAT), 404, "not-found")
    for where, which in ((other["id"], asked["id"]), (tender["id"], ABSENT)):
        path = f"/v1/tenders/{where}/questions/{which}/answer"
        same_day.refused(await same_day.send("POST", path, same_day.officer, {"text": "?"}), 404, "not-found")
        same_day.refused(await same_day.send("GET", path.removesuffix("/answer")), 404, "not-found")


async def test_questions_are_closed_and_stay_readable_when_their_time_is_over(parties: Any) -> None:
    tender = await parties.active()
    asked = await ask(parties, tender)
    path = f"/v1/tenders/{tender['id']}/questions"
    parties.service.clock.set(parties.deadline({"closes_at": tender["questions_until"]}))
    response = await parties.send("POST", path, parties.bidder("birch"), WHAT)
    problem = parties.refused(response, 409, "questions-closed", "clarification")
    assert problem["satisfied_by"] == "A question before the tender's questions_until."
    assert (await parties.shown(path))["items"] == [asked]


async def test_opening_waits_and_bids_are_taken_when_a_question_is_unanswered_at_the_deadline(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await parties.bid(tender, "alder", "1.00")
    asked = await ask(parties, tender)
    parties.until_deadline(tender)
    path = f"/v1/tenders/{tender['id']}"
    kept = await parties.kept()
    refused = await parties.send("POST", f"{path}/opening", parties.officer)
    problem = parties.refused(refused, 409, "questions-unanswered", "questions-unanswered")
    assert problem["satisfied_by"] == "At most 0 questions."
    assert await parties.kept() == kept
    await parties.bid(tender, "birch", "2.00")
    parties.service.clock.advance(days=3)
    (overdue,) = [item for item in await parties.shown("/v1/overdue") if item["kind"] == "question"]
    assert (overdue["id"], overdue["waiting_for"], overdue["due_at"]) == (
        asked["id"],
        "the office's answer",
        asked["due_at"],
    )
    await answer(parties, asked)
    assert [item for item in await parties.shown("/v1/overdue") if item["kind"] == "question"] == []
    moved = await parties.shown(path)
    # Answered on the 27th: five days on is the 1st, and the deadline its end.
    assert (moved["closes_at"], moved["unanswered"]) == ("2026-04-02T00:00:00.000000Z", 0)
    assert (await parties.events(tender))[-1][1]["closes_at"] == moved["closes_at"]
    parties.service.clock.set(parties.deadline(moved) - timedelta(microseconds=1))
    parties.refused(await parties.send("POST", f"{path}/opening", parties.officer), 409, "bids-sealed", "bid-deadline")
    await parties.bid(tender, "birch", "3.00")
    opened = await parties.open(moved)
    assert opened["status"] == "qualification"
    late = await parties.send("POST", f"{path}/questions/{asked['id']}/answer", parties.officer, {"text": "No."})
    parties.refused(late, 409, "tender-not-active")


async def test_correction_is_refused_when_the_deadline_has_passed(parties: Any) -> None:
    tender = await parties.active()
    asked = await ask(parties, tender)
    await answer(parties, asked)
    parties.until_deadline(tender)
    path = f"/v1/tenders/{tender['id']}/questions/{asked['id']}/answer"
    response = await parties.send("POST", path, parties.officer, {"text": "None of them."})
    parties.refused(response, 409, "bidding-ended", "bid-deadline")


async def test_question_waits_no_longer_when_the_tender_is_cancelled(parties: Any) -> None:
    tender = await parties.active()
    await ask(parties, tender)
    parties.service.clock.advance(days=10)
    assert [item["kind"] for item in await parties.shown("/v1/overdue")] == ["question"]
    reason = {"reason": "The need has gone."}
    await parties.done("POST", f"/v1/tenders/{tender['id']}/cancellation", parties.head, reason)
    assert await parties.shown("/v1/overdue") == []


async def test_window_and_source_are_the_chinese_ones_when_that_pack_is_pinned(parties: Any) -> None:
    tender = await parties.publish(await parties.chinese())
    # rules.md 13: the deadline is Friday the 1st of May, and 15 days before is the 16th; midnight in Shanghai.
    assert (tender["closes_at"], tender["questions_until"]) == (
        "2026-05-01T16:00:00.000000Z",
        "2026-04-16T16:00:00.000000Z",
    )
    asked = await ask(parties, tender)
    parties.service.clock.set(parties.deadline({"closes_at": tender["questions_until"]}))
    response = await parties.send("POST", f"/v1/tenders/{tender['id']}/questions", parties.bidder("birch"), WHAT)
    parties.refused(response, 409, "questions-closed", "clarification", "Ministry of Finance Order 87, art. 27")
    await answer(parties, asked)
    # Answered on the 17th in Shanghai: 15 days on is the 2nd.
    assert (await parties.shown(f"/v1/tenders/{tender['id']}"))["closes_at"] == "2026-05-02T16:00:00.000000Z"


async def test_tender_goes_on_when_it_was_published_before_there_were_questions(parties: Any) -> None:
    tender = await parties.active()
    # As such a tender was stored.
    await parties.service.execute(
        "UPDATE tenders SET document = document - 'questions_until' - 'unanswered' #- '{content,requirements}' "
        "#- '{content,criteria,0,levels}' #- '{content,criteria,1,levels}'"
    )
    shown = await parties.shown(f"/v1/tenders/{tender['id']}")
    assert shown == {**tender, "questions_until": None}
    asked = await ask(parties, tender)
    await answer(parties, asked)
    assert await parties.shown(f"/v1/tenders/{tender['id']}") == tender
