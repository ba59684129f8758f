"""Who asks stays unknown: two questions of one asker can be told within a tender, and nothing more anywhere."""

import asyncio
import itertools
import json
from collections.abc import Mapping
from typing import Any

from structlog.testing import capture_logs

# Names that are found nowhere but where an organisation is named.
ASKERS = ("zircon-rowing", "feldspar-rowing")
PUBLIC_TABLES = {"events", "plans", "tenders", "contracts", "questions", "amendments"}
QUESTION = {"text": "Which streets?"}


async def asked(parties: Any, tender: Mapping[str, Any], asker: str) -> Any:
    return await parties.done("POST", f"/v1/tenders/{tender['id']}/questions", parties.bidder(asker), QUESTION)


async def everything(parties: Any, tender: Mapping[str, Any], of: Mapping[str, str], viewer: Any) -> dict[str, str]:
    """Read every path that can be read, as one party."""
    seen = {}
    for path in await parties.readable({"tender_id": tender["id"], "plan_id": tender["plan"], **of}):
        response = await parties.send("GET", path, viewer)
        seen[path] = f"{response.headers} {response.text}"
    return seen


async def goes_through(parties: Any) -> tuple[Any, dict[str, str]]:
    """Bring a tender through questions, interest, an answer and an amendment, all by two askers."""
    tender = await parties.active()
    await parties.verify(*ASKERS)
    for asker in ASKERS:
        await parties.done("POST", f"/v1/tenders/{tender['id']}/interest", parties.bidder(asker))
        question = await asked(parties, tender, asker)
    await asked(parties, tender, ASKERS[0])
    path = f"/v1/tenders/{tender['id']}"
    await parties.done("POST", f"{path}/questions/{question['id']}/answer", parties.officer, {"text": "All."})
    body = {"content": parties.content_body(title="Home care"), "reason": "Too long."}
    amendment = await parties.done("POST", f"{path}/amendments", parties.officer, body)
    await parties.done("POST", f"{path}/amendments/{amendment['id']}/publication", parties.head)
    parties.service.clock.advance(days=60)
    return tender, {"amendment_id": amendment["id"], "question_id": question["id"]}


async def test_no_answer_event_or_log_names_an_asker_when_everything_is_read_by_everybody(parties: Any) -> None:
    with capture_logs() as logs:
        tender, of = await goes_through(parties)
        office = [parties.officer, parties.head, parties.panel]
        operator = type(parties.officer)("otto", "city", ("operator",))
        viewers = [None, *office, operator, parties.bidder("onlooker"), *map(parties.bidder, ASKERS)]
        seen = [(viewer, await everything(parties, tender, of, viewer)) for viewer in viewers]
    assert any("Which streets?" in text for text in seen[0][1].values())
    kept = await parties.kept()
    public = json.dumps({table: kept[table] for table in PUBLIC_TABLES})
    told = json.dumps([event.model_dump(mode="json") for event in await parties.service.published()])
    for asker in ASKERS:
        for text in (asker, f"{asker}-clerk", asker.title()):
            # Not even to itself.
            assert [path for _, paths in seen for path, body in paths.items() if text in body] == []
            assert text not in told
            assert text not in public
            assert text not in str(logs)


async def test_refusals_name_no_asker_when_questions_are_refused(parties: Any) -> None:
    tender = await parties.active()
    path = f"/v1/tenders/{tender['id']}/questions"
    zircon = parties.bidder(ASKERS[0])
    with capture_logs() as logs:
        answers = [await parties.send("POST", path, zircon, QUESTION) for _ in range(6)]
        answers.append(await parties.send("POST", path, zircon, {**QUESTION, "lot": ASKERS[0]}))
        await parties.service.execute_as_owner(
            "ALTER TABLE questions ADD CONSTRAINT broken CHECK (asker = '') NOT VALID"
        )
        answers.append(await parties.send("POST", path, parties.bidder(ASKERS[1]), QUESTION))
    assert [answer.status_code for answer in answers] == [*[201] * 5, 409, 422, 500]
    given = "".join(f"{answer.headers} {answer.text}" for answer in answers) + str(logs)
    assert [asker for asker in ASKERS if asker in given] == []


async def test_questions_of_one_asker_are_linked_within_a_tender_and_not_across_when_it_asks_again(
    same_day: Any,
) -> None:
    tenders = [await same_day.active() for _ in range(3)]
    names: dict[tuple[int, str], str] = {}
    for (place, tender), asker in itertools.product(enumerate(tenders), ASKERS):
        first, second = [(await asked(same_day, tender, asker))["asker"] for _ in range(2)]
        assert first == second
        names[place, asker] = first
    # Two askers of three tenders are six names, of which none says which belong together.
    assert len(set(names.values())) == 6
    assert all(len(name) == 64 and set(name) <= set("0123456789abcdef") for name in names.values())


async def test_secret_is_the_tenders_own_and_in_no_document_when_two_ask_at_once(same_day: Any) -> None:
    tender = await same_day.active()
    answers = await asyncio.gather(*(asked(same_day, tender, asker) for asker in (*ASKERS, *ASKERS)))
    assert len({answer["asker"] for answer in answers}) == 2
    rows = await same_day.service.execute(f"SELECT secret FROM asker_secrets WHERE tender = '{tender['id']}'")
    (secret,) = rows.scalars().all()
    assert len(secret) == 32
    shown = await same_day.shown(f"/v1/tenders/{tender['id']}")
    assert shown["unanswered"] == 4
    kept = await same_day.kept()
    assert not [table for table, rows in kept.items() if secret.hex() in rows and table != "asker_secrets"]


async def test_nobody_comes_to_the_door_in_the_log_when_interest_is_registered_and_notices_are_read(
    parties: Any,
) -> None:
    tender = await parties.active()
    zircon = parties.bidder(ASKERS[0])
    events = await parties.service.published()
    shown = await parties.send("GET", f"/v1/tenders/{tender['id']}")
    with capture_logs() as logs:
        await parties.done("POST", f"/v1/tenders/{tender['id']}/interest", zircon)
        await parties.shown("/v1/my/notices", zircon)
        await parties.send("POST", f"/v1/my/notices/{tender['id']}/reading", zircon)
    assert logs == []
    assert await parties.service.published() == events
    again = await parties.send("GET", f"/v1/tenders/{tender['id']}")
    assert (again.content, again.headers) == (shown.content, shown.headers)
