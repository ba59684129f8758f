"""Sealed bids, opening, scores, award, contract."""

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

import httpx
from joserfc import jws
from joserfc.jwk import KeySet

from onebox.journey import panel
from onebox.journey.course import Course
from onebox.journey.parties import sleep_until

# With the price at 30 points and quality at 70, EUR 90,000 and EUR 100,000 with quality 78 and 88 give 84.6 and 88.6.
PRICES = {"sunrise": "100000.00", "harbour": "90000.00"}
QUALITY = {"sunrise": "88", "harbour": "78"}
TOTALS = {"sunrise": "88.6000", "harbour": "84.6000"}


async def bids(course: Course) -> None:
    """Let three providers bid; before the opening nobody sees anything."""
    tender = course.facts["tender"]
    with course.log.step("4", "Fresh Start Cooperative", "bids without being verified") as step:
        step.refused(await _bid(course, "newcomer", tender, "80000.00"), 409, "bidder-not-verified")
    before = await _public_view(course, tender)
    for short in ("sunrise", "harbour"):
        await _submit(course, short, tender)
    with course.log.step("4", "anybody", "looks at the tender before and after the bids") as step:
        step.expect("nothing tells that there are bids", kept=await _public_view(course, tender) == before)
        step.outcome = "the same to the last byte"
    with course.log.step("4", "purchasing office", "asks for the bids, and to open them, before the deadline") as step:
        officer = course.party("procurement-officer")
        step.refused(await officer.ask("GET", "tender", f"/v1/tenders/{tender}/bids"), 409, "bids-sealed")
        response = await officer.ask("POST", "tender", f"/v1/tenders/{tender}/opening")
        step.refused(response, 409, "bids-sealed")
    with course.log.step("4", "Sunrise Neighbourhood Care", "is the only one to bid for the island villages") as step:
        step.answered(await _bid(course, "sunrise", course.facts["lonely"], "19000.00"), 201)


async def opening(course: Course) -> None:
    """Wait for the deadline, and open."""
    tender, ocid = course.facts["tender"], course.facts["ocid"]
    with course.log.step("5", "everybody", f"waits for the deadline, {course.facts['closes_at'][:19]}Z"):
        await sleep_until(_epoch(course.facts["closes_at"]))
    with course.log.step("5", "Harbour Care Services Ltd", "bids again, too late") as step:
        step.refused(await _bid(course, "harbour", tender, "70000.00"), 409, "bid-late")
    officer = course.party("procurement-officer")
    with course.log.step("5", "purchasing office", "opens the bids") as step:
        step.answered(await officer.ask("POST", "tender", f"/v1/tenders/{tender}/opening"), 200)
        opened = step.saw(await course.feeds.wait_for("tender", "tender.opened.v1", ocid))
        found = {bid["bidder"]["id"]: bid for bid in opened["bids"]}
        for short in PRICES:
            bid = found[course.facts[short]]
            step.expect(f"the price of {short} is still sealed", kept=bid["price"] is None)
            step.expect("the receipt's digest is the bid's", kept=bid["digest"] == course.facts[f"digest-{short}"])
            course.facts[f"bid-{short}"] = bid["bid"]
    with course.log.step("5", "purchasing office", "finds that both bidders meet the conditions") as step:
        path = f"/v1/tenders/{tender}/qualification"
        step.answered(await officer.ask("POST", "tender", path, {"disqualified": []}), 200)
        step.saw(await course.feeds.wait_for("tender", "tender.bids-qualified.v1", ocid))
    await sleep_until(_epoch(course.facts["lonely_closes_at"]))
    with course.log.step("5", "purchasing office", "opens the one with a single bid: the count gate ends it") as step:
        lonely = course.facts["lonely"]
        step.answered(await officer.ask("POST", "tender", f"/v1/tenders/{lonely}/opening"), 200)
        ended = step.saw(await course.feeds.wait_for("tender", "tender.unsuccessful.v1", course.facts["lonely_ocid"]))
        step.saw(await course.feeds.wait_for("budget", "budget.released.v1", course.facts["lonely_ocid"]))
        step.outcome = f"{ended['rule']}: {ended['source']}"


