"""Before the opening nobody learns that there is a bid, whose it is, how many there are, or what is in them."""

import asyncio
import base64
import hashlib
import itertools
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

ABSENT = "00000000-0000-0000-0000-000000000000"
BIDDERS = {"quartz-rowing": "123456.78", "basalt-rowing": "234567.89", "gneiss-rowing": "345678.91"}
ASKED = {
    "id": "r1",
    "title": "Who would come, and when",
    "data_type": "text",
    "subject": None,
    "expected": None,
    "minimum": None,
    "maximum": None,
    "options": [],
    "evidence": ["rota"],
}
GROUP = {"id": "rota", "title": "By a rota", "requirements": [ASKED]}
REQUIREMENTS = [{"id": "staff", "title": "Staff", "kind": "qualification", "groups": [GROUP]}]

Answer = tuple[int, tuple[tuple[str, str], ...], bytes]
Snapshot = Mapping[tuple[str, str], Answer]


@dataclass(frozen=True, slots=True)
class Secret:
    """A bid, and everything by which it could be noticed."""

    bidder: str
    price: str
    canary: bytes
    content: bytes
    answer: str
    document: bytes

    @property
    def document_digest(self) -> str:
        return hashlib.sha256(self.document).hexdigest()

    @property
    def technical(self) -> bytes:
        return json.dumps(
            {
                "groups": {"staff": "rota"},
                "answers": [{"requirement": "r1", "value": self.answer, "evidence": [self.document_digest]}],
                "documents": [
                    {
                        "digest": self.document_digest,
                        "title": "Rota",
                        "confidential": True,
                        "rationale": "It names the people who would come.",
                    }
                ],
            }
        ).encode()

    def hidden(self, receipt: Mapping[str, str]) -> dict[str, str]:
        """Return what must be found nowhere before the opening."""
        return {
            "bid": receipt["bid"],
            "bidder": self.bidder,
            "digest": receipt["digest"],
            "technical digest": receipt["technical_digest"],
            "salt": receipt["salt"],
            # Whoever knows the form of an envelope would find with these what is in it.
            "digest without salt": hashlib.sha256(self.content).hexdigest(),
            "technical digest without salt": hashlib.sha256(self.technical).hexdigest(),
            "price": self.price,
            "answer": self.answer,
            "document's digest": self.document_digest,
            **self.forever(receipt),
        }

    def forever(self, receipt: Mapping[str, str]) -> dict[str, str]:
        """Return what is not public after the opening either."""
        return {
            "receipt": receipt["signed"],
            "technical salt": receipt["technical_salt"],
            "person": f"{self.bidder}-clerk",
            "canary in hex": self.canary.hex(),
            "canary in base64": base64.b64encode(self.canary).decode()[:-1],
            "canary in base64 for URLs": base64.urlsafe_b64encode(self.canary).decode()[:-1],
            "envelope": base64.b64encode(self.content).decode()[:-4],
            "technical envelope": base64.b64encode(self.technical).decode()[:-4],
            "document": self.document.decode(),
        }


def secret(parties: Any, bidder: str, price: str) -> Secret:
    canary = secrets.token_bytes(32)
    notes = {"hex": canary.hex(), "base64": base64.b64encode(canary).decode()}
    document = b"%PDF-1.7 " + secrets.token_hex(32).encode()
    return Secret(bidder, price, canary, parties.priced(price, **notes), secrets.token_hex(32), document)


def viewers(parties: Any) -> dict[str, Any]:
    roles = ("procurement-officer", "procurement-head", "panel-member", "operator", "provider")
    office = {role: replace(parties.officer, name=f"{role}-7", roles=(role,)) for role in roles}
    return {
        "nobody": None,
        **office,
        "everything at once": replace(parties.officer, roles=roles),
        "a bidder": parties.bidder("quartz-rowing"),
        "another organisation": parties.bidder("onlooker"),
    }


async def paths(parties: Any, tender: Mapping[str, Any], bids: Sequence[Secret] = ()) -> list[str]:
    """Return every path that can be read, with what it names filled in; the stream is read apart."""
    found: list[str] = await parties.readable({"tender_id": tender["id"], "plan_id": tender["plan"]})
    asked = [
        "/v1/tenders?status=active",
        "/v1/tenders?limit=1",
        f"/v1/events?key={tender['ocid']}",
        "/v1/events?after=3",
        "/v1/events?wait=0.01&after=1000",
        "/v1/no-such-thing",
        "/openapi.json",
    ]
    return found + asked + [f"/v1/documents/{bid.document_digest}" for bid in bids]


