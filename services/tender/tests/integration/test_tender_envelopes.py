"""Two envelopes to a bid: each with its own digest, each opened by itself, every reading written down."""

import base64
import hashlib
import json
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy

from tender.db import bids as sealed
from tender.domain.price_opening import ReleasedPrice
from tender.domain.seal import digest

TECHNICAL = b'{"answers": [], "documents": []}'


async def two_envelopes(parties: Any, tender: Any, organisation: str, price: str, technical: bytes = TECHNICAL) -> Any:
    body = parties.bid_body(parties.priced(price), technical=base64.b64encode(technical).decode())
    return await parties.done("POST", f"/v1/tenders/{tender['id']}/bids", parties.bidder(organisation), body)


async def reads(parties: Any) -> set[tuple[str, str, str]]:
    rows = await parties.service.execute("SELECT bid, envelope, person FROM sealed_reads")
    return {(str(row.bid), row.envelope, row.person) for row in rows}


async def test_each_envelope_has_its_own_digest_when_a_bid_has_two(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    receipt = await two_envelopes(parties, tender, "alder", "1.00")
    await parties.bid(tender, "birch", "2.00")
    digests = (digest(receipt["salt"], parties.priced("1.00")), digest(receipt["technical_salt"], TECHNICAL))
    assert (receipt["digest"], receipt["technical_digest"]) == digests
    assert receipt["salt"] != receipt["technical_salt"]
    signed = base64.urlsafe_b64decode(receipt["signed"].split(".")[1] + "==").decode()
    assert all(digest in signed for digest in digests)
    await parties.open(tender)
    opened = {bid["bidder"]["id"]: bid for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}
    assert (opened["alder"]["digest"], opened["alder"]["technical_digest"]) == digests
    assert opened["birch"]["technical_digest"] is None
    _, published = (await parties.events(tender))[-1]
    assert {bid["bidder"]["id"]: bid["technical_digest"] for bid in published["bids"]} == {
        "alder": digests[1],
        "birch": None,
    }


async def test_price_cannot_be_found_by_its_digest_until_it_is_opened_and_then_anybody_checks_it(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    content = b'{"price":{"amount":"7.00","currency":"EUR"}}'
    kept = {name: await parties.bid(tender, name, content) for name in ("alder", "birch", "cedar")}
    # Who replaced or withdrew a bid never has its price opened.
    await parties.bid(tender, "birch", content)
    await parties.done("POST", f"/v1/bids/{kept['cedar']['bid']}/withdrawal", parties.bidder("cedar"))
    await parties.open(tender)
    paths = [f"/v1/tenders/{tender['id']}/{what}" for what in ("bids", "bid-trace")]
    sealed_view = [bid for path in paths for bid in await parties.shown(path)]
    tried = {
        hashlib.sha256(b'{"price":{"amount":"%d.00","currency":"EUR"}}' % price).hexdigest() for price in range(99)
    }
    assert not tried & {bid["digest"] for bid in sealed_view}
    assert len({bid["digest"] for bid in sealed_view}) == 4
    assert all(bid.get("salt") is None for bid in sealed_view)
    await parties.to_prices(tender)
    _, told = next(event for event in await parties.events(tender) if event[0] == "tender.prices-opened.v1")
    for bid in (*told["bids"], *await parties.shown(paths[0])):
        price = json.dumps({"price": bid["price"]}, sort_keys=True, separators=(",", ":")).encode()
        assert hashlib.sha256(bytes.fromhex(bid["salt"]) + price).hexdigest() == bid["digest"]
    assert all("salt" not in bid for bid in await parties.shown(paths[1]))
    own = await parties.shown(f"/v1/bids/{kept['cedar']['bid']}", parties.bidder("cedar"))
    assert digest(own["salt"], content) == own["digest"]


async def test_every_envelope_that_is_read_is_written_down_when_bids_are_opened_and_then_prices(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    both = await two_envelopes(parties, tender, "alder", "1.00")
    one = await parties.bid(tender, "birch", "2.00")
    await parties.open(tender)
    opened = {(both["bid"], "technical", "olga")}
    assert await reads(parties) == opened
    assert await parties.to_prices(tender) == {"alder": "1.00", "birch": "2.00"}
    assert await reads(parties) == opened | {(bid["bid"], "financial", "olga") for bid in (both, one)}


async def test_financial_envelope_stays_closed_when_the_technical_ones_are_opened(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    first = await two_envelopes(parties, tender, "alder", "1.00")
    parties.service.clock.advance(hours=1)
    second = await two_envelopes(parties, tender, "birch", "2.00", b"torn")
    at = parties.deadline(tender)
    async with parties.service.runtime.engine.begin() as connection:
        standing = await sealed.standing(connection, UUID(tender["id"]))
        technical = await sealed.release_technical(connection, standing, person="vera", at=at)
    assert [(str(bid.bid), bid.bidder.id, bid.lot, bid.content) for bid in technical] == [
        (first["bid"], "alder", "lot-1", TECHNICAL),
        (second["bid"], "birch", "lot-1", b"torn"),
    ]
    assert await reads(parties) == {(bid["bid"], "technical", "vera") for bid in (first, second)}
    kept = (await parties.service.execute("SELECT envelope FROM opened_envelopes")).scalars().all()
    assert set(kept) == {"technical"}
    async with parties.service.runtime.engine.begin() as connection:
        financial = await sealed.release_financial(connection, [UUID(second["bid"])], person="vera", at=at)
    assert financial == [ReleasedPrice(UUID(second["bid"]), parties.priced("2.00"), second["salt"])]
    assert (first["bid"], "financial", "vera") not in await reads(parties)


async def test_one_bid_is_opened_when_only_it_is_asked_for(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    for bidder in ("alder", "birch"):
        await two_envelopes(parties, tender, bidder, "1.00")
    async with parties.service.runtime.engine.begin() as connection:
        of = {"person": "vera", "at": parties.deadline(tender)}
        assert await sealed.release_technical(connection, [], **of) == []
        first, _ = await sealed.standing(connection, UUID(tender["id"]))
        (opened,) = await sealed.release_technical(connection, [first], **of)
    assert (opened.bid, opened.lot, opened.content) == (first.bid, "lot-1", TECHNICAL)
    assert await reads(parties) == {(str(first.bid), "technical", "vera")}


async def test_opening_looks_for_the_bids_once_and_loads_no_other_envelope_when_there_are_several_lots(
    parties: Any,
) -> None:
    lots = [{"id": f"lot-{n}", "title": f"Part {n}", "value": {"amount": "5.00", "currency": "EUR"}} for n in (1, 2)]
    tender = await parties.active(lots=lots, value={"amount": "10.00", "currency": "EUR"})
    await parties.verify("alder", "birch")
    for bidder, lot in (("alder", "lot-1"), ("alder", "lot-2"), ("birch", "lot-1"), ("birch", "lot-2")):
        body = parties.bid_body(parties.priced("1.00"), lot=lot, technical=base64.b64encode(TECHNICAL).decode())
        await parties.done("POST", f"/v1/tenders/{tender['id']}/bids", parties.bidder(bidder), body)
    statements: list[str] = []
    engine = parties.service.runtime.engine.sync_engine
    sqlalchemy.event.listen(engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    await parties.open(tender)
    opening = [one for one in statements if "bids" in one]
    assert len([one for one in opening if "DISTINCT ON" in one]) == 1
    assert [one for one in opening if "bids.financial" in one] == []
    assert len([one for one in opening if "bids.technical AS sealed" in one]) == 1
    rows = (await parties.service.execute("SELECT purpose FROM sealed_reads")).scalars().all()
    assert rows == ["opening"] * 4
    await parties.to_prices(tender)
    rows = (await parties.service.execute("SELECT DISTINCT envelope, purpose FROM sealed_reads")).all()
    assert set(map(tuple, rows)) == {("technical", "opening"), ("financial", "price-opening")}


@pytest.mark.parametrize("technical", ["not base64!", "", 12, "AAAAA"])
async def test_bid_makes_no_sense_when_its_technical_envelope_is_malformed(same_day: Any, technical: Any) -> None:
    tender = await same_day.active()
    await same_day.verify("birch")
    body = same_day.bid_body(b"1234", technical=technical)
    response = await same_day.send("POST", f"/v1/tenders/{tender['id']}/bids", same_day.bidder("birch"), body)
    assert response.status_code == 422
    assert "/body/technical" in response.text
    assert (await same_day.service.execute(f"SELECT 1 FROM bids WHERE tender = '{tender['id']}'")).all() == []


async def test_two_envelopes_of_the_largest_size_fit_when_they_come_together(same_day: Any) -> None:
    tender = await same_day.active()
    await same_day.verify("birch")
    largest = base64.b64encode(bytes(512 * 1024)).decode()
    body = same_day.bid_body(bytes(512 * 1024), technical=largest)
    response = await same_day.send("POST", f"/v1/tenders/{tender['id']}/bids", same_day.bidder("birch"), body)
    assert response.status_code == 201, response.text


@pytest.mark.parametrize("table", ["bid_acts", "opened_envelopes"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET bid = bid", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_database_refuses_when_the_history_of_bids_is_to_be_altered(
    same_day: Any, table: str, statement: str
) -> None:
    with pytest.raises(Exception, match="what was received stays as it was received"):
        await same_day.service.execute_as_owner(statement.format(table))
