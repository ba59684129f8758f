"""Any order of acts on bids, held to a model that fits on one screen."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

BIDDERS = ("alder", "birch")
KINDS = ("bid", "draft", "submit", "withdraw", "confirm", "confirm", "amend", "wait")
ACTS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(BIDDERS), st.integers(0, 3)), min_size=4, max_size=20)


@dataclass
class Model:
    """What bids are, in as few words as possible: per bidder a list of [id, status, the time that decides]."""

    bids: dict[str, list[list[Any]]] = field(default_factory=lambda: {name: [] for name in BIDDERS})
    drafts: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in BIDDERS})

    def submit(self, bidder: str, bid: str, at: datetime) -> None:
        for kept in self.bids[bidder]:
            if kept[1] in {"submitted", "confirmed", "invalidated"}:
                kept[1] = "replaced"
        self.bids[bidder].append([bid, "submitted", at])

    def withdraw(self, bidder: str, which: int) -> bool:
        possible = self.bids[bidder][which][1] in {"submitted", "confirmed", "invalidated"}
        if possible:
            self.bids[bidder][which][1] = "withdrawn"
        return possible

    def confirm(self, bidder: str, which: int, at: datetime) -> bool:
        possible = self.bids[bidder][which][1] == "invalidated"
        if possible:
            self.bids[bidder][which][1:] = ["confirmed", at]
        return possible

    def amend(self) -> None:
        for bid in [bid for bids in self.bids.values() for bid in bids if bid[1] in {"submitted", "confirmed"}]:
            bid[1] = "invalidated"

    def standing(self) -> dict[str, tuple[str, datetime]]:
        of = {"submitted", "confirmed"}
        return {name: (bid[0], bid[2]) for name, bids in self.bids.items() for bid in bids if bid[1] in of}


async def take(parties: Any, tender: Any, model: Model, kind: str, bidder: str, which: int) -> None:
    now, person = parties.service.clock.now(), parties.bidder(bidder)
    bids, drafts = model.bids[bidder], model.drafts[bidder]
    path = f"/v1/tenders/{tender['id']}/bids"
    if kind == "wait":
        parties.service.clock.advance(minutes=1 + which)
    elif kind == "amend":
        await parties.amend(tender)
        model.amend()
    elif kind == "bid":
        model.submit(bidder, (await parties.bid(tender, bidder, "1.00", b"{}"))["bid"], now)
    elif kind == "draft":
        body = parties.bid_body(parties.priced("2.00"), technical="e30=")
        drafts.append((await parties.done("POST", f"{path}/drafts", person, body))["id"])
    elif kind == "submit" and drafts:
        draft = drafts.pop(which % len(drafts))
        await parties.done("POST", f"/v1/bids/{draft}/submission", person, version=1)
        model.submit(bidder, draft, now)
    elif kind in {"withdraw", "confirm"} and bids:
        chosen = which % len(bids)
        act = {"withdraw": "withdrawal", "confirm": "confirmation"}[kind]
        possible = model.withdraw(bidder, chosen) if kind == "withdraw" else model.confirm(bidder, chosen, now)
        response = await parties.send("POST", f"/v1/bids/{bids[chosen][0]}/{act}", person)
        assert response.status_code == (200 if possible else 409), response.text


async def seen(parties: Any, tender: Any, bidder: str) -> tuple[list[Any], list[str]]:
    """Return what a bidder sees of its own: bids with their states, and drafts."""
    mine = (await parties.shown(f"/v1/bids?tender={tender['id']}", parties.bidder(bidder)))["items"]
    bids = sorted((one["id"], one["status"]) for one in mine if one["status"] != "draft")
    return bids, sorted(one["id"] for one in mine if one["status"] == "draft")


@pytest.fixture(scope="module")
async def model_day(run_tender: Any) -> Any:
    async with run_tender() as parties:
        await parties.verify(*BIDDERS, valid_until=date(2040, 1, 1))
        yield parties


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
@example(acts=[("amend", "alder", 0), ("wait", "alder", 1), ("confirm", "birch", 0), ("confirm", "alder", 0)])
@example(
    acts=[("bid", "alder", 0), ("amend", "alder", 0), ("bid", "birch", 0), ("wait", "alder", 1), ("bid", "alder", 0)]
)
@example(acts=[("draft", "alder", 0), ("wait", "alder", 0), ("submit", "alder", 0), ("withdraw", "alder", 0)])
async def test_bids_are_what_the_model_says_when_acts_come_in_any_order(model_day: Any, acts: list[Any]) -> None:
    parties, model = model_day, Model()
    tender = await parties.active()
    # Both have bid, so that an opening is worth something however the acts fall.
    for act in (*(("bid", bidder, 0) for bidder in BIDDERS), *acts):
        await take(parties, tender, model, *act)
    for bidder in BIDDERS:
        bids = sorted((bid, status) for bid, status, _ in model.bids[bidder])
        assert await seen(parties, tender, bidder) == (bids, sorted(model.drafts[bidder]))
    standing = model.standing()
    parties.until_deadline(tender)
    ended = await parties.done("POST", f"/v1/tenders/{tender['id']}/opening", parties.officer)
    reads = (await parties.service.execute("SELECT bid FROM sealed_reads")).scalars().all()
    mine = {bid[0] for bids in model.bids.values() for bid in bids}
    read = {str(bid) for bid in reads} & mine
    if len(standing) < 2:
        assert (ended["status"], read) == ("unsuccessful", set())
    else:
        shown = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
        opened = {bid["bidder"]["id"]: (bid["bid"], datetime.fromisoformat(bid["received_at"])) for bid in shown}
        assert opened == standing
        assert read == {bid for bid, _ in standing.values()}
    trace = await parties.shown(f"/v1/tenders/{tender['id']}/bid-trace")
    assert {(bid["bid"], bid["status"]) for bid in trace} == {
        (bid, status) for bids in model.bids.values() for bid, status, _ in bids
    }
    parties.service.clock.advance(hours=1)


async def test_model_tells_a_difference_when_an_act_is_left_out() -> None:
    one, other = Model(), Model()
    at = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
    for model in (one, other):
        model.submit("alder", "first", at)
        model.amend()
    assert one.confirm("alder", 0, at + timedelta(hours=1))
    assert (one.standing(), other.standing()) == ({"alder": ("first", at + timedelta(hours=1))}, {})
