"""A tender service on a real database, and the parties around it."""

import base64
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.contracts import budget, provider
from shared.kernel.money import money
from shared.platform.database import migrate
from shared.testing.callers import Callers, Person
from shared.testing.course import CHINA, HEAD, OFFICER
from shared.testing.postgres import PostgresForTests
from shared.testing.services import running
from tender.db import bids, store
from tender.domain.parts import Status
from tender.main import create
from tender.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))  # for what several of these files start from
MIGRATIONS = Path(__file__).parents[2] / "migrations"
NUMBERS = [[7, 3], [412]]
BUDGET_LINE = UUID("0190a000-0000-7000-8000-00000000000b")
PANEL = Person("pia", "city", ("panel-member",))
HEAD_AS_OFFICER = Person("hugo", "city", ("procurement-officer",))
EXPERTS = tuple(
    Person(name, organisation, ("panel-member",))
    for name, organisation in (("pola", "institute"), ("paul", "college"), ("petra", "union"), ("piet", "clinic"))
)


@dataclass(frozen=True, slots=True)
class Parties(Callers):
    """Office, budget, registry and bidders; each method is one step of a procedure, in the order of a procedure."""

    officer: Person = OFFICER
    head: Person = HEAD
    panel: Person = PANEL
    head_as_officer: Person = HEAD_AS_OFFICER
    experts: tuple[Person, ...] = EXPERTS

    def bidder(self, organisation: str) -> Person:
        return Person(f"{organisation}-clerk", organisation, ("provider",))

    def plan_body(self, **changes: Any) -> dict[str, Any]:
        return {
            "title": "Home care in the north",
            "buyer_name": "City social office",
            "service": "elder-care.home",
            "estimate": eur("1250000.00"),
            "budget_line": str(BUDGET_LINE),
            **changes,
        }

    def content_body(self, **changes: Any) -> dict[str, Any]:
        """Return a tender's content: price 30, quality 70, one lot, three months in three periods."""
        return {
            "title": "Home care in the north",
            "description": "Care at home for people over 70.",
            "value": eur("1250000.00"),
            "lots": [{"id": "lot-1", "title": "All of it", "value": eur("1250000.00")}],
            "criteria": [
                {"id": "price", "title": "Price", "kind": "price", "weight": "30", "levels": []},
                {"id": "quality", "title": "Quality of care", "kind": "quality", "weight": "70", "levels": []},
            ],
            "delivery": {"start": "2026-07-01", "end": "2026-09-30", "periods": 3},
            "procurement": self.procurement(),
            "requirements": [],
            **changes,
        }

    async def plan(self, **changes: Any) -> Any:
        return await self.done("POST", "/v1/plans", self.officer, self.plan_body(**changes))

    def procurement(self, method: str = "open", **more: Any) -> dict[str, Any]:
        """Write how a tender is procured."""
        none = dict.fromkeys(("ground", "rationale", "closes_at", "follows"))
        return {"method": method, **none, "facts": {}, "deductions": {"small_micro": None, "consortium": None}, **more}

    async def chinese_plan(self, amount: str = "3000000.00", *, days: int = 40, demand: Any = CHINA.demand) -> Any:
        """Plan a need under the pack cn-services, and let its intention be public for so many days."""
        plan = await self.plan(pack=CHINA.pack, estimate=CHINA.money(amount), demand=demand)
        self.service.clock.advance(days=days)
        return plan

    def chinese_content(self, amount: str = "3000000.00", **changes: Any) -> dict[str, Any]:
        """Return a tender's content that may be published under the pack cn-services."""
        value = CHINA.money(amount)
        lots = [{"id": "lot-1", "title": "All of it", "value": value}]
        content = self.content_body(value=value, lots=lots, procurement=self.procurement(facts=CHINA.facts))
        content["criteria"][1]["levels"] = [
            {"title": "Poor", "points": "0", "at_least": "0"},
            {"title": "Good", "points": "100", "at_least": "10"},
        ]
        return {**content, **changes}

    async def chinese(self, **changes: Any) -> Any:
        """Draft a tender that may be published under the pack cn-services."""
        body = {"plan": (await self.chinese_plan())["id"], **self.chinese_content(**changes)}
        return await self.done("POST", "/v1/tenders", self.officer, body)

    async def draft(self, **changes: Any) -> Any:
        plan = await self.plan()
        body = {**self.content_body(**changes), "plan": plan["id"]}
        return await self.done("POST", "/v1/tenders", self.officer, body)

    async def requested(self, **changes: Any) -> Any:
        """Draft a tender and ask for its publication."""
        return await self.ask_publication(await self.draft(**changes))

    async def ask_publication(self, draft: Mapping[str, Any]) -> Any:
        return await self.done("POST", f"/v1/tenders/{draft['id']}/publication", self.head)

    async def fund(self, tender: Mapping[str, Any]) -> None:
        """Let the budget reserve what a tender asked for."""
        value = amount(tender["content"]["value"])
        reserved = budget.Reserved(
            ocid=tender["ocid"], tender=tender["id"], line=BUDGET_LINE, amount=value, available=value
        )
        await self.service.deliver("budget", reserved)

    async def refuse_funds(self, tender: Mapping[str, Any]) -> None:
        """Let the budget refuse what a tender asked for."""
        refused = budget.Refused(
            ocid=tender["ocid"],
            tender=tender["id"],
            line=BUDGET_LINE,
            requested=amount(tender["content"]["value"]),
            available=money(Decimal(10), "EUR"),
            code="funds-insufficient",
            reason="The line has not enough left.",
            rule="funds-reserved-before-publication",
            source="Coxswain model pack",
        )
        await self.service.deliver("budget", refused)

    async def active(self, **changes: Any) -> Any:
        """Bring a tender to its publication."""
        return await self.publish(await self.draft(**changes))

    async def publish(self, draft: Mapping[str, Any]) -> Any:
        """Publish a draft, with its funds."""
        await self.fund(await self.ask_publication(draft))
        published = await self.shown(f"/v1/tenders/{draft['id']}")
        assert published["status"] == "active"
        return published

    async def verify(
        self, *organisations: str, valid_until: date = date(2027, 12, 31), name: str | None = None
    ) -> None:
        """Let the registry verify organisations."""
        for organisation in organisations:
            await self.service.deliver(
                "provider-registry",
                provider.ProviderVerified(
                    provider=organisation,
                    name=name or f"{organisation.title()} Ltd",
                    legal_form="company",
                    verified_at=self.service.clock.now(),
                    valid_until=valid_until,
                ),
            )

    def bid_body(self, content: bytes, **changes: Any) -> dict[str, Any]:
        return {"lot": "lot-1", "scheme": "access/v1", "financial": base64.b64encode(content).decode(), **changes}

    def priced(self, price: str, currency: str = "EUR", **more: Any) -> bytes:
        """Write a bid's content."""
        return json.dumps({"price": {"amount": price, "currency": currency}, **more}).encode()

    async def send_bid(
        self, tender: Mapping[str, Any], organisation: str, content: bytes, **options: Any
    ) -> httpx.Response:
        path = f"/v1/tenders/{tender['id']}/bids"
        return await self.send("POST", path, self.bidder(organisation), self.bid_body(content), **options)

    async def bid(
        self, tender: Mapping[str, Any], organisation: str, content: bytes | str, technical: bytes | None = None
    ) -> Any:
        """Submit a bid, by its content or only its price, and return the receipt."""
        envelope = content if isinstance(content, bytes) else self.priced(content)
        both = {"technical": base64.b64encode(technical).decode()} if technical is not None else {}
        path = f"/v1/tenders/{tender['id']}/bids"
        return await self.done("POST", path, self.bidder(organisation), self.bid_body(envelope, **both))

    async def amend(self, tender: Mapping[str, Any]) -> None:
        """Let every bid be invalidated, as an amendment does."""
        async with self.service.runtime.engine.begin() as connection:
            (await store.tender(connection, UUID(tender["id"]), lock=True)).expect(Status.ACTIVE)
            await bids.invalidate(connection, UUID(tender["id"]), self.service.clock.now())

    def deadline(self, tender: Mapping[str, Any]) -> datetime:
        return instant(tender["closes_at"])

    def until_deadline(self, tender: Mapping[str, Any]) -> None:
        """Move on to the deadline."""
        self.service.clock.set(self.deadline(tender))

    async def open(self, tender: Mapping[str, Any]) -> Any:
        """Open a tender, at its deadline."""
        self.until_deadline(tender)
        return await self.done("POST", f"/v1/tenders/{tender['id']}/opening", self.officer)

    async def qualify(self, tender: Mapping[str, Any], *disqualified: Mapping[str, Any]) -> Any:
        """Decide who qualifies: everybody but those named."""
        body, path = {"disqualified": list(disqualified)}, f"/v1/tenders/{tender['id']}/qualification"
        decided = await self.done("POST", path, self.officer, body)
        return await self.done("POST", f"{path}/confirmation", self.head) if disqualified else decided

    async def open_prices(self, tender: Mapping[str, Any]) -> Any:
        """Open the prices."""
        return await self.done("POST", f"/v1/tenders/{tender['id']}/price-opening", self.officer)

    async def to_prices(self, tender: Mapping[str, Any]) -> dict[str, str]:
        """Let every bid of an opened tender qualify and be scored alike; return their prices by bidder."""
        await self.qualify(tender)
        path = f"/v1/tenders/{tender['id']}/bids"
        valid = [bid["bid"] for bid in await self.shown(path) if bid["valid"]]
        await self.score(tender, [(bid, "quality", "50") for bid in valid])
        await self.open_prices(tender)
        return {bid["bidder"]["id"]: bid["price"]["amount"] for bid in await self.shown(path) if bid["price"]}

    async def propose(self, tender: Mapping[str, Any], lot: str = "lot-1") -> Any:
        """Propose the award of a lot."""
        return await self.done("POST", f"/v1/tenders/{tender['id']}/lots/{lot}/award", self.officer)

    async def confirm(self, tender: Mapping[str, Any], lot: str = "lot-1") -> Any:
        """Confirm the award of a lot."""
        return await self.done("POST", f"/v1/tenders/{tender['id']}/lots/{lot}/award/confirmation", self.head)

    async def opened(self, bids: Mapping[str, bytes | str], **changes: Any) -> tuple[Any, dict[str, str]]:
        """Bring a tender to its opening; return it and the ids of the bids by bidder."""
        tender = await self.active(**changes)
        await self.verify(*bids)
        identifiers = {name: (await self.bid(tender, name, content))["bid"] for name, content in bids.items()}
        return await self.open(tender), identifiers

    async def send_scores(
        self, tender: Mapping[str, Any], scores: Sequence[tuple[str, str, str]], member: Person | None = None
    ) -> httpx.Response:
        body = {"scores": [{"bid": bid, "criterion": name, "value": value} for bid, name, value in scores]}
        return await self.send("POST", f"/v1/tenders/{tender['id']}/scores", member or self.panel, body)

    async def qualified(self, bids: Mapping[str, bytes | str], **changes: Any) -> tuple[Any, dict[str, str]]:
        """Bring a tender to the scoring, with every bid qualified."""
        tender, identifiers = await self.opened(bids, **changes)
        return await self.qualify(tender), identifiers

    async def pool(self) -> None:
        """Let the four experts be in the pool."""
        known = {item["person"] for item in (await self.shown("/v1/experts?limit=200", self.officer))["items"]}
        for expert in self.experts:
            if expert.name not in known:
                proposed = await self.done("POST", "/v1/experts", self.officer, self.expert_body(expert))
                await self.done("POST", f"/v1/experts/{proposed['id']}/admission", self.head)

    def expert_body(self, expert: Person, **changes: Any) -> dict[str, Any]:
        return {
            "person": expert.name,
            "name": f"Dr {expert.name.title()}",
            "organisation": expert.organisation,
            "specialities": ["elder-care"],
            **changes,
        }

    def pool_body(self, **changes: Any) -> dict[str, Any]:
        """Return a closing of the pool: three experts, by two public records in an hour."""
        at = (self.service.clock.now() + timedelta(hours=1)).isoformat()
        beacon = {"source": "public-records", "records": ["State lottery", "River level at noon"], "at": at}
        return {"experts": 3, "beacon": beacon, **changes}

    async def panel_closed(self, tender: Mapping[str, Any], **changes: Any) -> Any:
        """Close the pool of a tender's panel."""
        await self.pool()
        path = f"/v1/tenders/{tender['id']}/panel/pool"
        return await self.done("POST", path, self.officer, self.pool_body(**changes))

    async def panel_drawn(self, tender: Mapping[str, Any], **changes: Any) -> Any:
        """Draw a tender's panel, an hour later."""
        await self.panel_closed(tender, **changes)
        self.service.clock.advance(hours=1)
        path = f"/v1/tenders/{tender['id']}/panel/draw"
        await self.done("POST", path, self.officer, {"numbers": NUMBERS})
        return await self.done("POST", path, self.head, {"numbers": NUMBERS})

    async def invited(self, tender: Mapping[str, Any]) -> list[Person]:
        """Return who holds a seat in a tender's panel or is offered one, in the order of the seats."""
        people = {item["id"]: item["person"] for item in await self.pool_items()}
        panel = await self.shown(f"/v1/tenders/{tender['id']}/panel")
        held = [seat["label"] for seat in panel["seats"] if seat["status"] in {"invited", "accepted"}]
        by_name = {expert.name: expert for expert in self.experts}
        return [by_name[people[label]] for label in held if label in people]

    async def pool_items(self) -> list[Any]:
        """Return the pool, by name."""
        items: list[Any] = (await self.shown("/v1/experts?limit=200", self.officer))["items"]
        return items

    async def seated(self, tender: Mapping[str, Any]) -> list[Person]:
        """Let a panel be drawn and accept; the first of its members chairs."""
        path = f"/v1/tenders/{tender['id']}/panel"
        await self.panel_drawn(tender)
        members = await self.invited(tender)
        for member in members:
            panel = await self.done("POST", f"{path}/acceptance", member)
        await self.done("POST", f"{path}/chair", self.officer, {"member": panel["seats"][0]["label"]})
        return members

    async def declared(self, tender: Mapping[str, Any]) -> list[Person]:
        """Let a panel sit whose members have no tie to a bidder; return its members, the chair first."""
        members = await self.seated(tender)
        for member in members:
            await self.declare(tender, member)
        return members

    async def declare(self, tender: Mapping[str, Any], member: Person, **ties: dict[str, Any]) -> Any:
        """Let a member declare ties to bidders, and none to the others."""
        bids = await self.shown(f"/v1/tenders/{tender['id']}/bids")
        bidders = dict.fromkeys(bid["bidder"]["id"] for bid in bids)
        body = [{"bidder": bidder, **ties.get(bidder, {"relation": "none"})} for bidder in bidders]
        return await self.done("POST", f"/v1/tenders/{tender['id']}/panel/declaration", member, {"ties": body})

    async def lock(self, tender: Mapping[str, Any], members: Sequence[Person]) -> Any:
        """Let the chair reveal the scores, all sign, and the chair lock them."""
        path = f"/v1/tenders/{tender['id']}/panel"
        await self.done("POST", f"{path}/reveal", members[0])
        for member in members:
            await self.done("POST", f"{path}/signature", member, {"vote": "agreed"})
        return await self.done("POST", f"{path}/lock", members[0])

    async def scored(self, bids: Mapping[str, tuple[str, str]], **changes: Any) -> tuple[Any, dict[str, str]]:
        """Bring a tender to its locked scores, every member giving the same; bids are bidder: (price, score)."""
        tender, identifiers = await self.qualified({name: price for name, (price, _) in bids.items()}, **changes)
        scores = [(identifiers[name], "quality", score) for name, (_, score) in bids.items()]
        await self.score(tender, scores)
        return tender, identifiers

    async def priced_bids(self, bids: Mapping[str, tuple[str, str]], **changes: Any) -> tuple[Any, dict[str, str]]:
        """Bring a tender to its prices; bids are bidder: (price, score)."""
        tender, identifiers = await self.scored(bids, **changes)
        return await self.open_prices(tender), identifiers

    async def score(self, tender: Mapping[str, Any], scores: Sequence[tuple[str, str, str]]) -> list[Person]:
        """Let the panel of an opened tender be drawn, score as one, and lock its scores."""
        members = await self.declared(tender)
        for member in members:
            assert (await self.send_scores(tender, scores, member)).status_code == 204
        await self.lock(tender, members)
        return members

    async def proposed(self) -> Any:
        """Bring a tender to the proposal of its award, to `birch`: prices and scores of a published vector."""
        tender, _ = await self.priced_bids(
            {"alder": ("900000.00", "78"), "birch": ("1000000.00", "88"), "cedar": ("1200000.00", "93")}
        )
        return await self.propose(tender)

    def standing(self, tender: Mapping[str, Any], lot: str = "lot-1") -> Any:
        """Return the award of a lot that was not taken back."""
        progress = next(item for item in tender["lots"] if item["id"] == lot)
        return next(award for award in progress["awards"] if award["status"] != "cancelled")

    def standstill_end(self, tender: Mapping[str, Any], lot: str = "lot-1") -> datetime:
        return instant(self.standing(tender, lot)["standstill_ends_at"])

    async def awarded(self) -> Any:
        """Bring a tender to its confirmed award."""
        tender = await self.proposed()
        self.service.clock.set(self.standstill_end(tender))
        return await self.confirm(tender)

    async def signed(self, **changes: Any) -> str:
        """Bring a tender to its contract in force, of 1,000,000 with `birch`, and return the contract's path."""
        priced, _ = await self.priced_bids({"birch": ("1000000.00", "88"), "alder": ("950000.00", "60")}, **changes)
        proposed = await self.propose(priced)
        self.service.clock.set(self.standstill_end(proposed))
        awarded = await self.confirm(proposed)
        path = f"/v1/contracts/{self.standing(awarded)['contract']}"
        await self.done("POST", f"{path}/supplier-signature", self.bidder("birch"))
        if not awarded["content"]["terms"]["performance_security"]:
            await self.done("POST", f"{path}/buyer-signature", self.head)
        return path


