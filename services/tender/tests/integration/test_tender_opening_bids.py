"""The opening over HTTP: when, by whom, and what it makes public."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

MICROSECOND = timedelta(microseconds=1)


async def test_bids_stay_sealed_when_the_deadline_has_not_come(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await parties.bid(tender, "alder", "1.00")
    await parties.bid(tender, "birch", "2.00")
    path = f"/v1/tenders/{tender['id']}"
    for instant in (parties.service.clock.now(), parties.deadline(tender) - MICROSECOND):
        parties.service.clock.set(instant)
        kept = await parties.kept()
        response = await parties.send("POST", f"{path}/opening", parties.officer)
        parties.refused(response, 409, "bids-sealed", "bid-deadline")
        parties.refused(await parties.send("GET", f"{path}/bids"), 409, "bids-sealed", "bid-deadline")
        assert await parties.kept() == kept


async def test_bidders_are_public_and_no_envelope_is_read_when_bids_are_opened(parties: Any) -> None:
    tender, identifiers = await parties.opened({"alder": "900000.00", "birch": "1000000.00"})
    assert (tender["status"], tender["opened_at"]) == ("qualification", "2026-03-24T00:00:00.000000Z")
    assert tender["prices_opened_at"] is None
    bids = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    assert {(bid["bidder"]["id"], bid["bid"], bid["lot"], bid["price"], bid["valid"]) for bid in bids} == {
        ("alder", identifiers["alder"], "lot-1", None, True),
        ("birch", identifiers["birch"], "lot-1", None, True),
    }
    kind, data = (await parties.events())[-1]
    assert kind == "tender.opened.v1"
    # An event tells what everybody is shown, but for what is found of the offers.
    found = {"deduction": "0", "findings": [], "size_confirmed": True, "size_reason": None, "requirement": None}
    assert [{**bid, **found} for bid in data["bids"]] == [{**bid, "source": None} for bid in bids]
    assert await parties.count("sealed_reads") == 0


async def test_prices_are_public_and_every_reading_is_recorded_when_they_are_opened(parties: Any) -> None:
    tender, identifiers = await parties.scored({"alder": ("900000.00", "50"), "birch": ("1000000.00", "60")})
    parties.service.clock.advance(hours=3)
    tender = await parties.open_prices(tender)
    # The panel was drawn an hour after the opening.
    assert (tender["status"], tender["prices_opened_at"]) == ("award", "2026-03-24T04:00:00.000000Z")
    bids = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    assert {(bid["bidder"]["id"], bid["price"]["amount"], bid["valid"]) for bid in bids} == {
        ("alder", "900000.00", True),
        ("birch", "1000000.00", True),
    }
    kind, data = (await parties.events())[-1]
    assert (kind, data["opened_at"]) == ("tender.prices-opened.v1", tender["prices_opened_at"])
    assert [bid["price"] for bid in data["bids"]] == [bid["price"] for bid in bids]
    reads = (await parties.service.execute("SELECT bid, person, envelope, read_at FROM sealed_reads")).all()
    assert {(str(row.bid), row.person, row.envelope, row.read_at.isoformat()) for row in reads} == {
        (bid, "olga", "financial", "2026-03-24T04:00:00+00:00") for bid in identifiers.values()
    }


@pytest.mark.parametrize("bids", [{}, {"alder": "1.00"}])
async def test_procedure_ends_with_every_envelope_closed_when_too_few_bids_came(
    parties: Any, bids: dict[str, str]
) -> None:
    tender, _ = await parties.opened(bids)
    assert (tender["status"], tender["opened_at"], tender["due_at"]) == ("unsuccessful", None, None)
    kind, data = (await parties.events())[-1]
    assert (kind, data) == (
        "tender.unsuccessful.v1",
        {
            "ocid": tender["ocid"],
            "tender": tender["id"],
            "bids": len(bids),
            "reason": "There are fewer bids than the rule asks for.",
            "rule": "gate.opening.minimum-bids",
            "source": "Coxswain model pack",
        },
    )
    assert await parties.count("sealed_reads") == 0
    response = await parties.send("GET", f"/v1/tenders/{tender['id']}/bids")
    parties.refused(response, 409, "bids-sealed", "bid-deadline")


async def test_bid_is_named_and_does_not_count_when_it_is_invalid(parties: Any) -> None:
    contents = {
        "alder": "1250000.01",
        "birch": b"no bid at all",
        "cedar": parties.priced("1000.00", "USD"),
        "dogwood": "0.00",
        "elder": parties.priced("1250000.00"),
        "fir": b'{"price": 1000}',
    }
    tender, _ = await parties.scored({name: (content, "50") for name, content in contents.items()})
    tender = await parties.open_prices(tender)
    bids = {bid["bidder"]["id"]: bid for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}
    assert {name: (bid["valid"], bid["reason"], bid["price"]) for name, bid in bids.items()} == {
        "alder": (False, "The price is above the lot's value.", {"amount": "1250000.01", "currency": "EUR"}),
        "birch": (False, "The content cannot be read as a bid.", None),
        "cedar": (
            False,
            "The price is in another currency than the tender.",
            {"amount": "1000.00", "currency": "USD"},
        ),
        "dogwood": (False, "The price is not above zero.", {"amount": "0.00", "currency": "EUR"}),
        "elder": (True, None, {"amount": "1250000.00", "currency": "EUR"}),
        "fir": (False, "The content cannot be read as a bid.", None),
    }
    assert {name for name, bid in bids.items() if bid["rule"]} == {"alder"}
    assert bids["alder"]["rule"] == {"rule": "bid-within-estimate", "source": "Coxswain model pack"}
    assert tender["status"] == "award"


async def test_procedure_ends_with_its_bids_named_when_all_of_them_are_invalid(parties: Any) -> None:
    tender, _ = await parties.priced_bids({"alder": ("1250000.01", "50"), "birch": (b"no bid at all", "50")})
    assert tender["status"] == "unsuccessful"
    story = (await parties.events())[-3:]
    assert [kind for kind, _ in story] == [
        "tender.prices-opened.v1",
        "tender.lot-unsuccessful.v1",
        "tender.unsuccessful.v1",
    ]
    _, data = story[-1]
    assert (data["bids"], data["reason"], data["rule"]) == (
        2,
        "There are fewer bids than the rule asks for.",
        "gate.responsive.minimum-bids",
    )
    assert story[1][1]["amount"] == {"amount": "1250000.00", "currency": "EUR"}
    assert len(await parties.shown(f"/v1/tenders/{tender['id']}/bids")) == 2


async def test_opening_is_refused_when_it_is_another_offices_stale_or_a_second_one(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await parties.bid(tender, "alder", "1.00")
    await parties.bid(tender, "birch", "2.00")
    parties.until_deadline(tender)
    path = f"/v1/tenders/{tender['id']}/opening"
    stranger = replace(parties.officer, organisation="county")
    parties.refused(await parties.send("POST", path, stranger), 403, "not-own-organisation")
    parties.refused(await parties.send("POST", path, parties.officer, version=2), 412, "stale")
    response = await parties.send("POST", path, parties.officer, version=3)
    assert (response.status_code, response.headers["etag"]) == (200, '"4"')
    parties.refused(await parties.send("POST", path, parties.officer), 409, "tender-not-active", "bid-deadline")
    assert await parties.count("sealed_reads") == 0


async def test_prices_are_not_opened_when_another_office_a_stale_version_or_a_second_time_asks(parties: Any) -> None:
    tender, _ = await parties.scored({"alder": ("900000.00", "50"), "birch": ("1000000.00", "60")})
    path = f"/v1/tenders/{tender['id']}/price-opening"
    stranger = replace(parties.officer, organisation="county")
    parties.refused(await parties.send("POST", path, stranger), 403, "not-own-organisation")
    parties.refused(await parties.send("POST", path, parties.officer, version=4), 412, "stale")
    assert await parties.count("sealed_reads") == 0
    response = await parties.send("POST", path, parties.officer, version=5)
    assert (response.status_code, response.headers["etag"]) == (200, '"6"')
    parties.refused(
        await parties.send("POST", path, parties.officer), 409, "tender-not-evaluation", "quality-locked-before-prices"
    )
    assert await parties.count("sealed_reads") == 2
