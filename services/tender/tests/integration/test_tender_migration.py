"""Procedures that were kept before lots had their own course, read and carried on through today's model."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config

from shared.platform.database import migrate
from shared.platform.embedded_postgres import execute, quoted_literal
from shared.testing.postgres import PostgresForTests
from shared.testing.services import running
from tender.main import create
from tender.settings import Settings

MIGRATIONS = Path(__file__).parents[2] / "migrations"
ALDER, BIRCH, CEDAR = (f"00000000-0000-4000-8000-0000000000a{n}" for n in (1, 2, 3))
AWARD, CONTRACT = "00000000-0000-5000-8000-0000000000b1", "00000000-0000-5000-8000-0000000000c1"
LONG_AGO = {
    "published_at": "2026-03-02T09:00:00Z",
    "closes_at": "2026-03-24T00:00:00Z",
}
OPENED = {**LONG_AGO, "opened_at": "2026-03-24T08:00:00Z"}


def party(name: str) -> dict[str, str]:
    return {"id": name, "name": f"{name.title()} Ltd"}


def euros(amount: int) -> dict[str, Any]:
    return {"minor": amount * 100, "currency": "EUR"}


def old_bid(identifier: str, name: str, price: int | None, reason: str | None = None) -> dict[str, Any]:
    """Write a bid as it was kept: without a lot, and with its price from the opening on."""
    return {
        "bid": identifier,
        "bidder": party(name),
        "received_at": "2026-03-20T10:00:00Z",
        "digest": "0" * 64,
        "price": None if price is None else euros(price),
        "valid": reason is None,
        "reason": reason,
    }


BIDS = [
    old_bid(ALDER, "alder", 900_000),
    old_bid(BIRCH, "birch", 1_000_000),
    old_bid(CEDAR, "cedar", None, "The content cannot be read as a bid."),
]
PROPOSED = {
    "id": AWARD,
    "supplier": party("birch"),
    "value": euros(1_000_000),
    "proposed_by": "olga",
    "proposed_at": "2026-03-25T08:00:00Z",
    "standstill_ends_at": "2026-04-05T00:00:00Z",
    "contract": None,
}


PLAN = {
    "id": str(UUID(int=99, version=4)),
    "version": 1,
    "buyer": {"id": "city", "name": "City social office"},
    "title": "Home care in the north",
    "service": {"code": "elder-care.home", "title": "Home care for older people"},
    "estimate": euros(1_250_000),
    "budget_line": str(UUID(int=98, version=4)),
}
OTHER_PLAN = {**PLAN, "id": str(UUID(int=97, version=4))}


def old_tender(number: int, status: str, **changes: Any) -> dict[str, Any]:
    identifier = str(UUID(int=number, version=4))
    return {
        "id": identifier,
        "version": 4,
        "ocid": f"ocds-coxswn-{identifier}",
        "plan": OTHER_PLAN["id"],
        "buyer": {"id": "city", "name": "City social office"},
        "service": {"code": "elder-care.home", "title": "Home care for older people"},
        "budget_line": str(UUID(int=98, version=4)),
        "content": {
            "title": "Home care in the north",
            "description": "Care at home for people over 70.",
            "value": euros(1_250_000),
            "lots": [{"id": "all", "title": "All of it", "value": euros(1_250_000)}],
            "criteria": [
                {"id": "price", "title": "Price", "kind": "price", "weight": "30"},
                {"id": "quality", "title": "Quality of care", "kind": "quality", "weight": "70"},
            ],
            "delivery": {"start": "2026-07-01", "end": "2026-09-30", "periods": 3},
            "method": "open",
        },
        "pack": "model",
        "pack_version": "1.0.0",
        "acceleration": 1,
        "author": "olga",
        "status": status,
        "returned_because": None,
        "due_at": None,
        "published_at": None,
        "closes_at": None,
        "opened_at": None,
        "bids": [],
        "award": None,
        **changes,
    }


OLD = {
    "draft": old_tender(1, "draft", plan=PLAN["id"]),
    "funding": old_tender(2, "funding-requested", due_at="2026-03-05T00:00:00Z"),
    "active": old_tender(3, "active", due_at="2026-03-26T00:00:00Z", **LONG_AGO),
    "evaluation": old_tender(4, "evaluation", due_at="2026-04-08T00:00:00Z", bids=BIDS, **OPENED),
    "standstill": old_tender(5, "standstill", due_at="2026-04-11T00:00:00Z", bids=BIDS, award=PROPOSED, **OPENED),
    "awarded": old_tender(6, "awarded", bids=BIDS, award={**PROPOSED, "contract": CONTRACT}, **OPENED),
    "too few": old_tender(7, "unsuccessful", **LONG_AGO),
    "none valid": old_tender(8, "unsuccessful", bids=BIDS[2:], **OPENED),
    "dropped draft": old_tender(9, "cancelled"),
    "cancelled": old_tender(10, "cancelled", **LONG_AGO),
    "cancelled late": old_tender(11, "cancelled", bids=BIDS, award=PROPOSED, **OPENED),
}
WAITS = {
    "funding": "the budget's answer",
    "active": "the opening",
    "evaluation": "the panel's scores and the proposal of an award",
    "standstill": "the confirmation of the award",
}


# Whoever bids again replaces what was bid before: alder's first bid counts no more.
SEALED = [(1, "alder", "800000.00"), (2, "birch", "1000000.00"), (3, "alder", "900000.00")]
SCORES_OF_THEN = {"member": "pia", "scores": [{"bid": BIRCH, "criterion": "quality", "value": "1"}]}
IN_FORCE = {
    "id": CONTRACT,
    "version": 3,
    "ocid": OLD["awarded"]["ocid"],
    "tender": OLD["awarded"]["id"],
    "award": AWARD,
    "title": "Home care in the north",
    "buyer": PLAN["buyer"],
    "supplier": party("birch"),
    "service": PLAN["service"],
    "value": euros(1_000_000),
    "milestones": [{"period": "1", "start": "2026-07-01", "end": "2026-09-30", "amount": euros(1_000_000)}],
    "pack": "model",
    "pack_version": "1.0.0",
    "acceleration": 1,
    "signature_due": None,
    "status": "active",
    "signed_at": "2026-04-06T08:00:00Z",
}


def insert(url: str, table: str, **values: Any) -> None:
    row = ", ".join("NULL" if value is None else quoted_literal(str(value)) for value in values.values())
    execute(url, f"INSERT INTO {table} ({', '.join(values)}) VALUES ({row});")


def sealed_bid(number: int, bidder: str, price: str) -> dict[str, Any]:
    """Write a bid of then: one envelope, its receipt beside it."""
    content = json.dumps({"price": {"amount": price, "currency": "EUR"}}).encode()
    return {
        "id": UUID(int=number, version=4),
        "tender": OLD["active"]["id"],
        "lot": "all",
        "bidder": bidder,
        "bidder_name": party(bidder)["name"],
        "received_at": f"2026-03-1{number}T10:00:00Z",
        "digest": hashlib.sha256(content).hexdigest(),
        "scheme": "access/v1",
        "envelope": f"\\x{content.hex()}",
        "receipt": f"receipt {number}",
    }


def kept_before(url: str) -> None:
    """Bring a database to the schema of then, keep the old procedures in it, and bring it to that of today."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, "0002")
    aggregate = {"waiting_for": None, "due_at": None}
    for plan in (PLAN, OTHER_PLAN):
        document = json.dumps(plan)
        insert(url, "plans", id=plan["id"], version=1, state="planned", document=document, buyer="city", **aggregate)
    for name, tender in OLD.items():
        insert(
            url,
            "tenders",
            id=tender["id"],
            version=4,
            state=tender["status"],
            document=json.dumps(tender),
            waiting_for=WAITS.get(name),
            due_at=tender["due_at"],
            buyer="city",
        )
    for bid in SEALED:
        insert(url, "bids", **sealed_bid(*bid))
    for organisation in ("alder", "birch"):
        name, verified = (
            party(organisation)["name"],
            {"verified_at": "2026-03-01T08:00:00Z", "valid_until": "2027-12-31"},
        )
        insert(url, "bidders", organisation=organisation, name=name, **verified)
    given = {"given_at": "2026-03-25T08:00:00Z", "document": json.dumps(SCORES_OF_THEN)}
    insert(url, "score_sheets", tender=OLD["evaluation"]["id"], member="pia", **given)
    insert(
        url,
        "contracts",
        id=CONTRACT,
        version=3,
        state="active",
        document=json.dumps(IN_FORCE),
        supplier="birch",
        **aggregate,
    )
    migrate(MIGRATIONS, url)


