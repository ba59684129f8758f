"""Scores, the proposal of an award, the standstill, the confirmation."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

BIDS = {"alder": "900000.00", "birch": "1000000.00"}


async def test_sheet_is_refused_when_it_is_incomplete_or_out_of_range(parties: Any) -> None:
    tender, bids = await parties.opened({**BIDS, "cedar": "950000.00"})
    await parties.qualify(tender, {"bid": bids["cedar"], "reason": "No licence.", "rule": "bidder-verified"})
    alder, birch, cedar = (bids[name] for name in ("alder", "birch", "cedar"))
    member, *_ = await parties.declared(tender)
    whole = [(alder, "quality", "50"), (birch, "quality", "60")]
    kept = await parties.kept()
    for scores, code in (
        (whole[:1], "scores-incomplete"),
        ([*whole, whole[0]], "scores-incomplete"),
        ([*whole, (cedar, "quality", "70")], "scores-incomplete"),
        ([*whole, (alder, "price", "70")], "scores-incomplete"),
        ([whole[0], (birch, "kindness", "60")], "scores-incomplete"),
        ([whole[0], (birch, "quality", "100.01")], "score-out-of-range"),
        ([whole[0], (birch, "quality", "-1")], "score-out-of-range"),
        ([whole[0], (birch, "quality", 60)], "number-not-text"),
        ([whole[0], (birch, "quality", "6e1")], "decimal-malformed"),
        ([], "value-invalid"),
    ):
        parties.refused(await parties.send_scores(tender, scores, member), 422, code)
    assert await parties.kept() == kept
    assert (await parties.send_scores(tender, whole, member)).status_code == 204


async def test_sheet_is_refused_when_its_member_belongs_to_a_bidder(parties: Any) -> None:
    tender, bids = await parties.qualified(BIDS)
    member, *_ = await parties.declared(tender)
    scores = [(bid, "quality", "60") for bid in bids.values()]
    conflicted = replace(member, organisation="birch")
    parties.refused(
        await parties.send_scores(tender, scores, conflicted), 403, "roles-incompatible", "incompatible.bidder"
    )
    assert await parties.count("score_sheets") == 0


async def test_scores_are_refused_when_the_evaluation_is_over(parties: Any) -> None:
    tender, bids = await parties.qualified(BIDS)
    scores = [(bid, "quality", "60") for bid in bids.values()]
    member, *_ = await parties.score(tender, scores)
    parties.refused(await parties.send_scores(tender, scores, member), 409, "panel-not-seated")
    tender, bids = await parties.qualified(BIDS)
    scores = [(bid, "quality", "60") for bid in bids.values()]
    member, *_ = await parties.declared(tender)
    path = f"/v1/tenders/{tender['id']}/cancellation"
    await parties.done("POST", path, parties.head, {"reason": "The need has gone."})
    parties.refused(await parties.send_scores(tender, scores, member), 409, "tender-not-evaluation")


async def test_ranking_takes_the_panels_mean_when_its_members_differ(parties: Any) -> None:
    tender, bids = await parties.qualified(BIDS)
    members = await parties.declared(tender)
    for member, given in zip(members, ("70", "96", "98"), strict=True):
        scores = [(bids["alder"], "quality", "78"), (bids["birch"], "quality", given)]
        assert (await parties.send_scores(tender, scores, member)).status_code == 204
    await parties.lock(tender, members)
    await parties.open_prices(tender)
    proposed = await parties.propose(tender)
    # birch's mean is 88, so its total is that of the published vector: 27 + 61.6; alder's is 30 + 54.6.
    assert parties.standing(proposed)["supplier"]["id"] == "birch"
    ranking = dict(await parties.events())["award.proposed.v1"]["ranking"]
    assert [(place["bidder"]["id"], place["total"]) for place in ranking] == [
        ("birch", "88.6000"),
        ("alder", "84.6000"),
    ]


async def test_list_has_the_award_and_no_ranking_when_tenders_are_listed(parties: Any) -> None:
    tender, bids = await parties.priced_bids({"alder": ("900000.00", "70"), "birch": ("1000000.00", "60")})
    shown = await parties.propose(tender)
    assert [place["bid"] for place in shown["lots"][0]["awards"][0]["ranking"]] == [bids["alder"], bids["birch"]]
    listed = {item["id"]: item for item in (await parties.shown("/v1/tenders?limit=200"))["items"]}[tender["id"]]
    (award,) = listed["lots"][0]["awards"]
    assert (award["bid"], award["status"]) == (bids["alder"], "pending")
    assert "ranking" not in award
    assert "quality_points" not in str(listed)


async def test_prices_stay_sealed_when_nobody_scored(parties: Any) -> None:
    tender, _ = await parties.qualified(BIDS)
    kept = await parties.kept()
    response = await parties.send("POST", f"/v1/tenders/{tender['id']}/price-opening", parties.officer)
    assert (
        parties.refused(response, 409, "scores-missing", "quality-locked-before-prices")["satisfied_by"]
        == "The panel's locked scores."
    )
    assert (await parties.kept(), await parties.count("sealed_reads")) == (kept, 0)


async def test_award_is_refused_when_the_best_are_equal(parties: Any) -> None:
    tender, _ = await parties.priced_bids({"alder": ("900000.00", "50"), "birch": ("900000.00", "50")})
    kept = await parties.kept()
    response = await parties.send("POST", f"/v1/tenders/{tender['id']}/lots/lot-1/award", parties.officer)
    problem = parties.refused(response, 409, "tie-unresolved", "tie-break")
    assert problem["satisfied_by"] == "A draw between them by a public beacon."
    assert await parties.kept() == kept


async def test_award_is_refused_when_it_is_another_offices_stale_or_a_second_one(parties: Any) -> None:
    tender, _ = await parties.priced_bids({name: (price, "50") for name, price in BIDS.items()})
    path = f"/v1/tenders/{tender['id']}/lots/lot-1/award"
    stranger = replace(parties.officer, organisation="county")
    parties.refused(await parties.send("POST", path, stranger), 403, "not-own-organisation")
    parties.refused(await parties.send("POST", path, parties.officer, version=5), 412, "stale")
    elsewhere = f"/v1/tenders/{tender['id']}/lots/lot-2/award"
    parties.refused(await parties.send("POST", elsewhere, parties.officer), 404, "lot-unknown")
    response = await parties.send("POST", path, parties.officer, version=6)
    assert (response.status_code, response.headers["etag"]) == (200, '"7"')
    parties.refused(await parties.send("POST", path, parties.officer), 409, "award-pending")


async def test_award_is_not_confirmed_when_the_standstill_runs_or_the_same_person_asks(parties: Any) -> None:
    tender = await parties.proposed()
    path = f"/v1/tenders/{tender['id']}/lots/lot-1/award/confirmation"
    # Ten days after Tuesday the 24th of March: the end of Friday the 3rd of April.
    assert parties.standing(tender)["standstill_ends_at"] == "2026-04-04T00:00:00.000000Z"
    standstill = ("standstill-running", "standstill", "UNCITRAL Model Law on Public Procurement (2011), art. 22")
    parties.refused(await parties.send("POST", path, parties.head), 409, *standstill)
    parties.service.clock.set(parties.standstill_end(tender) - timedelta(microseconds=1))
    parties.refused(await parties.send("POST", path, parties.head), 409, *standstill)
    parties.service.clock.set(parties.standstill_end(tender))
    proposer = replace(parties.head, name=parties.officer.name)
    second_person = ("second-person-needed", "second-person.award", "Coxswain model pack")
    parties.refused(await parties.send("POST", path, proposer), 403, *second_person)
    parties.refused(await parties.send("POST", path, parties.head, version=6), 412, "stale")
    assert await parties.count("contracts") == 0
    confirmed = await parties.done("POST", path, parties.head, version=7)
    assert (confirmed["status"], confirmed["lots"][0]["status"]) == ("complete", "complete")
    parties.refused(await parties.send("POST", path, parties.head), 409, "tender-not-award")
    assert await parties.count("contracts") == 1


async def test_award_is_not_confirmed_when_none_was_proposed(parties: Any) -> None:
    tender, _ = await parties.opened(BIDS)
    path = f"/v1/tenders/{tender['id']}/lots/lot-1/award/confirmation"
    # Whoever asks for the award of a lot is told that there is none before the state is looked at.
    parties.refused(await parties.send("POST", path, parties.head), 409, "award-missing")


async def test_contract_is_the_awards_when_the_award_is_confirmed(parties: Any) -> None:
    tender = await parties.awarded()
    award = parties.standing(tender)
    contract = await parties.shown(f"/v1/contracts/{award['contract']}")
    assert contract == {
        "id": award["contract"],
        "ocid": tender["ocid"],
        "tender": tender["id"],
        "award": award["id"],
        "title": tender["content"]["title"],
        "buyer": {"id": "city", "name": "City social office"},
        "supplier": {"id": "birch", "name": "Birch Ltd"},
        "service": {"code": "elder-care.home", "title": "Home care for older people"},
        "value": {"amount": "1000000.00", "currency": "EUR"},
        "milestones": contract["milestones"],
        "status": "generated",
        # 30 days after Saturday the 4th of April is Monday the 4th of May.
        "signature_due": "2026-05-05T00:00:00.000000Z",
        "signed_at": None,
        **{name: [] for name in ("changes", "options", "suspensions", "assignments")},
        **dict.fromkeys(("security_required", "security", "not_signed_because", "annulled_because", "amount_paid")),
        **dict.fromkeys(("proposed_end", "termination", "handover", "closing", "payment_terms")),
    }
