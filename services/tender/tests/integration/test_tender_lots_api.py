"""Lots over HTTP: awarded, cancelled and given up each by itself, and three contracts from one tender."""

from dataclasses import replace
from typing import Any

import pytest

REASON = {"reason": "The need has gone."}
VALUES = {"north": "600000.00", "south": "400000.00", "west": "250000.00"}
# By lot and bidder: price and score of quality.
OFFERS = {
    ("north", "alder"): ("580000.00", "60"),
    ("north", "birch"): ("500000.00", "70"),
    ("south", "alder"): ("399999.99", "90"),
    ("south", "birch"): ("390000.00", "50"),
    ("west", "birch"): ("240000.00", "50"),
    ("west", "cedar"): ("250000.00", "80"),
}


def euros(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "EUR"}


async def active(parties: Any) -> Any:
    lots = [{"id": lot, "title": lot.title(), "value": euros(value)} for lot, value in VALUES.items()]
    return await parties.active(lots=lots)


async def bid(parties: Any, tender: Any, lot: str, bidder: str, price: str) -> str:
    body = parties.bid_body(parties.priced(price), lot=lot)
    path = f"/v1/tenders/{tender['id']}/bids"
    return str((await parties.done("POST", path, parties.bidder(bidder), body))["bid"])


async def opened(parties: Any, *without: str) -> tuple[Any, dict[tuple[str, str], str]]:
    """Bring a tender of three lots to its opening; nobody bids for the lots that are named."""
    tender = await active(parties)
    await parties.verify("alder", "birch", "cedar")
    offers = {at: offer for at, offer in OFFERS.items() if at[0] not in without}
    bids = {at: await bid(parties, tender, *at, price) for at, (price, _) in offers.items()}
    return await parties.open(tender), bids


async def priced(parties: Any, *without: str) -> tuple[Any, dict[tuple[str, str], str]]:
    tender, bids = await opened(parties, *without)
    await parties.qualify(tender)
    await parties.score(tender, [(bids[at], "quality", OFFERS[at][1]) for at in bids])
    return await parties.open_prices(tender), bids


def statuses(tender: Any) -> dict[str, str]:
    return {lot["id"]: lot["status"] for lot in tender["lots"]}


async def test_three_contracts_are_made_when_three_lots_are_awarded(parties: Any) -> None:
    tender, bids = await priced(parties)
    for lot in VALUES:
        tender = await parties.propose(tender, lot)
    assert tender["status"] == "award"
    # North: birch is better and cheaper. South: alder has 29.25 + 63 against 30 + 35, west: cedar 28.8 + 56 against 65.
    winners = {lot: parties.standing(tender, lot) for lot in VALUES}
    assert {lot: (award["supplier"]["id"], award["value"]["amount"]) for lot, award in winners.items()} == {
        "north": ("birch", "500000.00"),
        "south": ("alder", "399999.99"),
        "west": ("cedar", "250000.00"),
    }
    assert {award["bid"] for award in winners.values()} == {
        bids["north", "birch"],
        bids["south", "alder"],
        bids["west", "cedar"],
    }
    parties.service.clock.set(parties.standstill_end(tender, "west"))
    for number, lot in enumerate(VALUES, 1):
        tender = await parties.confirm(tender, lot)
        assert statuses(tender)[lot] == "complete"
        assert tender["status"] == ("complete" if number == 3 else "award")
    contracts = [await parties.shown(f"/v1/contracts/{parties.standing(tender, lot)['contract']}") for lot in VALUES]
    assert [(item["title"], item["supplier"]["id"], item["value"]["amount"]) for item in contracts] == [
        ("Home care in the north: North", "birch", "500000.00"),
        ("Home care in the north: South", "alder", "399999.99"),
        ("Home care in the north: West", "cedar", "250000.00"),
    ]
    for contract in contracts:
        path = f"/v1/contracts/{contract['id']}"
        await parties.done("POST", f"{path}/supplier-signature", parties.bidder(contract["supplier"]["id"]))
        signed = await parties.done("POST", f"{path}/buyer-signature", parties.head)
        assert signed["status"] == "active"
    story = [kind for kind, _ in await parties.events(tender)]
    assert [story.count(f"{kind}.v1") for kind in ("award.proposed", "award.confirmed", "contract.signed")] == [3, 3, 3]
    lots = [data["lot"] for kind, data in await parties.events(tender) if kind == "award.confirmed.v1"]
    assert lots == list(VALUES)


async def test_one_organisation_bids_for_each_lot_by_itself_when_there_are_several(parties: Any) -> None:
    tender, bids = await opened(parties)
    shown = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    assert {(item["lot"], item["bidder"]["id"]): item["bid"] for item in shown} == bids