@pytest.fixture(scope="session")
def old_template(postgres: PostgresForTests) -> str:
    return postgres.template("tender_old", kept_before)


@pytest.fixture
async def migrated(
    postgres: PostgresForTests, old_template: str, receipt_key: str, same_day: Any
) -> AsyncIterator[Any]:
    """A service on a database that had the old procedures in it."""
    url = postgres.new_database(old_template)
    async with running(create, Settings, url, receipt_key=receipt_key, sandbox=True) as service:
        yield type(same_day)(service)
    postgres.drop(url)


async def shown(migrated: Any, name: str) -> Any:
    return await migrated.shown(f"/v1/tenders/{OLD[name]['id']}", migrated.officer)


@pytest.mark.parametrize(
    ("name", "status", "lots", "awards"),
    [
        ("draft", "draft", [], []),
        ("funding", "funding-requested", [], []),
        ("active", "active", ["active"], []),
        ("evaluation", "evaluation", ["active"], []),
        ("standstill", "award", ["active"], ["pending"]),
        ("awarded", "complete", ["complete"], ["active"]),
        ("too few", "unsuccessful", ["unsuccessful"], []),
        ("none valid", "unsuccessful", ["unsuccessful"], []),
        ("dropped draft", "cancelled", [], []),
        ("cancelled", "cancelled", ["cancelled"], []),
        ("cancelled late", "cancelled", ["cancelled"], ["cancelled"]),
    ],
)
async def test_old_procedure_stands_where_it_stood_when_it_is_read_today(
    migrated: Any, name: str, status: str, lots: list[str], awards: list[str]
) -> None:
    tender = await shown(migrated, name)
    assert (tender["status"], [lot["status"] for lot in tender["lots"]]) == (status, lots)
    kept = [award for lot in tender["lots"] for award in lot["awards"]]
    assert [award["status"] for award in kept] == awards
    assert all((award["id"], award["lot"], award["bid"]) == (AWARD, "all", BIRCH) for award in kept)
    assert tender["prices_opened_at"] == tender["opened_at"]
    response = await migrated.send("GET", f"/v1/tenders/{tender['id']}", migrated.officer)
    assert response.headers["etag"] == '"4"'
    state = f"SELECT state FROM tenders WHERE id = '{tender['id']}'"
    assert (await migrated.service.execute(state)).scalar_one() == status


