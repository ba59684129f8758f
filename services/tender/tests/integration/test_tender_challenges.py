"""Challenges over HTTP: who raised one is secret before the opening, and nothing is signed while one is open."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from uploads import EVIDENCE, PDF, get, rested_on

from shared.testing.course import DECIDER

MICROSECOND = timedelta(microseconds=1)
ADMITTED = {"admitted": True, "reason": "In time, and with a case."}
REFUSED = {"answer": "It was scored by its offer."}
SILENT = {"arguments": "The office says nothing."}


def challenge(matter: str = "award", **changes: Any) -> dict[str, Any]:
    return {
        "relates_to": matter,
        "lot": None,
        "ground": "wrong-scoring",
        "arguments": "It was scored as if it had a night service.",
        "evidence": [],
        "remedies": ["evaluate-again"],
        **changes,
    }


def of(tender: Mapping[str, Any]) -> str:
    return f"/v1/tenders/{tender['id']}/challenges"


def acts(raised: Mapping[str, Any], act: str = "") -> str:
    return f"/v1/challenges/{raised['id']}{act}"


async def raised(parties: Any, tender: Mapping[str, Any], bidder: str = "cedar", **changes: Any) -> Any:
    return await parties.done("POST", of(tender), parties.bidder(bidder), challenge(**changes))


async def complained(parties: Any, tender: Mapping[str, Any]) -> Any:
    """Challenge an award, up to the complaint."""
    one = await raised(parties, tender)
    await parties.done("POST", acts(one, "/answer"), parties.officer, REFUSED)
    return await parties.done("POST", acts(one, "/complaint"), parties.bidder("cedar"), SILENT)


async def upheld(parties: Any, tender: Mapping[str, Any], remedy: str) -> Any:
    """Have a complaint decided with a remedy, and return the tender."""
    one = await complained(parties, tender)
    await parties.done("POST", acts(one, "/admission"), DECIDER, ADMITTED)
    decision = {"upheld": True, "reason": "It has none.", "remedy": remedy}
    await parties.done("POST", acts(one, "/decision"), DECIDER, decision)
    return await parties.shown(f"/v1/tenders/{tender['id']}")


async def answered_and_confirmed(parties: Any) -> tuple[Any, Any, str]:
    """Have a challenge answered and the award confirmed; return tender, challenge, and where the contract is."""
    tender = await parties.proposed()
    one = await raised(parties, tender)
    await parties.done("POST", acts(one, "/answer"), parties.officer, REFUSED)
    parties.service.clock.set(parties.standstill_end(tender))
    return tender, one, f"/v1/contracts/{parties.standing(await parties.confirm(tender))['contract']}"


async def held_up(parties: Any, tender: Mapping[str, Any]) -> bool:
    """Say whether a challenge keeps the award from being confirmed, without confirming it."""
    path = f"/v1/tenders/{tender['id']}/lots/lot-1/award/confirmation"
    response = await parties.send("POST", path, parties.head, dry_run=True)
    if response.is_success:
        return False
    parties.refused(response, 409, "challenge-pending", "suspension-cap")
    return True


async def test_award_is_held_up_exactly_while_somebody_else_has_to_act(parties: Any) -> None:
    tender = await parties.proposed()
    one = await raised(parties, tender)
    other = await raised(parties, tender, "alder")
    await parties.done("POST", acts(other, "/withdrawal"), parties.bidder("alder"))
    parties.service.clock.set(parties.standstill_end(tender))
    assert await held_up(parties, tender)
    await parties.done("POST", acts(one, "/answer"), parties.officer, REFUSED)
    assert not await held_up(parties, tender)
    await parties.done("POST", acts(one, "/complaint"), parties.bidder("cedar"), SILENT)
    assert await held_up(parties, tender)
    await parties.done("POST", acts(one, "/admission"), DECIDER, ADMITTED)
    assert await held_up(parties, tender)
    decision = {"upheld": False, "reason": "It has one.", "remedy": "none"}
    decided = await parties.done("POST", acts(one, "/decision"), DECIDER, decision)
    assert (decided["status"], decided["decision"]) == ("dismissed", "It has one.")
    assert not await held_up(parties, tender)
    assert [name for name, _ in await parties.events() if "challenge" in name or "complaint" in name] == [
        "tender.challenge-raised.v1",
        "tender.challenge-raised.v1",
        "tender.challenge-closed.v1",
        "tender.challenge-answered.v1",
        "tender.complaint-filed.v1",
        "tender.complaint-admitted.v1",
        "tender.complaint-decided.v1",
    ]


async def test_award_goes_on_when_the_longest_suspension_is_over_and_nobody_has_decided(parties: Any) -> None:
    tender = await parties.proposed()
    begun = parties.service.clock.now()
    await raised(parties, tender)
    # Thirty days, the first not counted, to the end of a working day.
    parties.service.clock.set(begun + timedelta(days=30))
    assert await held_up(parties, tender)
    parties.service.clock.set(begun + timedelta(days=34))
    assert not await held_up(parties, tender)


async def test_contract_is_not_signed_while_a_challenge_is_open(parties: Any) -> None:
    _, one, contract = await answered_and_confirmed(parties)
    await parties.done("POST", acts(one, "/complaint"), parties.bidder("cedar"), SILENT)
    response = await parties.send("POST", f"{contract}/supplier-signature", parties.bidder("birch"))
    parties.refused(response, 409, "challenge-pending", "suspension-cap")
    await parties.done("POST", acts(one, "/withdrawal"), parties.bidder("cedar"))
    await parties.done("POST", f"{contract}/supplier-signature", parties.bidder("birch"))


async def test_time_to_sign_stands_still_while_a_challenge_is_open(parties: Any) -> None:
    _, one, contract = await answered_and_confirmed(parties)
    clock = parties.service.clock
    due = datetime.fromisoformat((await parties.shown(contract))["signature_due"])
    await parties.done("POST", acts(one, "/complaint"), parties.bidder("cedar"), SILENT)
    begun = clock.now()
    clock.set(due - timedelta(days=1))
    missing = {"code": "no-answer", "reason": "Nobody answered."}
    held = await parties.send("POST", f"{contract}/non-signature", parties.officer, missing)
    parties.refused(held, 409, "signature-still-due", "contract-signing")
    await parties.done("POST", acts(one, "/withdrawal"), parties.bidder("cedar"))
    lost = clock.now() - begun
    assert datetime.fromisoformat((await parties.shown(contract))["signature_due"]) == due + lost
    clock.set(due + lost - MICROSECOND)
    early = await parties.send("POST", f"{contract}/non-signature", parties.officer, missing)
    parties.refused(early, 409, "signature-still-due", "contract-signing")
    clock.advance(microseconds=1)
    await parties.done("POST", f"{contract}/non-signature", parties.officer, missing)


async def test_time_to_sign_stands_still_no_longer_than_a_challenge_holds_up(parties: Any) -> None:
    _, one, contract = await answered_and_confirmed(parties)
    clock = parties.service.clock
    due = datetime.fromisoformat((await parties.shown(contract))["signature_due"])
    await parties.done("POST", acts(one, "/complaint"), parties.bidder("cedar"), SILENT)
    # Thirty days from Friday the 13th of March, and on to the end of a working day.
    longest = datetime.fromisoformat((await parties.shown(contract))["signature_due"])
    assert longest > due + timedelta(days=30)
    clock.set(longest)
    # Nobody has decided, and nothing is held up any more: who still does not sign has had its time.
    missing = {"code": "no-answer", "reason": "Nobody answered."}
    await parties.done("POST", f"{contract}/non-signature", parties.officer, missing)
    await parties.done("POST", acts(one, "/withdrawal"), parties.bidder("cedar"))


async def test_contract_of_an_annulled_award_can_no_longer_be_signed(parties: Any) -> None:
    tender, one, contract = await answered_and_confirmed(parties)
    await parties.done("POST", acts(one, "/complaint"), parties.bidder("cedar"), SILENT)
    await parties.done("POST", acts(one, "/admission"), DECIDER, ADMITTED)
    decision = {"upheld": True, "reason": "It has none.", "remedy": "annul-award"}
    await parties.done("POST", acts(one, "/decision"), DECIDER, decision)
    response = await parties.send("POST", f"{contract}/supplier-signature", parties.bidder("birch"))
    parties.refused(response, 409, "award-cancelled")
    again = await parties.shown(f"/v1/tenders/{tender['id']}")
    assert (again["status"], again["lots"][0]["status"]) == ("award", "active")
    # Nobody is passed over: the same bid may win again.
    assert parties.standing(await parties.propose(again))["supplier"]["id"] == "birch"


@pytest.mark.parametrize(
    ("remedy", "status"),
    [
        ("qualify-again", "qualification"),
        ("evaluate-again", "evaluation"),
        ("annul-award", "award"),
        ("cancel-procedure", "cancelled"),
        ("none", "award"),
    ],
)
async def test_what_is_ordered_is_done_at_once(parties: Any, remedy: str, status: str) -> None:
    tender = await upheld(parties, await parties.proposed(), remedy)
    assert tender["status"] == status
    standing = [award for award in tender["lots"][0]["awards"] if award["status"] == "pending"]
    assert bool(standing) == (remedy == "none")
    names = [name for name, _ in await parties.events()]
    assert ("tender.sent-back.v1" in names) == (remedy not in {"none", "cancel-procedure"})
    # A price that was opened stays known.
    bids = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    assert all(bid["price"] is not None for bid in bids)


async def test_award_in_force_is_not_undone(parties: Any) -> None:
    _, one, contract = await answered_and_confirmed(parties)
    await parties.done("POST", f"{contract}/supplier-signature", parties.bidder("birch"))
    await parties.done("POST", f"{contract}/buyer-signature", parties.head)
    await parties.done("POST", acts(one, "/complaint"), parties.bidder("cedar"), SILENT)
    await parties.done("POST", acts(one, "/admission"), DECIDER, ADMITTED)
    before = await parties.kept()
    for remedy in ("qualify-again", "evaluate-again", "annul-award", "cancel-procedure"):
        decision = {"upheld": True, "reason": "It has none.", "remedy": remedy}
        response = await parties.send("POST", acts(one, "/decision"), DECIDER, decision)
        parties.refused(response, 409, "contract-in-force")
    assert await parties.kept() == before
    # That it was wrong can be said all the same.
    decision = {"upheld": True, "reason": "It has none.", "remedy": "none"}
    assert (await parties.done("POST", acts(one, "/decision"), DECIDER, decision))["status"] == "upheld"


async def test_nothing_is_done_when_what_was_asked_for_cannot_be(parties: Any) -> None:
    tender, _ = await parties.opened({"alder": "900000.00", "birch": "1000000.00", "cedar": "1200000.00"})
    one = await raised(parties, tender, relates_to="opening")
    before = await parties.kept()
    for answer, code, *rule in (
        ({"answer": "Well.", "remedy": "qualify-again"}, "tender-not-evaluation"),
        (
            {"answer": "Well.", "remedy": "cancel-procedure"},
            "cancellation-elsewhere",
            "question-answer",
        ),
    ):
        parties.refused(await parties.send("POST", acts(one, "/concession"), parties.head, answer), 409, code, *rule)
    conceded = await parties.send("POST", acts(one, "/concession"), parties.officer, {"answer": "Well."})
    parties.refused(conceded, 403, "role-missing")
    assert await parties.kept() == before


async def test_complaint_follows_the_silence_of_the_office(parties: Any) -> None:
    tender = await parties.proposed()
    one = await raised(parties, tender)
    complaint, cedar = acts(one, "/complaint"), parties.bidder("cedar")
    due = datetime.fromisoformat(one["due_at"])
    parties.service.clock.set(due - MICROSECOND)
    parties.refused(await parties.send("POST", complaint, cedar, SILENT), 409, "answer-awaited", "question-answer")
    parties.service.clock.set(due)
    waiting = {item["id"]: item["waiting_for"] for item in await parties.shown("/v1/overdue", parties.officer)}
    assert waiting[one["id"]] == "the answer to a challenge"
    filed = await parties.done("POST", complaint, cedar, SILENT)
    assert (filed["status"], filed["complaint"]) == ("complained", SILENT["arguments"])
    parties.service.clock.set(datetime.fromisoformat(filed["due_at"]))
    waiting = {item["id"]: item["waiting_for"] for item in await parties.shown("/v1/overdue", parties.officer)}
    assert waiting[one["id"]] == "the admission of a complaint"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=7)])
async def test_challenge_lapses_with_its_time_whenever_the_clock_comes(parties: Any, late: timedelta) -> None:
    tender = await parties.proposed()
    one = await raised(parties, tender)
    until = datetime.fromisoformat(one["complaint_until"])
    parties.service.clock.set(until - MICROSECOND)
    await parties.service.let_time_act()
    assert (await parties.shown(acts(one)))["status"] == "raised"
    parties.service.clock.set(until + late)
    response = await parties.send("POST", acts(one, "/complaint"), parties.bidder("cedar"), SILENT)
    parties.refused(response, 409, "complaint-late", "complaint-window")
    await parties.service.let_time_act()
    assert (await parties.shown(acts(one)))["status"] == "lapsed"
    again = await parties.send("POST", acts(one, "/complaint"), parties.bidder("cedar"), SILENT)
    parties.refused(again, 409, "complaint-late", "complaint-window")
    assert ("tender.challenge-closed.v1", "lapsed") in [
        (name, data.get("how")) for name, data in await parties.events()
    ]


async def test_one_challenge_of_a_matter_is_open_at_a_time(parties: Any) -> None:
    tender = await parties.proposed()
    one = await raised(parties, tender)
    response = await parties.send("POST", of(tender), parties.bidder("cedar"), challenge())
    parties.refused(response, 409, "challenge-open")
    for other in (challenge(lot="lot-1"), challenge("evaluation")):
        await parties.done("POST", of(tender), parties.bidder("cedar"), other)
    await parties.done("POST", of(tender), parties.bidder("alder"), challenge())
    await parties.done("POST", acts(one, "/withdrawal"), parties.bidder("cedar"))
    await raised(parties, tender)
    assert len(await parties.shown(of(tender))) == 5


async def test_challenge_is_refused_when_it_is_late_or_makes_no_sense(parties: Any) -> None:
    tender = await parties.proposed()
    cedar = parties.bidder("cedar")
    unknown = await parties.send("POST", of(tender), cedar, challenge(lot="lot-9"))
    parties.refused(unknown, 404, "lot-unknown")
    onlooker = await parties.send("POST", of(tender), parties.bidder("onlooker"), challenge())
    parties.refused(onlooker, 403, "not-concerned", "question-window")
    for body in (challenge(remedies=[]), challenge("weather"), challenge(evidence=["x"]), challenge(arguments=" ")):
        assert (await parties.send("POST", of(tender), cedar, body)).status_code == 422
    parties.service.clock.advance(days=30)
    parties.refused(await parties.send("POST", of(tender), cedar, challenge()), 409, "question-late", "question-window")
    assert await parties.shown(of(tender)) == []


async def test_draft_cannot_be_challenged_and_is_not_even_there(parties: Any) -> None:
    draft = await parties.draft()
    response = await parties.send("POST", of(draft), parties.bidder("cedar"), challenge("documents"))
    parties.refused(response, 404, "not-found")


async def test_complaint_is_decided_by_somebody_without_a_part_in_the_procedure(parties: Any) -> None:
    tender = await parties.proposed()
    one = await complained(parties, tender)
    decision = {"upheld": True, "reason": "So.", "remedy": "none"}
    before = await parties.kept()
    partial = (
        replace(DECIDER, organisation="city"),
        replace(DECIDER, organisation="birch"),
        replace(DECIDER, organisation="cedar"),
        replace(DECIDER, name="olga"),
        # Who scored does not decide on the scores.
        replace(DECIDER, name=(await parties.invited(tender))[0].name),
    )
    for act, body in (("/admission", ADMITTED), ("/decision", decision)):
        for person in partial:
            response = await parties.send("POST", acts(one, act), person, body)
            parties.refused(response, 403, "complaint-decider-not-independent", "incompatible.complaint-decider")
    assert await parties.kept() == before
    await parties.done("POST", acts(one, "/admission"), DECIDER, ADMITTED)
    other = replace(DECIDER, name="conrad", organisation="court")
    response = await parties.send("POST", acts(one, "/decision"), other, decision)
    parties.refused(response, 403, "complaint-of-another-body", "incompatible.complaint-decider")
    shown = {person.organisation: await parties.shown(acts(one), person) for person in (other, DECIDER)}
    assert [shown[name]["complaint"] for name in ("court", "review-board")] == [None, SILENT["arguments"]]


async def test_arguments_are_read_by_the_parties_alone(parties: Any) -> None:
    tender = await parties.proposed()
    canary = secrets.token_hex(16)
    nobody_could_read = await parties.send("POST", of(tender), parties.bidder("cedar"), challenge(evidence=[EVIDENCE]))
    parties.refused(nobody_could_read, 404, "document-unknown")
    await rested_on(parties, parties.bidder("cedar"))
    one = await raised(parties, tender, arguments=f"Argument {canary}.", evidence=[EVIDENCE])
    answer = {"answer": f"Answer {canary}."}
    await parties.done("POST", acts(one, "/answer"), parties.officer, answer)
    await parties.done("POST", acts(one, "/complaint"), parties.bidder("cedar"), {"arguments": f"Still {canary}."})
    for party in (parties.officer, parties.bidder("cedar"), DECIDER):
        shown = await parties.shown(acts(one), party)
        assert shown["arguments"] == f"Argument {canary}."
        assert shown["answer"] == f"Answer {canary}."
        assert shown["complaint"] == f"Still {canary}."
        assert shown["evidence"] == [EVIDENCE]
        assert (await get(parties, EVIDENCE, party)).content == PDF
    for other in (None, parties.bidder("birch"), replace(parties.officer, organisation="village"), parties.experts[0]):
        shown = await parties.shown(acts(one), other)
        assert (shown["challenger"]["id"], shown["ground"]) == ("cedar", "wrong-scoring")
        assert [shown[name] for name in ("arguments", "answer", "complaint", "evidence")] == [None] * 4
        assert canary not in json.dumps(await parties.shown(of(tender), other))
        assert (await get(parties, EVIDENCE, other)).status_code == 404
    assert canary not in json.dumps(await parties.events())


async def test_answer_stays_with_the_parties_when_it_concedes(parties: Any) -> None:
    tender = await parties.proposed()
    canary = secrets.token_hex(16)
    one = await raised(parties, tender, arguments=f"Argument {canary}.")
    answer = {"answer": f"Birch has no licence: {canary}.", "remedy": "evaluate-again"}
    with capture_logs() as logs:
        await parties.done("POST", acts(one, "/concession"), parties.head, answer)
    assert (await parties.shown(acts(one), parties.bidder("cedar")))["answer"] == answer["answer"]
    told = await parties.events()
    assert {"tender.sent-back.v1", "award.cancelled.v1"} <= {name for name, _ in told}
    assert {data["reason"] for name, data in told if name in {"tender.sent-back.v1", "award.cancelled.v1"}} == {
        "The office conceded a challenge."
    }
    for path in await parties.readable({"tender_id": tender["id"], "challenge_id": one["id"]}):
        assert canary not in (await parties.send("GET", path, parties.bidder("birch"))).text, path
    assert canary not in json.dumps(told) + str(logs)


async def test_challenger_of_the_documents_is_named_once_the_bids_are_opened(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("quartz-rowing", "alder", "birch", "cedar")
    one = await raised(parties, tender, "quartz-rowing", relates_to="documents")
    assert (await parties.shown(acts(one), None))["challenger"] is None
    for bidder, price in (("alder", "900000.00"), ("birch", "1000000.00"), ("cedar", "1200000.00")):
        await parties.bid(tender, bidder, price)
    await parties.open(tender)
    for shown in (await parties.shown(acts(one), None), *await parties.shown(of(tender), parties.bidder("birch"))):
        assert (shown["challenger"]["id"], shown["arguments"]) == ("quartz-rowing", None)


async def test_nobody_but_the_parties_learns_who_challenged_the_documents_before_the_opening(parties: Any) -> None:
    tender = await parties.active()
    name, canary = "quartz-rowing", secrets.token_hex(16)
    await parties.verify(name)
    with capture_logs() as logs:
        one = await raised(parties, tender, name, relates_to="documents", arguments=f"The licence asked for: {canary}.")
        await parties.done("POST", acts(one, "/answer"), parties.officer, {"answer": canary})
    others = (
        None,
        parties.bidder("basalt-rowing"),
        replace(parties.officer, organisation="village"),
        replace(parties.officer, name="op", organisation="village", roles=("operator",)),
    )
    paths = [
        *await parties.readable({"tender_id": tender["id"], "challenge_id": one["id"]}),
        f"/v1/events?key={tender['ocid']}",
        "/v1/events?after=0",
    ]
    assert {acts(one), of(tender)} <= set(paths)
    secret = [name, canary, base64.b64encode(canary.encode()).decode()[:-2]]
    for other in others:
        for path in paths:
            answer = await parties.send("GET", path, other)
            text = answer.text + json.dumps(dict(answer.headers))
            assert not [hidden for hidden in secret if hidden in text], path
    assert canary not in str(logs)
    assert name not in json.dumps(await parties.events())
    # The office has to know whom it answers.
    assert (await parties.shown(acts(one), parties.officer))["challenger"]["id"] == name


async def test_challenge_is_its_challengers_and_its_offices_own(parties: Any) -> None:
    tender = await parties.proposed()
    one = await raised(parties, tender)
    before = await parties.kept()
    for act, body, wrong in (
        ("/answer", REFUSED, (parties.bidder("cedar"), parties.head, replace(parties.officer, organisation="village"))),
        ("/complaint", SILENT, (parties.bidder("birch"), parties.officer)),
        ("/withdrawal", None, (parties.bidder("birch"), parties.officer)),
        ("/admission", ADMITTED, (parties.bidder("cedar"), parties.officer, parties.head)),
    ):
        assert (await parties.send("POST", acts(one, act), None, body)).status_code == 401
        for person in wrong:
            assert (await parties.send("POST", acts(one, act), person, body)).status_code == 403, act
    assert await parties.kept() == before


async def test_challenge_is_raised_once_when_it_is_sent_twice_and_not_at_all_on_a_dry_run(parties: Any) -> None:
    tender = await parties.proposed()
    cedar = parties.bidder("cedar")
    tried = await parties.send("POST", of(tender), cedar, challenge(), dry_run=True)
    assert tried.status_code == 201
    assert await parties.count("challenges") == 0
    first = await parties.send("POST", of(tender), cedar, challenge(), key="once")
    again = await parties.send("POST", of(tender), cedar, challenge(), key="once")
    assert (first.json(), first.url.join(first.headers["Location"]).path) == (
        again.json(),
        f"/v1/challenges/{first.json()['id']}",
    )
    assert await parties.count("challenges") == 1