async def test_other_lots_go_on_when_one_has_too_few_bids_and_one_is_cancelled(parties: Any) -> None:
    tender, _ = await opened(parties, "west")
    assert (tender["status"], statuses(tender)) == (
        "qualification",
        {"north": "active", "south": "active", "west": "unsuccessful"},
    )
    failed, _ = (await parties.events(tender))[-2:]
    assert failed == (
        "tender.lot-unsuccessful.v1",
        {
            "ocid": tender["ocid"],
            "tender": tender["id"],
            "lot": "west",
            "amount": euros("250000.00"),
            "reason": "There are fewer bids than the rule asks for.",
            "rule": "gate.opening.minimum-bids",
            "source": "Coxswain model pack",
            "bids": 0,
        },
    )
    path = f"/v1/tenders/{tender['id']}/lots/south/cancellation"
    parties.refused(await parties.send("POST", path, parties.head, REASON, version=4), 412, "stale")
    kept = await parties.kept()
    tried = await parties.done("POST", path, parties.head, REASON, dry_run=True)
    assert (statuses(tried)["south"], await parties.kept()) == ("cancelled", kept)
    response = await parties.send("POST", path, parties.head, REASON, version=5, key="cancel-south")
    assert (response.status_code, response.headers["etag"]) == (200, '"6"')
    assert statuses(response.json()) == {"north": "active", "south": "cancelled", "west": "unsuccessful"}
    again = await parties.send("POST", path, parties.head, REASON, version=5, key="cancel-south")
    assert (again.content, again.headers["idempotency-hit"]) == (response.content, "true")
    parties.refused(await parties.send("POST", path, parties.head, REASON), 409, "lot-not-active")
    assert (await parties.events(tender))[-1] == (
        "tender.lot-cancelled.v1",
        {
            "ocid": tender["ocid"],
            "tender": tender["id"],
            "lot": "south",
            "amount": euros("400000.00"),
            "reason": "The need has gone.",
            "rule": None,
            "source": None,
        },
    )
    assert response.json()["status"] == "qualification"


async def test_prices_of_lots_that_ended_are_never_read_when_the_others_are_opened(parties: Any) -> None:
    tender, bids = await opened(parties)
    await parties.qualify(tender)
    await parties.done("POST", f"/v1/tenders/{tender['id']}/lots/south/cancellation", parties.head, REASON)
    members = await parties.declared(tender)
    # Nobody scores what is not awarded.
    north_and_west = [at for at in bids if at[0] != "south"]
    scores = [(bids[at], "quality", OFFERS[at][1]) for at in north_and_west]
    whole = [*scores, (bids["south", "alder"], "quality", "50"), (bids["south", "birch"], "quality", "50")]
    parties.refused(await parties.send_scores(tender, whole, members[0]), 422, "scores-incomplete")
    for member in members:
        assert (await parties.send_scores(tender, scores, member)).status_code == 204
    await parties.lock(tender, members)
    await parties.open_prices(tender)
    read = (await parties.service.execute("SELECT bid FROM sealed_reads")).scalars().all()
    assert {str(item) for item in read} == {bids[at] for at in north_and_west}
    shown = {item["bid"]: item["price"] for item in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}
    assert {bids[at] for at in bids if shown[bids[at]] is None} == {bids["south", "alder"], bids["south", "birch"]}


async def test_procedure_is_cancelled_when_its_last_lot_is(parties: Any) -> None:
    tender = await active(parties)
    for lot in VALUES:
        tender = await parties.done("POST", f"/v1/tenders/{tender['id']}/lots/{lot}/cancellation", parties.head, REASON)
    assert (tender["status"], set(statuses(tender).values()), tender["due_at"]) == ("cancelled", {"cancelled"}, None)
    story = await parties.events(tender)
    assert [kind for kind, _ in story][-4:] == ["tender.lot-cancelled.v1"] * 3 + ["tender.cancelled.v1"]
    assert [data["amount"]["amount"] for _, data in story[-4:-1]] == list(VALUES.values())


@pytest.mark.parametrize(
    ("lot", "changes", "status", "code"),
    [
        ("east", {}, 404, "lot-unknown"),
        ("north", {"organisation": "county"}, 403, "not-own-organisation"),
        ("north", {"roles": ("procurement-officer",)}, 403, "role-missing"),
    ],
)
async def test_lot_is_not_cancelled_when_it_is_unknown_or_not_ones_own(
    same_day: Any, lot: str, changes: dict[str, Any], status: int, code: str
) -> None:
    tender = await active(same_day)
    path = f"/v1/tenders/{tender['id']}/lots/{lot}/cancellation"
    same_day.refused(await same_day.send("POST", path, replace(same_day.head, **changes), REASON), status, code)
    assert await same_day.shown(f"/v1/tenders/{tender['id']}") == tender