async def test_old_bids_are_shown_with_their_lot_and_price_when_they_were_opened(migrated: Any) -> None:
    bids = await migrated.shown(f"/v1/tenders/{OLD['evaluation']['id']}/bids")
    assert [(bid["bid"], bid["lot"], bid["price"] and bid["price"]["amount"], bid["valid"]) for bid in bids] == [
        (ALDER, "all", "900000.00", True),
        (BIRCH, "all", "1000000.00", True),
        (CEDAR, "all", None, False),
    ]


async def test_old_procedures_are_listed_when_all_are_asked_for(migrated: Any) -> None:
    listed = (await migrated.shown("/v1/tenders?limit=50"))["items"]
    assert {tender["id"] for tender in listed} == {OLD[name]["id"] for name in OLD if "draft" not in name}


async def test_old_evaluation_goes_on_to_its_award_when_it_is_scored_today(migrated: Any) -> None:
    tender = OLD["evaluation"]
    migrated.service.clock.set(datetime(2026, 4, 1, 9, 0, tzinfo=UTC))
    # The sheet that somebody gave then is of nobody on the panel of today, and counts for nothing.
    await migrated.score(tender, [(ALDER, "quality", "78"), (BIRCH, "quality", "88")])
    priced = await migrated.open_prices(tender)
    assert (priced["status"], await migrated.count("sealed_reads")) == ("award", 0)
    proposed = await migrated.propose(tender, "all")
    # 27 + 61.6 against 30 + 54.6.
    assert migrated.standing(proposed, "all")["supplier"]["id"] == "birch"


async def test_old_draft_is_published_when_its_plan_was_made_then(migrated: Any) -> None:
    plan = await migrated.shown(f"/v1/plans/{PLAN['id']}")
    assert (plan["status"], plan["estimate"]["amount"]) == ("scheduled", "1250000.00")
    assert [item["id"] for item in (await migrated.shown("/v1/plans"))["items"]] == [PLAN["id"], OTHER_PLAN["id"]]
    draft = OLD["draft"]
    path = f"/v1/tenders/{draft['id']}"
    requested = await migrated.done("POST", f"{path}/publication", migrated.head)
    await migrated.fund(requested)
    assert (await migrated.shown(path))["status"] == "active"