RunTender = Callable[..., contextlib.AbstractAsyncContextManager[Parties]]


def eur(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "EUR"}


def amount(document: Mapping[str, str]) -> Any:
    return money(Decimal(document["amount"]), document["currency"])


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.fixture(scope="session")
def receipt_key() -> str:
    """An Ed25519 key of this run, in PEM."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="session")
def tender_template(postgres: PostgresForTests) -> str:
    return postgres.template("tender", lambda url: migrate(MIGRATIONS, url))


@pytest.fixture(scope="session")
def run_tender(postgres: PostgresForTests, tender_template: str, receipt_key: str) -> RunTender:
    """Run the service on a database of its own."""

    @contextlib.asynccontextmanager
    async def run(**options: Any) -> AsyncIterator[Parties]:
        url = postgres.new_database(tender_template)
        values = {"receipt_key": receipt_key, "sandbox": True, "objects": "memory:///", **options}
        async with running(create, Settings, url, **values) as service:
            yield Parties(service)
        postgres.drop(url)

    return run


@pytest.fixture
async def parties(run_tender: RunTender) -> AsyncIterator[Parties]:
    async with run_tender() as parties:
        yield parties


@pytest.fixture(scope="module")
async def same_day(run_tender: RunTender) -> AsyncIterator[Parties]:
    """One service for the tests of a module that do not move the clock and look at their own procedures alone."""
    async with run_tender() as parties:
        yield parties
