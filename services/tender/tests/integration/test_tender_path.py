"""From the plan to the contract in force."""

from typing import Any


async def test_contract_is_in_force_when_every_step_was_done_in_order(parties: Any) -> None:
    tender = await parties.awarded()
    contract = f"/v1/contracts/{parties.standing(tender)['contract']}"
    await parties.done("POST", f"{contract}/supplier-signature", parties.bidder("birch"))
    signed = await parties.done("POST", f"{contract}/buyer-signature", parties.head)
    assert (signed["status"], signed["signature_due"]) == ("active", None)
    # Published vector F1b: birch, neither the cheapest nor the best, wins with its own price.
    assert (signed["supplier"], signed["value"]["amount"]) == ({"id": "birch", "name": "Birch Ltd"}, "1000000.00")
    # A third of the price is 333,333.33, and the first period takes the cent that is left over.
    assert [part["amount"]["amount"] for part in signed["milestones"]] == ["333333.34", "333333.33", "333333.33"]
    assert [(part["period"], part["start"], part["end"]) for part in signed["milestones"]] == [
        ("1", "2026-07-01", "2026-07-30"),
        ("2", "2026-07-31", "2026-08-30"),
        ("3", "2026-08-31", "2026-09-30"),
    ]
    assert await parties.shown(contract) == signed
    assert (await parties.shown(f"/v1/tenders/{tender['id']}"))["status"] == "complete"


async def test_events_tell_the_whole_story_when_a_contract_is_signed(parties: Any) -> None:
    tender = await parties.awarded()
    identifier = parties.standing(tender)["contract"]
    panel = (await parties.shown(f"/v1/tenders/{tender['id']}/panel"))["id"]
    await parties.done("POST", f"/v1/contracts/{identifier}/supplier-signature", parties.bidder("birch"))
    await parties.done("POST", f"/v1/contracts/{identifier}/buyer-signature", parties.head)
    events = await parties.service.published()
    assert [(event.type, int(event.sequence), event.subject) for event in events] == [
        ("tender.planned.v1", 1, tender["plan"]),
        ("tender.funding-requested.v1", 2, tender["id"]),
        ("tender.published.v1", 3, tender["id"]),
        ("tender.opened.v1", 4, tender["id"]),
        ("tender.bids-qualified.v1", 5, tender["id"]),
        ("tender.panel-pool-closed.v1", 1, panel),
        # Between them are two entries of numbers, three acceptances, the chair, three declarations, three signatures.
        ("tender.panel-drawn.v1", 3, panel),
        ("tender.scores-revealed.v1", 11, panel),
        ("tender.scores-locked.v1", 15, panel),
        ("tender.prices-opened.v1", 6, tender["id"]),
        ("award.proposed.v1", 7, tender["id"]),
        ("award.confirmed.v1", 8, tender["id"]),
        ("contract.generated.v1", 1, identifier),
        ("contract.supplier-signed.v1", 2, identifier),
        ("contract.signed.v1", 3, identifier),
    ]
    assert {event.partitionkey for event in events[1:]} == {tender["ocid"]}
    assert all(event.sandbox for event in events)
    data = {event.type: event.data for event in events}
    published, opened, qualified, priced, proposed = (
        data[f"{name}.v1"]
        for name in (
            "tender.published",
            "tender.opened",
            "tender.bids-qualified",
            "tender.prices-opened",
            "award.proposed",
        )
    )
    assert (published["closes_at"], published["pack"]) == (
        "2026-03-24T00:00:00.000000Z",
        {"id": "model", "version": "1.0.0"},
    )
    assert {bid["bidder"]["id"] for bid in opened["bids"]} == {"alder", "birch", "cedar"}
    assert qualified["qualified"] == [bid["bid"] for bid in opened["bids"]] == [bid["bid"] for bid in priced["bids"]]
    assert [bid["price"] for bid in opened["bids"]] == [None] * 3
    assert {bid["bidder"]["id"]: bid["price"]["amount"] for bid in priced["bids"]} == {
        "alder": "900000.00",
        "birch": "1000000.00",
        "cedar": "1200000.00",
    }
    assert [(place["bidder"]["id"], place["total"]) for place in proposed["ranking"]] == [
        ("birch", "88.6000"),
        ("cedar", "87.6000"),
        ("alder", "84.6000"),
    ]
    signed = data["contract.signed.v1"]
    assert signed["value"] == proposed["value"] == {"amount": "1000000.00", "currency": "EUR"}
    assert signed["award"] == proposed["award"] == data["award.confirmed.v1"]["award"]
    assert signed["award"] == parties.standing(tender)["id"]
    assert proposed["lot"] == data["award.confirmed.v1"]["lot"] == "lot-1"
    assert signed["milestones"] == data["contract.generated.v1"]["milestones"]
    assert (signed["tender"], signed["acceleration"]) == (tender["id"], 1)


async def test_anybody_can_work_out_the_ranking_when_an_award_is_proposed(parties: Any) -> None:
    await parties.proposed()
    derivation = dict(await parties.events())["award.proposed.v1"]["derivation"]
    exact = [(step["step"], step["exact"]) for step in derivation if "exact" in step]
    # In exact fractions, best first: birch 30 * 9/10 = 27 and 0.7 * 88 = 308/5, in sum 443/5 = 88.6.
    assert exact == [
        ("price-points", "27"),
        ("quality-points", "308/5"),
        ("total", "443/5"),
        ("price-points", "45/2"),
        ("quality-points", "651/10"),
        ("total", "438/5"),
        ("price-points", "30"),
        ("quality-points", "273/5"),
        ("total", "423/5"),
    ]


async def test_whole_procedure_takes_seconds_when_it_is_accelerated_in_a_sandbox(parties: Any) -> None:
    tender = await parties.active(acceleration=86_400)
    # From 9:00 on the 2nd to the end of the 23rd of March are 21.625 days.
    assert (tender["published_at"], tender["closes_at"]) == (
        "2026-03-02T09:00:00.000000Z",
        "2026-03-02T09:00:21.625000Z",
    )
    published = dict(await parties.events())["tender.published.v1"]
    assert published["acceleration"] == 86_400
