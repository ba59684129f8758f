"""Where the rule pack keeps rankings from the public, nobody but those it names reads what a loser got."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from shared.kernel.canonical import salted_digest
from shared.testing.callers import Person

# Figures that nothing else has: the means of the members' scores are theirs, the points seven tenths of them.
BIDS = {"alder": ("900001.13", "78.1379"), "birch": ("1000003.17", "88.1481"), "cedar": ("1200007.19", "93.1583")}
WINNER = "birch"
FACTS = {
    "procedure": {"regime": "full", "urgent": False, "prior_information": False, "reserved_to_participating": False},
    "criteria": {"linked_to_subject": True},
}
AUDITOR = Person("audrey", "audit-office", ("auditor",))
DECIDER = Person("dora", "review-board", ("complaint-decider",))
ONLOOKER = Person("otto", "onlooker", ("provider",))
INSPECTOR = Person("ines", "inspection", ("supervisor",))
OTHER_OFFICE = Person("oscar", "county", ("procurement-officer", "procurement-head", "panel-member"))
ARGUED = {"arguments": "Our bid was the better one.", "evidence": [], "remedies": ["annul-award"]}
DISSENT = "The third deserved far more than that."


@pytest.fixture
async def decided(parties: Any) -> tuple[Any, Any, dict[str, str]]:
    """A procedure of eu-light up to its proposed award: all who take part, the tender, the bids by bidder."""
    plan = await parties.plan(pack="eu-light")
    parties.service.clock.advance(days=40)
    body = {**parties.content_body(procurement=parties.procurement(facts=FACTS)), "plan": plan["id"]}
    tender = await parties.publish(await parties.done("POST", "/v1/tenders", parties.officer, body))
    await parties.verify(*BIDS)
    bids = {name: (await parties.bid(tender, name, price))["bid"] for name, (price, _) in BIDS.items()}
    await parties.qualify(await parties.open(tender))
    members = await parties.declared(tender)
    scores = [(bids[name], "quality", score) for name, (_, score) in BIDS.items()]
    for member in members:
        assert (await parties.send_scores(tender, scores, member)).status_code == 204
    path = f"/v1/tenders/{tender['id']}/panel"
    await parties.done("POST", f"{path}/reveal", members[0])
    for member in members[:-1]:
        await parties.done("POST", f"{path}/signature", member, {"vote": "agreed"})
    await parties.done("POST", f"{path}/signature", members[-1], {"vote": "dissented", "reasons": DISSENT})
    await parties.done("POST", f"{path}/lock", members[0])
    await parties.open_prices(tender)
    return await parties.propose(tender), members, bids


def digests(events: list[tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """Return what is not told, by the type that tells a digest in its place."""
    named = {"tender.scores-revealed.v1": "scores_digest", "tender.scores-locked.v1": "scores_digest"}
    return {kind: data[named.get(kind, "ranking_digest")] for kind, data in events if kind in (*named, PROPOSED)}


PROPOSED = "award.proposed.v1"


def told_to_nobody(whole: Mapping[str, Any], bids: Mapping[str, str]) -> set[str]:
    """Return every figure of a loser, as it would be written in an event."""
    losers = {bids[name] for name in BIDS if name != WINNER}
    places = [place for place in whole["ranking"] if place["bid"] in losers]
    steps = [step for step in whole["derivation"] if step.get("bid") in losers]
    figures = {place["total"] for place in places} | {place["quality_points"]["quality"] for place in places}
    exact = {step["exact"] for step in steps if step["step"] in {"quality-points", "total"}}
    return {DISSENT, *figures, *exact, *(score for name, (_, score) in BIDS.items() if name != WINNER)}


async def test_no_loser_is_scored_in_public_when_the_pack_keeps_rankings(
    parties: Any, decided: tuple[Any, Any, dict[str, str]]
) -> None:
    tender, members, bids = decided
    digest = digests(await parties.events(tender))[PROPOSED]
    path = f"/v1/tenders/{tender['id']}/withheld/{digest}"
    whole = (await parties.shown(path, AUDITOR))["content"]
    secret = told_to_nobody(whole, bids)
    assert len(secret) == 11
    paths = await parties.readable({"tender_id": tender["id"], "plan_id": tender["plan"], "digest": digest})
    paths += [f"/v1/events?key={tender['ocid']}", *(f"/v1/bids/{bid}/result" for bid in bids.values())]
    seen = {}
    for viewer in (None, ONLOOKER, INSPECTOR, DECIDER, parties.bidder(WINNER), OTHER_OFFICE):
        for one in paths:
            response = await parties.send("GET", one, viewer)
            seen[viewer, one] = response.text + str(response.headers)
    assert [(place, text) for place, body in seen.items() for text in secret if text in body] == []
    # Nor does the office's own answer, or the timetable of the tender, say more than its page does.
    assert [text for text in secret if text in json.dumps(tender)] == []
    # A planted figure would have been found: the panel reads all of it in the very same places.
    panel = await parties.send("GET", f"/v1/tenders/{tender['id']}/panel", members[0])
    assert all(score in panel.text for _, score in BIDS.values())
    assert DISSENT in panel.text


async def test_what_a_digest_stands_for_is_read_by_a_few_and_proves_what_decided(
    parties: Any, decided: tuple[Any, Any, dict[str, str]]
) -> None:
    tender, members, bids = decided
    found = digests(await parties.events(tender))
    assert len(set(found.values())) == 3
    for kind, digest in found.items():
        path = f"/v1/tenders/{tender['id']}/withheld/{digest}"
        for reader in (parties.officer, parties.head, members[0], AUDITOR):
            shown = await parties.shown(path, reader)
            assert salted_digest(shown["salt"], shown["content"]) == shown["digest"] == digest, kind
        for other in (*map(parties.bidder, BIDS), ONLOOKER, DECIDER, INSPECTOR, OTHER_OFFICE):
            assert (await parties.send("GET", path, other)).status_code in {403, 404}, (kind, other)
        assert (await parties.send("GET", path)).status_code == 401
    parties.refused(
        await parties.send("GET", f"/v1/tenders/{tender['id']}/withheld/{'0' * 64}", AUDITOR), 404, "not-found"
    )
    digest = found[PROPOSED]
    whole = (await parties.shown(f"/v1/tenders/{tender['id']}/withheld/{digest}", AUDITOR))["content"]
    assert [place["bid"] for place in whole["ranking"]] == [bids[name] for name in ("birch", "cedar", "alder")]
    award = parties.standing(tender)
    assert ([place["bid"] for place in award["ranking"]], award["ranked"]) == ([bids[WINNER]], 3)
    assert award["ranking_digest"] == digest


async def test_each_bidder_reads_how_its_own_bid_did_and_the_winners(
    parties: Any, decided: tuple[Any, Any, dict[str, str]]
) -> None:
    _, _, bids = decided
    for place, name in enumerate(("birch", "cedar", "alder"), 1):
        result = await parties.shown(f"/v1/bids/{bids[name]}/result", parties.bidder(name))
        assert (result["place"]["bid"], result["place"]["rank"], result["ranked"]) == (bids[name], place, 3)
        assert (result["leading"] or {}).get("bid") == (None if name == WINNER else bids[WINNER])


async def test_body_that_decides_a_complaint_reads_what_decided(
    parties: Any, decided: tuple[Any, Any, dict[str, str]]
) -> None:
    tender, _, _ = decided
    path = f"/v1/tenders/{tender['id']}/withheld/{digests(await parties.events(tender))[PROPOSED]}"
    body = {"relates_to": "award", "lot": "lot-1", "ground": "wrong-scoring"} | ARGUED
    raised = await parties.send("POST", f"/v1/tenders/{tender['id']}/challenges", parties.bidder("cedar"), body)
    assert raised.status_code == 201, raised.text
    assert (await parties.send("GET", path, DECIDER)).status_code == 404
    challenge = f"/v1/challenges/{raised.json()['id']}"
    answer = {"answer": "It was not."}
    await parties.done("POST", f"{challenge}/answer", parties.officer, answer)
    await parties.done("POST", f"{challenge}/complaint", parties.bidder("cedar"), {"arguments": "It was."})
    assert (await parties.shown(path, DECIDER))["content"]["ranking"]


async def test_what_was_kept_is_never_changed(parties: Any, decided: tuple[Any, Any, dict[str, str]]) -> None:
    assert decided[0]["status"] == "award"
    assert await parties.count("withheld") == 3
    with pytest.raises(Exception, match="stays as it was received"):
        await parties.service.execute_as_owner("UPDATE withheld SET salt = ''")