async def award(course: Course) -> None:
    """Score by a panel, rank, wait out the standstill, confirm, sign."""
    tender, ocid = course.facts["tender"], course.facts["ocid"]
    quality = {course.facts[f"bid-{short}"]: value for short, value in QUALITY.items()}
    await panel.scores(course, tender, ocid, quality, ("continuity", "training"))
    officer = course.party("procurement-officer")
    with course.log.step("5", "purchasing office", "opens the prices, now that the quality is settled") as step:
        step.answered(await officer.ask("POST", "tender", f"/v1/tenders/{tender}/price-opening"), 200)
        opened = step.saw(await course.feeds.wait_for("tender", "tender.prices-opened.v1", ocid))
        prices = {bid["bidder"]["id"]: bid["price"]["amount"] for bid in opened["bids"]}
        expected = {course.facts[short]: price for short, price in PRICES.items()}
        step.expect("the prices are those that were bid", kept=prices == expected)
        kept = all(bid["digest"] == _digest(bid["salt"], bid["price"]["amount"]) for bid in opened["bids"])
        step.expect("anybody works out the sealed digests again from the prices", kept=kept)
    with course.log.step("5", "purchasing office", "ranks the bids and proposes the award") as step:
        step.answered(await officer.ask("POST", "tender", f"/v1/tenders/{tender}/lots/lot-1/award"), 200)
        proposed = step.saw(await course.feeds.wait_for("tender", "award.proposed.v1", ocid))
        totals = {place["bidder"]["id"]: place["total"] for place in proposed["ranking"]}
        expected = {course.facts[short]: total for short, total in TOTALS.items()}
        step.expect("the points are those worked out by hand", kept=totals == expected)
        step.outcome = f"{proposed['supplier']['name']} with {totals[proposed['supplier']['id']]} points"
        ends_at = proposed["standstill_ends_at"]
    path = f"/v1/tenders/{tender}/lots/lot-1/award/confirmation"
    head = course.party("procurement-head")
    with course.log.step("5", "purchasing office", "the head confirms while the standstill runs") as step:
        step.refused(await head.ask("POST", "tender", path), 409, "standstill-running")
    with course.log.step("5", "everybody", f"waits out the standstill, until {ends_at[:19]}Z"):
        await sleep_until(_epoch(ends_at))
    with course.log.step("5", "purchasing office", "the head confirms; the contract is generated") as step:
        step.answered(await head.ask("POST", "tender", path), 200)
        confirmed = step.saw(await course.feeds.wait_for("tender", "award.confirmed.v1", ocid))
        step.saw(await course.feeds.wait_for("tender", "contract.generated.v1", ocid))
        course.facts["contract"] = confirmed["contract"]
    await _sign(course)


async def _sign(course: Course) -> None:
    contract, ocid = course.facts["contract"], course.facts["ocid"]
    with course.log.step("5", "Sunrise Neighbourhood Care", "signs the contract") as step:
        path = f"/v1/contracts/{contract}/supplier-signature"
        step.answered(await course.party("sunrise").ask("POST", "tender", path), 200)
        step.saw(await course.feeds.wait_for("tender", "contract.supplier-signed.v1", ocid))
    with course.log.step("5", "purchasing office", "signs; exactly the contract's value is committed") as step:
        path = f"/v1/contracts/{contract}/buyer-signature"
        step.answered(await course.party("procurement-head").ask("POST", "tender", path), 200)
        step.saw(await course.feeds.wait_for("tender", "contract.signed.v1", ocid))
        committed = step.saw(await course.feeds.wait_for("budget", "budget.committed.v1", ocid))
        released = step.saw(await course.feeds.wait_for("budget", "budget.released.v1", ocid))
        step.expect("100,000.00 is committed", kept=committed["amount"]["amount"] == "100000.00")
        step.expect("20,000.00 is released", kept=released["amount"]["amount"] == "20000.00")
        step.outcome = "committed EUR 100,000.00, released EUR 20,000.00"


async def _submit(course: Course, short: str, tender: str) -> None:
    with course.log.step("4", course.party(short).name, "submits a sealed bid and gets a signed receipt") as step:
        receipt = step.answered(await _bid(course, short, tender, PRICES[short]), 201)
        keys = KeySet.import_key_set((await course.http.get("/tender/v1/receipt-keys")).json())
        signed = json.loads(jws.deserialize_compact(receipt["signed"], keys, ["Ed25519"]).payload)
        digest = _digest(receipt["salt"], PRICES[short])
        step.expect("the receipt names the bid's digest", kept=receipt["digest"] == signed["digest"] == digest)
        course.facts[f"digest-{short}"] = digest
        step.outcome = f"received {receipt['received_at'][11:23]}"


async def _bid(course: Course, short: str, tender: str, price: str) -> httpx.Response:
    envelope = base64.b64encode(_content(price)).decode()
    body = {"lot": "lot-1", "scheme": "access/v1", "financial": envelope}
    return await course.party(short).ask("POST", "tender", f"/v1/tenders/{tender}/bids", body)


def _content(price: str) -> bytes:
    """Write the price so that anybody can write it again from what is published, and check the digest (ADR 7)."""
    content = {"price": {"amount": price, "currency": "EUR"}}
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _digest(salt: str, price: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + _content(price)).hexdigest()


async def _public_view(course: Course, tender: str) -> list[Any]:
    """Return all that can be seen of the tender; others use the system meanwhile, and are not looked at."""
    officer = course.party("procurement-officer")
    shown = await officer.ask("GET", "tender", f"/v1/tenders/{tender}")
    listed = (await officer.ask("GET", "tender", "/v1/tenders?status=active&limit=200")).json()["items"]
    portal = await course.http.get(f"/v1/procedures/{course.facts['ocid']}/events")
    names = [tender, course.facts["ocid"], *(course.facts[short] for short in PRICES)]
    return [
        (shown.status_code, shown.content, shown.headers.get("etag")),
        [item for item in listed if item["id"] == tender],
        (portal.status_code, portal.content),
        await course.feeds.naming("tender", *names),
    ]


def _epoch(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()
