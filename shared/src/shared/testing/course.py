"""The steps of a procurement procedure over HTTP, in a town and under any rule pack; each is a step of an office."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from shared.testing.callers import Person
from shared.testing.town import Town, done, flow, instant, seen

OFFICER = Person("olga", "city", ("procurement-officer",))
HEAD = Person("hugo", "city", ("procurement-head",))
FINANCE = Person("fiona", "treasury", ("finance-officer",))
REGISTRY = (Person("rosa", "registry", ("registry-officer",)), Person("rolf", "registry", ("registry-officer",)))
SALT = "5a" * 32
"""A salt that everybody knows, for digests whose content is no secret."""
DECIDER = Person("dora", "review-board", ("complaint-decider",))
EXPERTS = tuple(
    Person(name, f"{name}-institute", ("panel-member",))
    for name in ("pablo", "paula", "percy", "petra", "piet", "pola", "prisca")
)
QUALITY = "quality"
Offers = Mapping[str, Mapping[str, tuple[str, str]]]
"""By lot and bidder: the price, and the points that the panel gives for the quality."""
Identifiers = Mapping[tuple[str, str], str]
"""The bids by lot and bidder."""
NUMBERS = {"numbers": [[7, 3], [412]]}
"""What two persons read in the two public records that a panel is drawn by."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule pack asks of a draft, and of how many experts a panel is made up.

    Units: bidding is in days, where no rule sets a time; threshold is the rule with the one that applies.
    Shape: ground is one that changes of a contract may have.
    """

    pack: str
    currency: str
    experts: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    demand: Mapping[str, bool] | None = None
    kind_of_matter: Mapping[str, bool] = field(default_factory=dict)
    levels: Sequence[str] = ()
    bidding: int | None = None
    threshold: str | None = None
    ground: str = "needs-changed"

    def money(self, amount: str | Decimal) -> dict[str, str]:
        """Write an amount of the pack's currency."""
        return {"amount": f"{Decimal(amount):.2f}", "currency": self.currency}


MODEL = Terms("model", "EUR", experts=3)
CHINA = Terms(
    "cn-services",
    "CNY",
    experts=5,
    facts={
        "procedure": {
            "has_floor_price": False,
            "shortlist_required": False,
            "purchaser_kind": "state-organ",
            "state_priced": False,
            "standard_service": False,
            "open_tender_threshold": "4000000",
        },
        "plan": {"same_category_purchases": 0, "budget_adjusted": False},
        "qualification": {"conditions": [], "similar_contracts": 2, "excludes_young_organisations": False},
        "criteria": {"score_qualification": False, "levels_quantified": True, "weight_approved": False},
        "contract": {"acceptance_plan": True, "stable_for_years": False},
    },
    demand={"serves_public": False, "complex": False, "surveyed": False, "survey_reused": False},
    kind_of_matter={"complex": False, "large_social_impact": False},
    levels=("0", "50", "60", "78", "80", "84", "86", "88", "93", "100"),
)

EUROPE = Terms(
    "eu-light",
    "EUR",
    experts=3,
    facts={
        "procedure": {"regime": "light", "reserved_to_participating": False},
        "criteria": {"linked_to_subject": True},
    },
    bidding=30,
    threshold="threshold.light-regime",
    ground="de-minimis",
)
BRITAIN = Terms(
    "uk-2023",
    "GBP",
    experts=3,
    facts={
        "procedure": {
            "regime": "full",
            "documents_complete": True,
            "short_period_ground": False,
            "planned_notice_relied_on": False,
            "participation_stage": False,
            "urgent": False,
            "central": False,
            "reserved_to_participating": False,
            "social_value_considered": True,
            "standstill_exempt": False,
        }
    },
    threshold="threshold.sub-central",
    ground="below-threshold",
)
LIGHT_TOUCH = replace(
    BRITAIN,
    facts={"procedure": {**BRITAIN.facts["procedure"], "regime": "light"}},
    bidding=30,
    threshold="threshold.light-touch",
    ground="needs-changed",
)
ALL = (MODEL, CHINA, EUROPE, BRITAIN)
"""A course under every pack; under Britain's by the rules that light-touch contracts are free of."""


def clerk(organisation: str) -> Person:
    """Return who speaks for a provider."""
    return Person(f"{organisation}-clerk", organisation, ("provider",))


def tender_path(tender: Mapping[str, Any], rest: str = "") -> str:
    """Return the address of a tender, or of something of it."""
    return f"/v1/tenders/{tender['id']}{rest}"


