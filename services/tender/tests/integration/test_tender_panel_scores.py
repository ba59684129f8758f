"""Declarations, private sheets, the revelation of all at once, agreed scores, signatures, the lock, another round."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

BIDS = {"alder": "900000.00", "birch": "1000000.00"}
MODEL = "Coxswain model pack"


def paths(tender: Any) -> str:
    return f"/v1/tenders/{tender['id']}/panel"


def sheet(bids: dict[str, str], alder: str, birch: str) -> list[tuple[str, str, str]]:
    return [(bids["alder"], "quality", alder), (bids["birch"], "quality", birch)]


async def scored(parties: Any, *sheets: tuple[str, str]) -> tuple[Any, dict[str, str], list[Any]]:
    """Bring a panel to the point where every member has given a sheet."""
    tender, bids = await parties.qualified(BIDS)
    members = await parties.declared(tender)
    for member, (alder, birch) in zip(members, sheets or [("78", "88")] * 3, strict=True):
        assert (await parties.send_scores(tender, sheet(bids, alder, birch), member)).status_code == 204
    return tender, bids, members


async def test_scores_are_refused_when_no_panel_or_no_member_or_no_declaration_is_there(parties: Any) -> None:
    tender, bids = await parties.qualified(BIDS)
    whole = sheet(bids, "78", "88")
    parties.refused(await parties.send_scores(tender, whole, parties.experts[0]), 404, "not-found")
    members = await parties.seated(tender)
    stranger = next(expert for expert in parties.experts if expert not in members)
    parties.refused(await parties.send_scores(tender, whole, stranger), 403, "not-on-panel")
    undeclared = await parties.send_scores(tender, whole, members[0])
    parties.refused(undeclared, 409, "declaration-missing", "committee.conflicts-declared")
    assert await parties.count("score_sheets") == 0


async def test_interests_are_not_declared_when_nobody_knows_the_bidders(parties: Any) -> None:
    tender = await parties.active()
    members = await parties.seated(tender)
    body = {"ties": [{"bidder": "alder", "relation": "none"}]}
    response = await parties.send("POST", f"{paths(tender)}/declaration", members[0], body)
    parties.refused(response, 409, "tender-not-evaluation")
    # Nor is there anything to declare while it is open who qualifies.
    await parties.verify(*BIDS)
    for bidder, price in BIDS.items():
        await parties.bid(tender, bidder, price)
    await parties.open(tender)
    body = {"ties": [{"bidder": bidder, "relation": "none"} for bidder in BIDS]}
    response = await parties.send("POST", f"{paths(tender)}/declaration", members[0], body)
    parties.refused(response, 409, "tender-not-evaluation")
    await parties.qualify(tender)
    await parties.done("POST", f"{paths(tender)}/declaration", members[0], body)


@pytest.mark.parametrize(
    ("ties", "code"),
    [
        ([("alder", {"relation": "none"})], "declaration-incomplete"),
        ([("alder", {"relation": "none"}), ("cedar", {"relation": "none"})], "declaration-incomplete"),
        ([("alder", {"relation": "none"})] * 2 + [("birch", {"relation": "none"})], "declaration-incomplete"),
        (
            [("alder", {"relation": "none"}), ("alder", {"relation": "other"}), ("birch", {"relation": "none"})],
            "declaration-incomplete",
        ),
        ([("alder", {"relation": "employment"}), ("birch", {"relation": "none"})], "tie-incomplete"),
        ([("alder", {"relation": "kinship"}), ("birch", {"relation": "none"})], "tie-incomplete"),
        ([("alder", {"relation": "other", "degree": 1}), ("birch", {"relation": "none"})], "tie-incomplete"),
        (
            [("alder", {"relation": "employment", "years_since": "-1"}), ("birch", {"relation": "none"})],
            "tie-incomplete",
        ),
        ([("alder", {"relation": "friendship"}), ("birch", {"relation": "none"})], "value-invalid"),
        ([], "value-invalid"),
    ],
)
async def test_declaration_is_refused_when_it_does_not_say_how_one_stands_to_every_bidder(
    parties: Any, ties: list[tuple[str, dict[str, Any]]], code: str
) -> None:
    tender, _ = await parties.qualified(BIDS)
    members = await parties.seated(tender)
    kept = await parties.kept()
    body = {"ties": [{"bidder": bidder, **tie} for bidder, tie in ties]}
    response = await parties.send("POST", f"{paths(tender)}/declaration", members[0], body)
    parties.refused(response, 422, code, None if code == "value-invalid" else "committee.conflicts-declared")
    assert await parties.kept() == kept


@pytest.mark.parametrize(
    "tie",
    [
        {"relation": "employment", "years_since": "0"},
        {"relation": "directorship", "years_since": "0"},
        {"relation": "control", "years_since": "0"},
    ],
)
async def test_member_leaves_and_the_next_takes_the_place_when_it_is_of_a_bidder(parties: Any, tie: Any) -> None:
    tender, bids = await parties.qualified(BIDS)
    members = await parties.seated(tender)
    order = (await parties.shown(f"{paths(tender)}/record"))["draws"][0]["order"]
    panel = await parties.declare(tender, members[0], birch=tie)
    assert (panel["status"], panel["chair"]) == ("forming", None)
    assert [(seat["label"], seat["status"]) for seat in panel["seats"]] == [
        (order[0], "recused"),
        (order[1], "accepted"),
        (order[2], "accepted"),
        (order[3], "invited"),
    ]
    event = dict(await parties.events())["tender.panel-member-replaced.v1"]
    assert (event["because"], event["rule"], event["source"]) == ("recused", "incompatible.bidder", MODEL)
    assert event["substitute"] == order[3]
    gone = await parties.send_scores(tender, sheet(bids, "1", "2"), members[0])
    parties.refused(gone, 403, "not-on-panel")


async def test_tie_is_disclosed_when_no_rule_excludes_it(parties: Any) -> None:
    tender, _ = await parties.qualified(BIDS)
    members = await parties.seated(tender)
    assert all(seat["ties"] is None for seat in (await parties.shown(paths(tender)))["seats"])
    await parties.declare(tender, members[0], birch={"relation": "employment", "years_since": "0.5"})
    panel = await parties.declare(tender, members[1], alder={"relation": "shareholding", "years_since": "0"})
    told = {
        tie["relation"]: (tie["bidder"], tie["years_since"]) for seat in panel["seats"] for tie in seat["ties"] or ()
    }
    assert (told["employment"], told["shareholding"]) == (("birch", "0.5"), ("alder", "0"))
    assert panel["status"] == "seated"
    body = {"ties": [{"bidder": bidder, "relation": "none"} for bidder in BIDS]}
    response = await parties.send("POST", f"{paths(tender)}/declaration", members[0], body)
    parties.refused(response, 409, "declared")


async def test_sheets_are_nobody_elses_business_when_they_are_not_revealed(parties: Any) -> None:
    tender, bids = await parties.qualified(BIDS)
    members = await parties.declared(tender)
    before, events = await parties.send("GET", paths(tender)), await parties.events()
    for member in members:
        assert (await parties.send_scores(tender, sheet(bids, "71.07", "13.37"), member)).status_code == 204
        for path in (paths(tender), f"{paths(tender)}/record", "/v1/overdue"):
            for viewer in (None, parties.officer, parties.head, *members):
                response = await parties.send("GET", path, viewer)
                assert "13.37" not in response.text
        after = await parties.send("GET", paths(tender))
        # Not even that a sheet has come shows anywhere.
        assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
    assert await parties.events() == events
    tried = await parties.done("POST", f"{paths(tender)}/reveal", members[0], dry_run=True)
    assert (tried["status"], tried["scores"]) == ("seated", [])
    revealed = await parties.done("POST", f"{paths(tender)}/reveal", members[0])
    assert {(score["bid"], score["value"]) for score in revealed["scores"]} == {
        (bids["alder"], "71.07"),
        (bids["birch"], "13.37"),
    }


async def test_scores_are_revealed_by_the_chair_alone_when_every_sheet_is_there(parties: Any) -> None:
    tender, bids = await parties.qualified(BIDS)
    members = await parties.seated(tender)
    path = f"{paths(tender)}/reveal"
    missing = ("declarations-missing", "committee.conflicts-declared")
    parties.refused(await parties.send("POST", path, members[0]), 409, *missing)
    for member in members:
        await parties.declare(tender, member)
    refusals = []
    for member in members:
        refusal = await parties.send("POST", path, members[0])
        refusals.append({**parties.refused(refusal, 409, "sheets-missing"), "trace_id": ""})
        await parties.send_scores(tender, sheet(bids, "78", "88"), member)
    # The refusal does not tell whose sheet is missing, nor how many.
    assert refusals == [refusals[0]] * 3
    for member in members[1:]:
        parties.refused(await parties.send("POST", path, member), 403, "not-chair")
    await parties.done("POST", path, members[0])
    parties.refused(await parties.send("POST", path, members[0]), 409, "panel-not-seated")
    late = await parties.send_scores(tender, sheet(bids, "0", "100"), members[1])
    parties.refused(late, 409, "panel-not-seated")


async def test_sheet_of_the_largest_tender_is_not_too_large_a_request(parties: Any) -> None:
    tender, _, members = await scored(parties)
    scores = [(str(UUID(int=number)), "quality" * 11, "77.1234") for number in range(20_000)]
    # None of these bids is there; what matters is that the sheet is read.
    parties.refused(await parties.send_scores(tender, scores, members[0]), 422, "scores-incomplete")


async def test_last_sheet_counts_when_a_member_replaces_it(parties: Any) -> None:
    tender, bids, members = await scored(parties, ("10", "10"), ("20", "20"), ("30", "30"))
    await parties.send_scores(tender, sheet(bids, "33.3333", "66.6666"), members[0])
    revealed = await parties.done("POST", f"{paths(tender)}/reveal", members[0])
    assert len(revealed["scores"]) == 6
    assert sorted(score["value"] for score in revealed["scores"]) == ["20", "20", "30", "30", "33.3333", "66.6666"]
    for member in members:
        await parties.done("POST", f"{paths(tender)}/signature", member, {"vote": "agreed"})
    locked = await parties.done("POST", f"{paths(tender)}/lock", members[0])
    # (33.3333 + 20 + 30) / 3 = 27.77776666, (66.6666 + 50) / 3 = 38.88886666.
    assert {score["bid"]: score["value"] for score in locked["final"]} == {
        bids["alder"]: "27.7778",
        bids["birch"]: "38.8889",
    }


async def test_agreed_score_is_the_final_one_when_the_chair_sets_it_with_a_reason(parties: Any) -> None:
    tender, bids, members = await scored(parties, ("70", "80"), ("80", "90"), ("84", "94"))
    await parties.done("POST", f"{paths(tender)}/reveal", members[0])
    path = f"{paths(tender)}/consensus"
    one = {"bid": bids["birch"], "criterion": "quality", "value": "60.5", "reason": "The concept is copied."}
    parties.refused(await parties.send("POST", path, members[1], {"scores": [one]}), 403, "not-chair")
    for scores, code in (
        ([one, one], "score-unknown"),
        ([one | {"criterion": "price"}], "score-unknown"),
        ([one | {"bid": tender["id"]}], "score-unknown"),
        ([one | {"value": "100.0001"}], "score-out-of-range"),
        ([one | {"value": "60.00001"}], "score-out-of-range"),
        ([one | {"reason": " "}], "value-invalid"),
    ):
        parties.refused(await parties.send("POST", path, members[0], {"scores": scores}), 422, code)
    await parties.done("POST", f"{paths(tender)}/signature", members[1], {"vote": "agreed"})
    await parties.done("POST", path, members[0], {"scores": [one]})
    # What was signed is no longer what there is to sign.
    for member in members:
        await parties.done("POST", f"{paths(tender)}/signature", member, {"vote": "agreed"})
    await parties.done("POST", f"{paths(tender)}/lock", members[0])
    locked = dict(await parties.events())["tender.scores-locked.v1"]
    assert {score["bid"]: (score["mean"], score["value"], score["reason"]) for score in locked["scores"]} == {
        bids["alder"]: ("78.0000", "78.0000", None),
        bids["birch"]: ("88.0000", "60.5", "The concept is copied."),
    }
    await parties.open_prices(tender)
    award = parties.standing(await parties.propose(tender))
    # alder 30 + 54.6, birch 27 + 0.7 * 60.5 = 69.35.
    assert (award["supplier"]["id"], [Decimal(place["total"]) for place in award["ranking"]]) == (
        "alder",
        [Decimal("84.6"), Decimal("69.35")],
    )


async def test_dissent_is_public_with_its_reasons_when_the_majority_agrees(parties: Any) -> None:
    tender, _, members = await scored(parties)
    await parties.done("POST", f"{paths(tender)}/reveal", members[0])
    path = f"{paths(tender)}/signature"
    response = await parties.send("POST", path, members[0], {"vote": "dissented"})
    parties.refused(response, 422, "dissent-without-reasons", "committee.decision")
    dissent = {"vote": "dissented", "reasons": "The staff is named twice."}
    shown = await parties.done("POST", path, members[0], dissent)
    assert shown["signatures"] == []
    parties.refused(await parties.send("POST", path, members[0], {"vote": "agreed"}), 409, "signed")
    missing = await parties.send("POST", f"{paths(tender)}/lock", members[0])
    parties.refused(missing, 409, "signatures-missing", "committee.report-signing")
    for member in members[1:]:
        await parties.done("POST", path, member, {"vote": "agreed"})
    locked = await parties.done("POST", f"{paths(tender)}/lock", members[0])
    assert sorted((one["vote"], one["reasons"]) for one in locked["signatures"] if one["reasons"]) == [
        ("dissented", "The staff is named twice.")
    ]


async def test_scores_are_not_locked_when_the_majority_dissents(parties: Any) -> None:
    tender, _, members = await scored(parties)
    await parties.done("POST", f"{paths(tender)}/reveal", members[0])
    for member in members[:2]:
        body = {"vote": "dissented", "reasons": "The staff is named twice."}
        await parties.done("POST", f"{paths(tender)}/signature", member, body)
    await parties.done("POST", f"{paths(tender)}/signature", members[2], {"vote": "agreed"})
    refused = await parties.send("POST", f"{paths(tender)}/lock", members[0])
    parties.refused(refused, 409, "majority-dissents", "committee.decision")


async def test_whoever_is_silent_has_agreed_when_the_term_to_sign_has_passed(parties: Any) -> None:
    tender, _, members = await scored(parties)
    revealed = await parties.done("POST", f"{paths(tender)}/reveal", members[0])
    due = datetime.fromisoformat(revealed["due_at"])
    parties.service.clock.set(due - timedelta(microseconds=1))
    early = await parties.send("POST", f"{paths(tender)}/lock", members[0])
    parties.refused(early, 409, "signatures-missing", "committee.report-signing")
    parties.service.clock.set(due)
    reported = [item["waiting_for"] for item in await parties.shown("/v1/overdue") if item["kind"] == "panel"]
    assert reported == ["the panel's signatures"]
    locked = await parties.done("POST", f"{paths(tender)}/lock", members[0])
    assert [one["vote"] for one in locked["signatures"]] == ["silent"] * 3


async def test_prices_stay_sealed_when_the_scores_are_not_locked(parties: Any) -> None:
    tender, _, members = await scored(parties)
    path = f"/v1/tenders/{tender['id']}/price-opening"
    for step in (None, "reveal"):
        if step:
            await parties.done("POST", f"{paths(tender)}/{step}", members[0])
        for dry_run in (True, False):
            parties.refused(
                await parties.send("POST", path, parties.officer, dry_run=dry_run),
                409,
                "scores-missing",
                "quality-locked-before-prices",
            )
    for member in members:
        await parties.done("POST", f"{paths(tender)}/signature", member, {"vote": "agreed"})
    parties.refused(
        await parties.send("POST", path, parties.officer), 409, "scores-missing", "quality-locked-before-prices"
    )
    assert await parties.count("sealed_reads") == 0
    await parties.done("POST", f"{paths(tender)}/lock", members[0])
    assert (await parties.open_prices(tender))["status"] == "award"
    assert await parties.count("sealed_reads") == 2


async def test_award_is_not_proposed_when_the_proposer_is_on_the_panel(parties: Any) -> None:
    tender, _, members = await scored(parties)
    await parties.lock(tender, members)
    await parties.open_prices(tender)
    path = f"/v1/tenders/{tender['id']}/lots/lot-1/award"
    both = replace(parties.officer, name=members[1].name)
    proposer = ("roles-incompatible", "incompatible.award-proposer")
    for dry_run in (True, False):
        parties.refused(await parties.send("POST", path, both, dry_run=dry_run), 403, *proposer)
    await parties.done("POST", path, parties.officer)


async def send_back(parties: Any, tender: Any, challenger: str) -> Any:
    """Let a bidder challenge the evaluation, and the office concede that it is done anew; return the tender."""
    body = {
        "relates_to": "evaluation",
        "lot": "lot-1",
        "ground": "wrong-scoring",
        "arguments": "The concept was not read.",
        "evidence": [],
        "remedies": ["evaluate-again"],
    }
    bidder = parties.bidder(challenger)
    raised = await parties.done("POST", f"/v1/tenders/{tender['id']}/challenges", bidder, body)
    answer = {"answer": "It was not.", "remedy": "evaluate-again"}
    await parties.done("POST", f"/v1/challenges/{raised['id']}/concession", parties.head, answer)
    return await parties.shown(f"/v1/tenders/{tender['id']}")


async def test_sheets_of_each_round_are_kept_when_the_panel_scores_anew(parties: Any) -> None:
    tender, bids, members = await scored(parties, ("78", "70"), ("78", "70"), ("78", "70"))
    path, reason = f"{paths(tender)}/rounds", {"reason": "The procedure was sent back."}
    parties.refused(await parties.send("POST", path, parties.head, reason), 409, "round-not-ordered")
    await parties.lock(tender, members)
    # The office alone does not let a panel think again.
    parties.refused(await parties.send("POST", path, parties.head, reason), 409, "round-not-ordered")
    await parties.open_prices(tender)
    parties.refused(await parties.send("POST", path, parties.head, reason), 409, "tender-not-evaluation")
    # 30 + 54.6 against 27 + 49.
    assert parties.standing(await parties.propose(tender))["supplier"]["id"] == "alder"
    back = await send_back(parties, tender, "birch")
    assert (back["status"], [award["status"] for award in back["lots"][0]["awards"]]) == ("evaluation", ["cancelled"])
    prices = f"/v1/tenders/{tender['id']}/price-opening"
    # What was locked before is not what the award is made of now.
    parties.refused(
        await parties.send("POST", prices, parties.officer), 409, "scores-missing", "quality-locked-before-prices"
    )
    opened = await parties.done("POST", path, parties.head, reason)
    assert (opened["round"], opened["status"], opened["final"], opened["scores"]) == (2, "seated", [], [])
    parties.refused(
        await parties.send("POST", prices, parties.officer), 409, "scores-missing", "quality-locked-before-prices"
    )
    # The sheets of the first round are none of the second.
    parties.refused(await parties.send("POST", f"{paths(tender)}/reveal", members[0]), 409, "sheets-missing")
    for member in members:
        assert (await parties.send_scores(tender, sheet(bids, "78", "88"), member)).status_code == 204
    await parties.lock(tender, members)
    parties.refused(await parties.send("POST", path, parties.head, reason), 409, "round-not-ordered")
    assert await parties.count("score_sheets") == 6
    await parties.open_prices(tender)
    # 27 + 61.6 against 30 + 54.6.
    assert parties.standing(await parties.propose(tender))["supplier"]["id"] == "birch"
    locked = [data for kind, data in await parties.events() if kind == "tender.scores-locked.v1"]
    assert [(data["round"], sorted(score["value"] for score in data["scores"])) for data in locked] == [
        (1, ["70.0000", "78.0000"]),
        (2, ["78.0000", "88.0000"]),
    ]