async def test_old_bids_come_to_an_award_when_they_are_opened_today(migrated: Any) -> None:
    tender = OLD["active"]
    opened = await migrated.open(tender)
    assert opened["status"] == "qualification"
    bids = {bid["bidder"]["id"]: bid for bid in await migrated.shown(f"/v1/tenders/{tender['id']}/bids")}
    alder, birch = (str(UUID(int=number, version=4)) for number in (3, 2))
    assert {name: (bid["bid"], bid["price"], bid["valid"]) for name, bid in bids.items()} == {
        "alder": (alder, None, True),
        "birch": (birch, None, True),
    }
    await migrated.qualify(tender)
    await migrated.score(tender, [(alder, "quality", "78"), (birch, "quality", "88")])
    await migrated.open_prices(tender)
    award = migrated.standing(await migrated.propose(tender, "all"), "all")
    assert [(place["bid"], place["price"]["amount"]) for place in award["ranking"]] == [
        (birch, "1000000.00"),
        (alder, "900000.00"),
    ]
    receipt = await migrated.send("GET", f"/v1/bids/{alder}/receipt", migrated.bidder("alder"))
    assert (receipt.status_code, "receipt 3" in receipt.text) == (200, True)


async def test_old_contract_ends_by_itself_when_its_term_is_over(migrated: Any) -> None:
    path = f"/v1/contracts/{CONTRACT}"
    migrated.service.clock.set(datetime(2026, 9, 30, 23, 59, 59, tzinfo=UTC))
    assert await migrated.service.let_time_act() == 0
    assert (await migrated.shown(path))["status"] == "active"
    migrated.service.clock.advance(seconds=1)
    assert await migrated.service.let_time_act() == 1
    ended = await migrated.shown(path)
    assert (ended["status"], ended["termination"]["ground"]) == ("ending", "end-of-term")


async def test_old_award_is_confirmed_when_its_standstill_has_ended(migrated: Any) -> None:
    tender = OLD["standstill"]
    path = f"/v1/tenders/{tender['id']}/lots/all/award/confirmation"
    migrated.service.clock.set(datetime(2026, 4, 4, 23, 59, tzinfo=UTC))
    standstill = ("standstill-running", "standstill", "UNCITRAL Model Law on Public Procurement (2011), art. 22")
    migrated.refused(await migrated.send("POST", path, migrated.head), 409, *standstill)
    migrated.service.clock.set(datetime(2026, 4, 5, tzinfo=UTC))
    confirmed = await migrated.confirm(tender, "all")
    assert confirmed["status"] == "complete"
    contract = await migrated.shown(f"/v1/contracts/{migrated.standing(confirmed, 'all')['contract']}")
    assert (contract["supplier"], contract["value"]["amount"], contract["award"]) == (
        party("birch"),
        "1000000.00",
        AWARD,
    )


async def test_old_award_falls_to_the_next_when_it_is_taken_back_today(migrated: Any) -> None:
    tender = OLD["standstill"]
    migrated.service.clock.set(datetime(2026, 4, 1, 9, 0, tzinfo=UTC))
    path = f"/v1/tenders/{tender['id']}/lots/all/award/cancellation"
    taken_back = await migrated.done("POST", path, migrated.head, {"reason": "It withdrew."})
    assert [award["status"] for award in taken_back["lots"][0]["awards"]] == ["cancelled"]
    response = await migrated.send("GET", f"/v1/tenders/{tender['id']}")
    assert response.headers["etag"] == '"5"'


async def test_old_waits_are_overdue_when_their_terms_have_passed(migrated: Any) -> None:
    migrated.service.clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    overdue = {item["id"]: item["due_at"] for item in await migrated.shown("/v1/overdue")}
    assert overdue == {
        OLD["funding"]["id"]: "2026-03-05T00:00:00.000000Z",
        OLD["active"]["id"]: "2026-03-26T00:00:00.000000Z",
        OLD["evaluation"]["id"]: "2026-04-08T00:00:00.000000Z",
        OLD["standstill"]["id"]: "2026-04-11T00:00:00.000000Z",
    }