def lot_path(tender: Mapping[str, Any], lot: str, rest: str) -> str:
    """Return the address of something of a lot."""
    return tender_path(tender, f"/lots/{lot}/{rest}")


async def appropriate(town: Town, terms: Terms, amount: str) -> str:
    """Enter the year's money, and return its budget line."""
    body = {"code": "5300", "title": "Care", "fiscal_year": 2026, "amount": terms.money(amount)}
    line: str = (await done(town, FINANCE, "/v1/appropriations", body, service="budget"))["id"]
    return line


async def register(town: Town, *organisations: str, valid_until: str = "2029-03-02") -> None:
    """Let providers register, and two officers verify them until a day."""
    for name in organisations:
        identifier = {"scheme": "XX-REG", "id": name}
        body = {"name": f"{name.title()} Ltd", "legal_form": "company", "identifier": identifier}
        await done(town, clerk(name), "/v1/providers", body, service="provider-registry")
        await verify(town, name, valid_until=valid_until)
    await flow(town)


async def verify(town: Town, name: str, *, valid_until: str = "2029-03-02") -> None:
    """Let a provider that is registered put evidence forward, and two officers verify it until a day."""
    service, path = "provider-registry", f"/v1/providers/{name}"
    evidence = [{"document_type": "statutes", "digest": "a" * 64, "valid_until": valid_until}]
    await done(town, clerk(name), f"{path}/evidence", {"evidence": evidence}, service=service)
    await done(town, REGISTRY[0], f"{path}/check", service=service)
    await done(town, REGISTRY[1], f"{path}/verification", service=service)


def content(terms: Terms, lots: Mapping[str, str], **changes: Any) -> dict[str, Any]:
    """Write a tender's content: the price weighs 30 and the quality 70, three months in three periods."""
    levels = [{"title": f"At least {points} %", "points": points, "at_least": points} for points in terms.levels]
    empty = {"ground": None, "rationale": None, "closes_at": None, "follows": None}
    return {
        "title": "Home care",
        "description": "Care at home for people over 70.",
        "value": terms.money(sum(map(Decimal, lots.values()), Decimal(0))),
        "lots": [{"id": lot, "title": lot, "value": terms.money(value)} for lot, value in lots.items()],
        "criteria": [
            {"id": "price", "title": "Price", "kind": "price", "weight": "30", "levels": []},
            {"id": QUALITY, "title": "Quality of care", "kind": "quality", "weight": "70", "levels": levels},
        ],
        "delivery": {"start": "2026-08-01", "end": "2026-10-31", "periods": 3},
        "procurement": {"method": "open", **empty, "facts": terms.facts},
        "requirements": [],
        "terms": {"threshold": terms.threshold},
        **changes,
    }


async def drafted(town: Town, terms: Terms, line: str, body: Mapping[str, Any]) -> Any:
    """Plan a need, and draft its tender once the plan has been public for long enough."""
    plan = await done(
        town,
        OFFICER,
        "/v1/plans",
        {
            "title": body["title"],
            "buyer_name": "City social office",
            "service": "elder-care.home",
            "estimate": body["value"],
            "budget_line": line,
            "method": body["procurement"]["method"],
            "pack": terms.pack,
            "demand": terms.demand,
        },
    )
    town.clock.advance(days=40)
    procurement = body["procurement"]
    if terms.bidding is not None and procurement["closes_at"] is None:
        closes_at = town.clock.now() + timedelta(days=terms.bidding)
        procurement = {**procurement, "closes_at": closes_at.isoformat()}
    return await done(town, OFFICER, "/v1/tenders", {**body, "procurement": procurement, "plan": plan["id"]})


async def published(town: Town, terms: Terms, line: str, body: Mapping[str, Any]) -> Any:
    """Bring a tender to its publication, with the funds of the real budget."""
    tender = await drafted(town, terms, line, body)
    await done(town, HEAD, tender_path(tender, "/publication"))
    await flow(town)
    return await seen(town, tender_path(tender))


async def bid(
    town: Town,
    terms: Terms,
    tender: Mapping[str, Any],
    lot: str,
    organisation: str,
    price: str,
    technical: Mapping[str, Any] | None = None,
) -> str:
    """Submit a bid, and return its id."""
    body = {"lot": lot, "scheme": "access/v1", "financial": envelope({"price": terms.money(price)})}
    if technical is not None:
        body["technical"] = envelope(technical)
    receipt: str = (await done(town, clerk(organisation), tender_path(tender, "/bids"), body))["bid"]
    return receipt