async def test_number_of_bids_stays_secret_when_a_lot_is_cancelled_before_the_opening(parties: Any) -> None:
    answers = []
    for bidders in ((), ("alder", "birch")):
        tender = await active(parties)
        await parties.verify(*bidders)
        for bidder in bidders:
            await bid(parties, tender, "north", bidder, "500000.00")
        path = f"/v1/tenders/{tender['id']}/lots/north/cancellation"
        answer = await parties.done("POST", path, parties.head, REASON)
        _, told = (await parties.events(tender))[-1]
        answers.append(({**answer, "id": "", "ocid": "", "plan": ""}, {**told, "ocid": "", "tender": ""}))
    assert answers[0] == answers[1]
    assert await parties.count("sealed_reads") == 0


async def test_bid_for_a_lot_that_was_cancelled_is_refused_when_the_tender_goes_on(parties: Any) -> None:
    tender = await active(parties)
    await parties.verify("alder")
    await parties.done("POST", f"/v1/tenders/{tender['id']}/lots/north/cancellation", parties.head, REASON)
    body = parties.bid_body(parties.priced("500000.00"), lot="north")
    response = await parties.send("POST", f"/v1/tenders/{tender['id']}/bids", parties.bidder("alder"), body)
    parties.refused(response, 409, "lot-not-active")
    await bid(parties, tender, "south", "alder", "390000.00")


async def test_lot_goes_to_the_next_and_then_ends_when_its_winners_fall_away(parties: Any) -> None:
    tender, bids = await priced(parties)
    path = f"/v1/tenders/{tender['id']}/lots/north/award/cancellation"
    parties.refused(await parties.send("POST", path, parties.head, REASON), 409, "award-missing")
    winners = []
    for _ in range(2):
        tender = await parties.propose(tender, "north")
        winners.append(parties.standing(tender, "north")["bid"])
        await parties.done("POST", path, parties.head, {"reason": "It withdrew."})
    assert winners == [bids["north", "birch"], bids["north", "alder"]]
    kind, data = (await parties.events(tender))[-1]
    assert (kind, data["bid"], data["supplier"]["id"], data["lot"], data["reason"]) == (
        "award.cancelled.v1",
        bids["north", "alder"],
        "alder",
        "north",
        "It withdrew.",
    )
    tender = await parties.propose(tender, "north")
    assert (statuses(tender)["north"], tender["status"]) == ("unsuccessful", "award")
    (kind, data) = (await parties.events(tender))[-1]
    assert (kind, data["lot"], data["amount"]) == ("tender.lot-unsuccessful.v1", "north", euros("600000.00"))


async def test_award_is_taken_back_until_its_contract_is_in_force_when_the_supplier_does_not_sign(
    parties: Any,
) -> None:
    tender = await parties.awarded()
    path = f"/v1/tenders/{tender['id']}/lots/lot-1/award/cancellation"
    contract = f"/v1/contracts/{parties.standing(tender)['contract']}"
    await parties.done("POST", f"{contract}/supplier-signature", parties.bidder("birch"))
    again = await parties.done("POST", path, parties.head, {"reason": "It asked for more."}, dry_run=True)
    assert again["status"] == "award"
    await parties.done("POST", f"{contract}/buyer-signature", parties.head)
    kept = await parties.kept()
    response = await parties.send("POST", path, parties.head, {"reason": "It asked for more."})
    parties.refused(response, 409, "contract-in-force")
    assert await parties.kept() == kept


async def test_nobody_signs_the_contract_of_an_award_that_was_taken_back_when_the_next_is_awarded(
    parties: Any,
) -> None:
    tender = await parties.awarded()
    contract = f"/v1/contracts/{parties.standing(tender)['contract']}"
    path = f"/v1/tenders/{tender['id']}/lots/lot-1/award/cancellation"
    await parties.done("POST", path, parties.head, {"reason": "It did not sign."})
    response = await parties.send("POST", f"{contract}/supplier-signature", parties.bidder("birch"))
    parties.refused(response, 409, "award-cancelled")
    proposed = await parties.propose(tender)
    assert parties.standing(proposed)["supplier"]["id"] == "cedar"
    parties.service.clock.set(parties.standstill_end(proposed))
    confirmed = await parties.confirm(proposed)
    assert f"/v1/contracts/{parties.standing(confirmed)['contract']}" != contract
    assert await parties.count("contracts") == 2