async def look(parties: Any, tender: Mapping[str, Any], bids: Sequence[Secret] = ()) -> Snapshot:
    """Read everything as everybody, also what is only known to be in a bid."""
    seen: dict[tuple[str, str], Answer] = {}
    for (name, viewer), path in itertools.product(viewers(parties).items(), await paths(parties, tender, bids)):
        response = await parties.send("GET", path, viewer)
        assert "{" not in path
        seen[name, path] = response.status_code, tuple(sorted(response.headers.items())), response.content
    seen["nobody", "stream"] = 200, (), await beginning_of_the_stream(parties.service.app)
    return seen


async def beginning_of_the_stream(app: Any) -> bytes:
    """Read the event stream until it waits for more."""
    received, waits = bytearray(), asyncio.Event()
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        request = next(asked, None)
        if request is None:
            await waits.wait()
        return request or {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        received.extend(message.get("body", b""))
        if b": waiting" in received:
            waits.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/events/stream",
        "raw_path": b"/v1/events/stream",
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "server": ("service.test", 80),
    }
    async with asyncio.timeout(10):
        await app(scope, receive, send)
    return bytes(received)


def holding(text: str, snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return where a text is found."""
    return [place for place, (_, headers, body) in snapshot.items() if text in body.decode() or text in str(headers)]


def beside_own(name: str, text: str, snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return where a text is found beside the list of a bidder's own bids, which has the salts."""
    own = {("a bidder", "/v1/bids")} if name.endswith("salt") else set()
    return [place for place in holding(text, snapshot) if place not in own]


def sealed(parties: Any, bid: Secret) -> dict[str, Any]:
    return dict(parties.bid_body(bid.content, technical=base64.b64encode(bid.technical).decode()))


async def upload(parties: Any, bidder: str, document: bytes) -> None:
    person = parties.bidder(bidder)
    headers = parties.service.headers(person.name, person.organisation, *person.roles)
    response = await parties.service.client.post(
        "/v1/documents?media_type=application/pdf",
        content=document,
        headers={**headers, "Content-Type": "application/octet-stream"},
    )
    assert response.status_code == 201, response.text


async def hand_in(
    parties: Any, tender: Mapping[str, Any], given: Sequence[Secret] = ()
) -> tuple[list[tuple[Secret, dict[str, str]]], list[Any]]:
    """Hand in three bids, at different times, with all that leads to a bid; return receipts, and what was logged.

    Each bidder uploads, drafts, submits, looks at it, withdraws and bids anew; an amendment invalidates the first.
    """
    bids = []
    with capture_logs() as logs:
        for bid in given or [secret(parties, bidder, price) for bidder, price in BIDDERS.items()]:
            parties.service.clock.advance(hours=1)
            person, body = parties.bidder(bid.bidder), sealed(parties, bid)
            await upload(parties, bid.bidder, bid.document)
            path = f"/v1/tenders/{tender['id']}/bids"
            draft = await parties.done("POST", f"{path}/drafts", person, body)
            await parties.done("POST", f"/v1/bids/{draft['id']}/submission", person, version=1)
            await parties.done("POST", f"/v1/bids/{draft['id']}/withdrawal", person)
            receipt = await parties.done("POST", path, person, body)
            await parties.amend(tender)
            await parties.done("POST", f"/v1/bids/{receipt['bid']}/confirmation", person)
            shown = await parties.shown(f"/v1/bids/{receipt['bid']}/receipt", person)
            bids.append((bid, {**receipt, **shown}))
        for bid, receipt in bids:
            if (await parties.shown(f"/v1/bids/{receipt['bid']}", parties.bidder(bid.bidder)))["status"] != "confirmed":
                again = f"/v1/bids/{receipt['bid']}/confirmation"
                receipt |= await parties.done("POST", again, parties.bidder(bid.bidder))  # noqa: PLW2901 - in place
    return bids, list(logs)


async def test_everything_looks_the_same_to_everybody_when_three_bids_have_come_in(parties: Any) -> None:
    tender = await parties.active(requirements=REQUIREMENTS)
    await parties.panel_drawn(tender)
    await parties.verify(*BIDDERS)
    told = await parties.service.published()
    given = [secret(parties, bidder, price) for bidder, price in BIDDERS.items()]
    before = await look(parties, tender, given)
    bids, logs = await hand_in(parties, tender, given)
    with capture_logs() as readings:
        after = await look(parties, tender, given)
    # What a bidder sees of its own is the only thing that changes, and it changes for the bidder alone.
    own = {("a bidder", path) for path in ("/v1/bids", "/v1/documents", f"/v1/documents/{given[0].document_digest}")}
    assert {place for place in before if before[place] != after[place]} == own
    mine = {bid["id"] for bid in json.loads(after["a bidder", "/v1/bids"][2])["items"] if bid["status"] == "confirmed"}
    assert mine == {bids[0][1]["bid"]}
    before, after = ({place: seen[place] for place in seen.keys() - own} for seen in (before, after))
    assert before.keys() == after.keys()
    assert len({path for _, path in after}) > 20
    # Not even a line in the log says that somebody came to the door.
    assert logs == []
    assert await parties.service.published() == told
    documents = json.dumps({table: rows for table, rows in (await parties.kept()).items() if table in PUBLIC_TABLES})
    for bid, receipt in bids:
        for name, text in bid.hidden(receipt).items():
            assert holding(text, after) == [], name
            assert text not in str(readings), name
            assert text not in documents, name
    assert await parties.count("sealed_reads") == 0


PUBLIC_TABLES = {"events", "plans", "tenders", "contracts", "panels"}


async def test_bid_of_another_looks_like_none_when_its_id_is_known(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify(*BIDDERS)
    bids, _ = await hand_in(parties, tender)
    for bid, receipt in bids:
        for viewer in viewers(parties).values():
            if viewer is not None and viewer.organisation == bid.bidder:
                continue
            known = await parties.send("GET", f"/v1/bids/{receipt['bid']}/receipt", viewer)
            absent = await parties.send("GET", f"/v1/bids/{ABSENT}/receipt", viewer)
            assert known.status_code in {401, 403, 404}
            assert (known.status_code, known.content, known.headers) == (
                absent.status_code,
                absent.content,
                absent.headers,
            )


async def test_bidder_is_found_and_no_price_when_bids_are_opened(parties: Any) -> None:
    tender = await parties.active(requirements=REQUIREMENTS)
    await parties.verify(*BIDDERS)
    bids, _ = await hand_in(parties, tender)
    await parties.qualify(await parties.open(tender))
    await parties.score(tender, [(receipt["bid"], "quality", "50") for _, receipt in bids])
    await parties.done("POST", f"/v1/tenders/{tender['id']}/price-opening", parties.officer, dry_run=True)
    await parties.service.published()
    with capture_logs() as logs:
        after = await look(parties, tender)
    documents = json.dumps({table: rows for table, rows in (await parties.kept()).items() if table in PUBLIC_TABLES})
    for bid, receipt in bids:
        places = {("nobody", f"/v1/tenders/{tender['id']}/bids"), ("nobody", "/v1/events"), ("nobody", "stream")}
        for text in (bid.bidder, receipt["bid"], receipt["digest"]):
            assert places <= set(holding(text, after))
        for name, text in {**bid.forever(receipt), "price": bid.price, "salt": receipt["salt"]}.items():
            assert beside_own(name, text, after) == [], name
            assert text not in str(logs), name
            assert text not in documents, name
    reads = (await parties.service.execute("SELECT bid, envelope FROM sealed_reads")).all()
    assert {(str(row.bid), row.envelope) for row in reads} == {(receipt["bid"], "technical") for _, receipt in bids}


async def test_price_of_a_bid_that_did_not_qualify_is_never_found_when_the_others_are_opened(parties: Any) -> None:
    tender = await parties.active(requirements=REQUIREMENTS)
    await parties.verify(*BIDDERS)
    bids, _ = await hand_in(parties, tender)
    (out, refused), *others = bids
    await parties.qualify(
        await parties.open(tender), {"bid": refused["bid"], "reason": "No licence.", "rule": "bidder-verified"}
    )
    await parties.score(tender, [(receipt["bid"], "quality", "50") for _, receipt in others])
    await parties.open_prices(tender)
    await parties.service.published()
    after = await look(parties, tender)
    for name, text in {**out.forever(refused), "price": out.price, "salt": refused["salt"]}.items():
        assert beside_own(name, text, after) == [], name
    reads = await parties.service.execute("SELECT bid FROM sealed_reads WHERE envelope = 'financial'")
    assert {str(bid) for bid in reads.scalars().all()} == {receipt["bid"] for _, receipt in others}


async def test_bidder_and_price_are_found_and_nothing_else_when_prices_are_opened(parties: Any) -> None:
    tender = await parties.active(requirements=REQUIREMENTS)
    await parties.verify(*BIDDERS)
    bids, _ = await hand_in(parties, tender)
    await parties.qualify(await parties.open(tender))
    await parties.score(tender, [(receipt["bid"], "quality", "50") for _, receipt in bids])
    await parties.open_prices(tender)
    await parties.service.published()
    given = [bid for bid, _ in bids]
    with capture_logs() as logs:
        after = await look(parties, tender, given)
    # An expert who has no seat in this panel does not evaluate.
    evaluates = {"procurement-officer", "procurement-head", "everything at once"}
    offers = f"/v1/tenders/{tender['id']}/offers"
    for bid, receipt in bids:
        places = {("nobody", f"/v1/tenders/{tender['id']}/bids"), ("nobody", "/v1/events"), ("nobody", "stream")}
        for text in (bid.bidder, bid.price, receipt["bid"], receipt["digest"], receipt["technical_digest"]):
            assert places <= set(holding(text, after))
        # The answers are for those who evaluate them; so is a confidential document, and for whom it belongs to.
        assert set(holding(bid.answer, after)) == {(viewer, offers) for viewer in evaluates}
        own = {"a bidder"} if bid.bidder == "quartz-rowing" else set()
        path = f"/v1/documents/{bid.document_digest}"
        assert set(holding(bid.document.decode(), after)) == {(viewer, path) for viewer in evaluates | own}
        for name, text in bid.forever(receipt).items():
            if name != "document":
                assert beside_own(name, text, after) == [], name
            assert text not in str(logs), name
    reads = (await parties.service.execute("SELECT bid, envelope FROM sealed_reads")).all()
    assert sorted((str(row.bid), row.envelope) for row in reads) == sorted(
        (receipt["bid"], envelope) for _, receipt in bids for envelope in ("technical", "financial")
    )


async def test_trying_the_opening_tells_nothing_when_the_deadline_has_come(parties: Any) -> None:
    answers = []
    tenders = [await parties.active() for _ in range(3)]
    await parties.verify(*BIDDERS)
    for tender, bidders in zip(tenders, ([], ["quartz-rowing"], list(BIDDERS)), strict=True):
        for bidder in bidders:
            await parties.bid(tender, bidder, BIDDERS[bidder])
    for tender in tenders:
        parties.until_deadline(tender)
        tried = await parties.done("POST", f"/v1/tenders/{tender['id']}/opening", parties.officer, dry_run=True)
        answers.append({**tried, "id": "", "ocid": "", "plan": ""})
    # With none, one and three bids the same is answered, and no envelope was read.
    assert answers == [answers[0]] * 3
    assert await parties.count("sealed_reads") == 0


MALFORMED: Sequence[tuple[str, dict[str, Any]]] = (
    ("late", {}),
    ("unknown lot", {"lot": "lot-2"}),
    ("unknown scheme", {"scheme": "age/v1"}),
    ("unknown field", {"price": "{canary}"}),
    ("too short", {"envelope": "{canary}A"}),
    ("no base64", {"envelope": "{canary}!"}),
    ("not text", {"envelope": ["{canary}"]}),
)


@pytest.mark.parametrize(("why", "changes"), MALFORMED, ids=[why for why, _ in MALFORMED])
async def test_refusal_gives_nothing_of_a_bid_away_when_it_is_not_accepted(
    same_day: Any, why: str, changes: dict[str, Any]
) -> None:
    tender = await same_day.active()
    await same_day.verify("quartz-rowing")
    bid = secret(same_day, "quartz-rowing", BIDDERS["quartz-rowing"])
    body = same_day.bid_body(bid.content) | json.loads(json.dumps(changes).replace("{canary}", bid.canary.hex()))
    if why == "late":
        same_day.until_deadline(tender)
    with capture_logs() as logs:
        response = await same_day.send(
            "POST", f"/v1/tenders/{tender['id']}/bids", same_day.bidder("quartz-rowing"), body
        )
    assert response.status_code in {409, 422}
    given_away = response.text + str(response.headers) + str(logs)
    nothing = dict.fromkeys(("bid", "digest", "technical_digest", "salt", "technical_salt", "signed"), ABSENT)
    assert [name for name, text in bid.hidden(nothing).items() if text in given_away] == []


async def test_failure_gives_nothing_of_a_bid_away_when_the_database_refuses_it(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("quartz-rowing")
    bid = secret(parties, "quartz-rowing", BIDDERS["quartz-rowing"])
    await parties.service.execute_as_owner("ALTER TABLE bids ADD CONSTRAINT broken CHECK (lot <> 'lot-1')")
    with capture_logs() as logs:
        response = await parties.send_bid(tender, "quartz-rowing", bid.content)
    parties.refused(response, 500, "unexpected")
    given_away = response.text + str(response.headers) + str(logs)
    nothing = dict.fromkeys(("bid", "digest", "technical_digest", "salt", "technical_salt", "signed"), ABSENT)
    assert [name for name, text in bid.hidden(nothing).items() if text in given_away] == []


async def test_reader_who_waits_for_events_is_not_woken_when_a_bid_comes(run_tender: Any) -> None:
    async with run_tender(background=True) as parties:
        tender = await parties.active()
        await parties.verify("quartz-rowing")
        last = (await parties.service.published())[-1].position
        waiting = asyncio.create_task(parties.send("GET", f"/v1/events?after={last}&wait=1"))
        generation = parties.service.runtime.sequencer.generation
        started = asyncio.get_running_loop().time()
        await parties.bid(tender, "quartz-rowing", "1.00")
        response = await waiting
        assert response.json() == []
        assert asyncio.get_running_loop().time() - started > timedelta(seconds=0.9).total_seconds()
        assert parties.service.runtime.sequencer.generation == generation