async def submitted(town: Town, terms: Terms, tender: Mapping[str, Any], offers: Offers) -> Identifiers:
    """Submit what is offered, a minute after each other, and return the bids."""
    identifiers: dict[tuple[str, str], str] = {}
    for lot, bids in offers.items():
        for organisation, (price, _) in bids.items():
            town.clock.advance(minutes=1)
            identifiers[lot, organisation] = await bid(town, terms, tender, lot, organisation, price)
    return identifiers


async def opened(town: Town, tender: Mapping[str, Any]) -> Any:
    """Open a tender at its deadline."""
    closes_at = (await seen(town, tender_path(tender)))["closes_at"]
    town.clock.set(instant(closes_at))
    return await done(town, OFFICER, tender_path(tender, "/opening"))


async def qualified(town: Town, tender: Mapping[str, Any], *disqualified: Mapping[str, Any]) -> Any:
    """Decide who qualifies: everybody but those named."""
    body = {"disqualified": list(disqualified)}
    decided = await done(town, OFFICER, tender_path(tender, "/qualification"), body)
    return await done(town, HEAD, tender_path(tender, "/qualification/confirmation")) if disqualified else decided


async def pool(town: Town) -> None:
    """Let the experts be in the pool."""
    for expert in EXPERTS:
        body = {
            "person": expert.name,
            "name": f"Dr {expert.name.title()}",
            "organisation": expert.organisation,
            "specialities": ["elder-care"],
        }
        proposed = await done(town, OFFICER, "/v1/experts", body)
        await done(town, HEAD, f"/v1/experts/{proposed['id']}/admission")


async def seated(town: Town, terms: Terms, tender: Mapping[str, Any]) -> Sequence[Person]:
    """Let a panel be drawn, accept and declare no tie to anybody; return its members, the chair first."""
    await pool(town)
    at = town.clock.now() + timedelta(hours=1)
    beacon = {"source": "public-records", "records": ["State lottery", "River at noon"], "at": at.isoformat()}
    path = tender_path(tender, "/panel")
    await done(town, OFFICER, f"{path}/pool", {"experts": terms.experts, "beacon": beacon, **terms.kind_of_matter})
    town.clock.set(at)
    await done(town, OFFICER, f"{path}/draw", NUMBERS)
    panel = await done(town, HEAD, f"{path}/draw", NUMBERS)
    labels = [seat["label"] for seat in panel["seats"]]
    known = {item["id"]: item["person"] for item in (await seen(town, "/v1/experts?limit=200", OFFICER))["items"]}
    people = {expert.name: expert for expert in EXPERTS}
    members = [people[known[label]] for label in labels]
    for member in members:
        await done(town, member, f"{path}/acceptance")
    await done(town, OFFICER, f"{path}/chair", {"member": labels[0]})
    bids = await seen(town, tender_path(tender, "/bids"))
    ties = [{"bidder": name, "relation": "none"} for name in sorted({item["bidder"]["id"] for item in bids})]
    for member in members:
        await done(town, member, f"{path}/declaration", {"ties": ties})
    return members


async def score(town: Town, tender: Mapping[str, Any], members: Sequence[Person], quality: Mapping[str, str]) -> None:
    """Let every member give the same points, all reveal, sign, and the chair lock them; quality is by bid."""
    path = tender_path(tender, "/panel")
    sheet = [{"bid": item, "criterion": QUALITY, "value": value} for item, value in quality.items()]
    for member in members:
        await done(town, member, tender_path(tender, "/scores"), {"scores": sheet})
    await done(town, members[0], f"{path}/reveal")
    for member in members:
        await done(town, member, f"{path}/signature", {"vote": "agreed"})
    await done(town, members[0], f"{path}/lock")


async def prices_opened(town: Town, tender: Mapping[str, Any]) -> Any:
    """Open the prices."""
    return await done(town, OFFICER, tender_path(tender, "/price-opening"))


async def evaluated(
    town: Town, terms: Terms, tender: Mapping[str, Any], offers: Offers, identifiers: Identifiers
) -> Any:
    """Bring bids that all qualify from the deadline to their prices."""
    await opened(town, tender)
    await qualified(town, tender)
    quality = {bid_id: offers[lot][organisation][1] for (lot, organisation), bid_id in identifiers.items()}
    await score(town, tender, await seated(town, terms, tender), quality)
    return await prices_opened(town, tender)


async def priced(
    town: Town, terms: Terms, line: str, lots: Mapping[str, str], offers: Offers
) -> tuple[Any, Identifiers]:
    """Bring a tender from its plan to the prices of all that is offered; return it and the bids."""
    await register(town, *sorted({name for bids in offers.values() for name in bids}))
    tender = await published(town, terms, line, content(terms, lots))
    identifiers = await submitted(town, terms, tender, offers)
    return await evaluated(town, terms, tender, offers, identifiers), identifiers


async def proposed(town: Town, tender: Mapping[str, Any], lot: str) -> Any:
    """Propose the award of a lot."""
    return await done(town, OFFICER, lot_path(tender, lot, "award"))


async def confirmed(town: Town, tender: Mapping[str, Any], lot: str) -> Any:
    """Confirm the award of a lot as soon as nobody may question it any more; return its contract."""
    award = standing(await seen(town, tender_path(tender)), lot)
    ends_at = instant(award["standstill_ends_at"])
    town.clock.set(max(ends_at, town.clock.now()))
    tender = await done(town, HEAD, lot_path(tender, lot, "award/confirmation"))
    return await seen(town, f"/v1/contracts/{standing(tender, lot)['contract']}")


async def signed(town: Town, contract: Mapping[str, Any]) -> Any:
    """Let both sides sign, and the budget hear of it."""
    path = f"/v1/contracts/{contract['id']}"
    await done(town, clerk(contract["supplier"]["id"]), f"{path}/supplier-signature")
    in_force = await done(town, HEAD, f"{path}/buyer-signature")
    await flow(town)
    return in_force


async def in_force(town: Town, terms: Terms, line: str, lots: Mapping[str, str], offers: Offers) -> tuple[Any, Any]:
    """Bring a tender of one lot to a contract that is in force; return both."""
    tender, _ = await priced(town, terms, line, lots, offers)
    (lot,) = lots
    await proposed(town, tender, lot)
    contract = await signed(town, await confirmed(town, tender, lot))
    return await seen(town, tender_path(tender)), contract


def wish(terms: Terms, difference: str, ground: str | None = None) -> dict[str, Any]:
    return {
        "ground": ground or terms.ground,
        "reason": "More people need care.",
        "difference": {"amount": difference, "currency": terms.currency},
    }


async def changed(
    town: Town, terms: Terms, contract: Mapping[str, Any], difference: str, ground: str | None = None
) -> Any:
    """Bring a change of the contract into force, once it has its funds."""
    path = f"/v1/contracts/{contract['id']}/changes"
    change = (await done(town, OFFICER, path, wish(terms, difference, ground)))["changes"][-1]["id"]
    await flow(town)
    await done(town, HEAD, f"{path}/{change}/approval")
    await done(town, clerk(contract["supplier"]["id"]), f"{path}/{change}/supplier-signature")
    after = await done(town, HEAD, f"{path}/{change}/buyer-signature")
    await flow(town)
    return after


async def concluded(
    town: Town, terms: Terms, line: str, lot: Mapping[str, str], offers: Offers, framework: Mapping[str, Any]
) -> tuple[Any, Any]:
    """Bring a tender of one lot to the first day of its framework agreement; return both."""
    (name,) = lot
    await register(town, *offers[name])
    body = content(terms, lot, framework=framework)
    body["procurement"] |= {
        "method": "framework-closed",
        "rationale": "Nobody knows today in which street how much is needed.",
        # Not every pack has a least period for this method.
        "closes_at": (town.clock.now() + timedelta(days=74)).isoformat(),
    }
    tender = await published(town, terms, line, body)
    await evaluated(town, terms, tender, offers, await submitted(town, terms, tender, offers))
    shown = await done(town, OFFICER, lot_path(tender, name, "framework"))
    town.clock.set(instant(progress(shown, name)["framework"]["standstill_ends_at"]))
    agreement = await done(town, HEAD, lot_path(tender, name, "framework/confirmation"))
    town.clock.set(instant(agreement["starts_at"]))
    return await seen(town, tender_path(tender)), agreement


def progress(tender: Mapping[str, Any], lot: str) -> Any:
    """Return how a lot stands."""
    return next(item for item in tender["lots"] if item["id"] == lot)


def standing(tender: Mapping[str, Any], lot: str) -> Any:
    """Return the award of a lot that was not taken back."""
    return next(award for award in progress(tender, lot)["awards"] if award["status"] != "cancelled")


async def balances(town: Town, line: str) -> dict[str, str]:
    """Return where the money of a budget line is, without its currency."""
    shown = (await seen(town, f"/v1/lines/{line}", service="budget"))["balances"]
    return {stage: amount["amount"] for stage, amount in shown.items()}


def envelope(document: Mapping[str, Any]) -> str:
    """Write the content of an open envelope."""
    return base64.b64encode(json.dumps(document).encode()).decode()
