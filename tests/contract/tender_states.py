"""A tender service whose procedures stand at every stage; each scene names what belongs together."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from office import AMOUNT, COLLEAGUE, OTHER, PANEL, RIVAL, US, Known, Office

from shared.contracts.budget import Reserved
from shared.contracts.provider import ProviderVerified
from shared.kernel.money import money
from shared.testing.services import RunningService

LOT = "lot-1"
LINE = UUID("0190a000-0000-7000-8000-00000000000b")
MEMBERS = ("person-11", "person-12", "person-13")
OPTION = "longer"
# The stages that procedures come to after their deadline, one after the other; each leaves one there.
STAGES = ("opened", "seated", "negotiated", "priced", "proposed", "contracted", "in-force", "framework")


async def scenes(service: RunningService, office: Office) -> list[Known]:
    """Let there be a procedure at every stage."""
    plan = (await office.post("/v1/plans", plan_body("open")))["id"]
    framework_plan = (await office.post("/v1/plans", plan_body("framework-closed")))["id"]
    negotiated_plan = (await office.post("/v1/plans", plan_body("competitive-negotiation")))["id"]
    drafts = {
        "framework": framework_draft(framework_plan),
        "negotiated": draft(negotiated_plan, procurement=procured("competitive-negotiation", ground="complex")),
    }
    await verify(service)
    experts = await pool(office)
    found = [await excepted(service, office), await invited(service, office, 3), await publicised(office)]
    known: dict[str, Known] = {}
    for stage in STAGES:
        tender = await published(service, office, drafts.get(stage, draft(plan)))
        known[stage] = {"tender_id": [tender], "lot_id": [LOT], **await submitted(office, tender)}
    closes_at = (await office.get(f"/v1/tenders/{tender}"))["closes_at"]
    service.clock.set(datetime.fromisoformat(closes_at))
    for scene in known.values():
        await office.post(f"/v1/tenders/{scene['tender_id'][0]}/opening")
    known["opened"] = {**known["opened"], **await challenged(office, known["opened"]["tender_id"][0], "opening")}
    await evaluated(service, office, experts, {stage: known[stage] for stage in STAGES[1:]})
    await examined(office, known["priced"])
    known |= await awarded(service, office, {stage: known[stage] for stage in STAGES[4:]})
    found.append(await discussed(office, await published(service, office, draft(plan))))
    common: Known = {
        "plan_id": [plan, framework_plan],
        "plan": [plan, framework_plan],
        "expert_id": list(experts),
        "pack_id": ["model"],
        "digest": [await document(service, office)],
        "supplier": [RIVAL, OTHER],
    }
    return [{**common, **scene} for scene in (*found, *known.values())]


def plan_body(method: str) -> dict[str, Any]:
    return {
        "title": "One",
        "buyer_name": "Office",
        "service": "elder-care.home",
        "estimate": {"amount": "40000.00", "currency": "EUR"},
        "budget_line": str(LINE),
        "method": method,
    }


def draft(plan: str, **changes: Any) -> dict[str, Any]:
    option = {"id": OPTION, "title": "Longer", "months": 12, "share": "1", "exercise_before": "2027-06-01"}
    return {
        "plan": plan,
        "title": "One",
        "description": "One",
        "value": AMOUNT,
        "lots": [{"id": LOT, "title": "One", "value": AMOUNT}],
        "criteria": [
            {"id": "price", "title": "Price", "kind": "price", "weight": "40"},
            {"id": "quality", "title": "Quality", "kind": "quality", "weight": "60"},
        ],
        "delivery": {"start": "2027-01-01", "end": "2027-12-31", "periods": 12},
        "terms": {"options": [option]},
        **changes,
    }


def procured(method: str, **more: Any) -> dict[str, Any]:
    return {"method": method, "ground": None, "rationale": "So it is.", **more}


def framework_draft(plan: str) -> dict[str, Any]:
    terms = {"start": "2026-01-01", "end": "2027-12-31", "stage_two": "mini-competition", "most_suppliers": 5}
    return draft(plan, procurement=procured("framework-closed"), framework=terms)


async def verify(service: RunningService) -> None:
    for organisation in (RIVAL, OTHER):
        verified = ProviderVerified(
            provider=organisation,
            name=organisation,
            legal_form="company",
            verified_at=service.clock.now(),
            valid_until=service.clock.now().date().replace(year=2030),
        )
        await service.deliver("provider-registry", verified)


async def pool(office: Office) -> dict[str, str]:
    """Let there be experts; return who is behind each label."""
    experts = {}
    for person in MEMBERS:
        body = {"person": person, "name": person, "organisation": PANEL, "specialities": ["elder-care"]}
        label = (await office.post("/v1/experts", body))["id"]
        await office.post(f"/v1/experts/{label}/admission", person=COLLEAGUE)
        experts[label] = person
    return experts


async def document(service: RunningService, office: Office) -> str:
    headers = {**office.headers(), "Content-Type": "application/octet-stream"}
    response = await service.client.post("/v1/documents?media_type=text/plain", content=b"One", headers=headers)
    assert response.is_success, response.text
    return str(response.json()["digest"])


def in_ten_minutes(service: RunningService) -> dict[str, Any]:
    """Name public records that are known in ten minutes."""
    at = service.clock.now() + timedelta(minutes=10)
    return {"source": "public-records", "records": ["Lottery"], "at": at.isoformat()}


async def invited(service: RunningService, office: Office, number: int) -> Known:
    """Draft what is for those alone who are drawn."""
    plan = (await office.post("/v1/plans", plan_body("invited")))["id"]
    procurement = procured("invited", ground="limited-suppliers")
    tender = (await office.post("/v1/tenders", draft(plan, procurement=procurement)))["id"]
    candidates = [{"id": f"org-{place}", "name": "One"} for place in range(1, 7)]
    await office.post(
        f"/v1/tenders/{tender}/invitation",
        {"candidates": candidates, "number": number, "beacon": in_ten_minutes(service)},
    )
    for person in (COLLEAGUE, MEMBERS[0]):
        await office.post(f"/v1/tenders/{tender}/invitation/witnesses", person=person)
    return {"tender_id": [tender], "plan_id": [plan]}


async def excepted(service: RunningService, office: Office) -> Known:
    """Draw fewer than the rules let, and ask for an exception."""
    scene = await invited(service, office, 2)
    path = f"/v1/tenders/{scene['tender_id'][0]}"
    service.clock.advance(minutes=10)
    for person in (US, COLLEAGUE):
        await office.post(f"{path}/invitation/draw", {"numbers": [[1]]}, person=person)
    evidence = [await document(service, office)]
    asked = {"rule": "method.invited.minimum-invitees", "code": "fewer-exist", "reason": "One", "evidence": evidence}
    exception = await office.post(f"{path}/exceptions", asked)
    return {**scene, "exception_id": [exception["id"]]}


async def publicised(office: Office) -> Known:
    """Draft what is for one provider alone, to which another objects."""
    plan = (await office.post("/v1/plans", plan_body("single-source")))["id"]
    procurement = procured("single-source", ground="only-supplier")
    tender = (await office.post("/v1/tenders", draft(plan, procurement=procurement)))["id"]
    await office.post(f"/v1/tenders/{tender}/publicity", {"supplier": OTHER, "supplier_name": "One"})
    await office.post(f"/v1/tenders/{tender}/objections", {"reason": "We can, too."}, organisation=PANEL)
    shown = await office.get(f"/v1/tenders/{tender}/publicity")
    return {"tender_id": [tender], "objection_id": [one["id"] for one in shown["objections"]]}


async def published(service: RunningService, office: Office, body: Mapping[str, Any]) -> str:
    tender = await office.post("/v1/tenders", body)
    await office.post(f"/v1/tenders/{tender['id']}/publication", person=COLLEAGUE)
    value = money(Decimal(AMOUNT["amount"]), AMOUNT["currency"])
    reserved = Reserved(ocid=tender["ocid"], tender=tender["id"], line=LINE, amount=value, available=value)
    await service.deliver("budget", reserved)
    return str(tender["id"])


def bid(price: str) -> dict[str, str]:
    content = json.dumps({"price": {"amount": price, "currency": "EUR"}}).encode()
    return {"lot": LOT, "scheme": "access/v1", "financial": base64.b64encode(content).decode()}


async def submitted(office: Office, tender: str) -> Known:
    """Let two bid."""
    path = f"/v1/tenders/{tender}/bids"
    prices = {RIVAL: "900.00", OTHER: "950.00"}
    bids = [(await office.post(path, bid(price), organisation=by))["bid"] for by, price in prices.items()]
    return {"bid_id": bids, "bid": bids}


async def discussed(office: Office, tender: str) -> Known:
    """Ask, answer, amend, bid, draft a bid and challenge, all of it while bids are taken."""
    path = f"/v1/tenders/{tender}"
    await office.post(f"{path}/interest", organisation=RIVAL)
    questions = [(await office.post(f"{path}/questions", {"text": "One?"}))["id"] for _ in range(2)]
    await office.post(f"{path}/questions/{questions[0]}/answer", {"text": "One."})
    content = {name: value for name, value in draft("").items() if name != "plan"}
    amended = {"content": content | {"title": "Two"}, "reason": "One"}
    amendment = (await office.post(f"{path}/amendments", amended))["id"]
    drafted = (await office.post(f"{path}/bids/drafts", bid("900.00"), organisation=RIVAL))["id"]
    bids = await submitted(office, tender)
    notices = [one["id"] for one in (await office.get("/v1/my/notices", organisation=RIVAL))["items"]]
    assert notices
    return {
        **bids,
        "tender_id": [tender],
        "lot_id": [LOT],
        **await challenged(office, tender, "documents"),
        "bid_id": [drafted, *bids["bid_id"]],
        "question_id": questions,
        "amendment_id": [amendment],
        "notice_id": notices,
    }


async def challenged(office: Office, tender: str, matter: str) -> Known:
    """Let a step be challenged by two: the office has answered the one, and the other has complained of it."""
    statement = {
        "relates_to": matter,
        "ground": "unequal-treatment",
        "arguments": "One",
        "evidence": [],
        "remedies": ["none"],
    }
    path = f"/v1/tenders/{tender}/challenges"
    challenges = [(await office.post(path, statement, organisation=by))["id"] for by in (RIVAL, OTHER)]
    await office.post(f"/v1/challenges/{challenges[1]}/answer", {"answer": "One"})
    await office.post(f"/v1/challenges/{challenges[1]}/complaint", {"arguments": "One"}, organisation=OTHER)
    return {"challenge_id": challenges}


async def evaluated(
    service: RunningService, office: Office, experts: Mapping[str, str], known: Mapping[str, Known]
) -> None:
    """Let panels be drawn and declare; all but the first score and lock, and prices are opened or asked for again."""
    at = service.clock.now() + timedelta(minutes=10)
    beacon = in_ten_minutes(service)
    paths = [f"/v1/tenders/{scene['tender_id'][0]}" for scene in known.values()]
    for path in paths:
        await office.post(f"{path}/qualification", {"disqualified": []})
        await office.post(f"{path}/panel/pool", {"experts": len(experts), "beacon": beacon})
    service.clock.set(at)
    for path, (stage, scene) in zip(paths, known.items(), strict=True):
        members = await declared(office, path, experts)
        if stage != "seated":
            await score(office, path, members, scene["bid_id"])
        if stage == "negotiated":
            await negotiated(service, office, path, scene["bid_id"])
        elif stage != "seated":
            await office.post(f"{path}/price-opening")


async def negotiated(service: RunningService, office: Office, path: str, bids: Sequence[str]) -> None:
    """Talk with each bidder, change the terms, and call for final quotes, of which one is given."""
    minutes, today = await document(service, office), service.clock.now().date().isoformat()
    for one in bids:
        talks = {"bid": one, "held_on": today, "persons": ["One"], "minutes": minutes}
        await office.post(f"{path}/talks", talks)
    await office.post(f"{path}/changed-terms", {"what": "One"}, person=COLLEAGUE)
    closes_at = (service.clock.now() + timedelta(days=60)).isoformat()
    await office.post(f"{path}/final-quotes", {"closes_at": closes_at})
    quote = {"scheme": "access/v1", "envelope": bid("890.00")["financial"]}
    await office.post(f"/v1/bids/{bids[0]}/final-quotes", quote, organisation=RIVAL)


async def declared(office: Office, path: str, experts: Mapping[str, str]) -> Sequence[str]:
    """Let a panel be drawn, and its members have no tie to anybody."""
    for person in (US, COLLEAGUE):
        drawn = await office.post(f"{path}/panel/draw", {"numbers": [[1]]}, person=person)
    members = [experts[seat["label"]] for seat in drawn["seats"]]
    for person in members:
        await office.post(f"{path}/panel/acceptance", person=person, organisation=PANEL)
    await office.post(f"{path}/panel/chair", {"member": drawn["seats"][0]["label"]})
    ties = [{"bidder": bidder, "relation": "none"} for bidder in (RIVAL, OTHER)]
    for person in members:
        await office.post(f"{path}/panel/declaration", {"ties": ties}, person=person, organisation=PANEL)
    return members


async def score(office: Office, path: str, members: Sequence[str], bids: Sequence[str]) -> None:
    """Let a panel score as one, reveal, sign and lock."""
    scores = [{"bid": one, "criterion": "quality", "value": "80"} for one in bids]
    for person in members:
        await office.post(f"{path}/scores", {"scores": scores}, person=person, organisation=PANEL)
    await office.post(f"{path}/panel/reveal", person=members[0], organisation=PANEL)
    for person in members:
        await office.post(f"{path}/panel/signature", {"vote": "agreed"}, person=person, organisation=PANEL)
    await office.post(f"{path}/panel/lock", person=members[0], organisation=PANEL)


async def examined(office: Office, scene: Known) -> None:
    """Ask one bidder about its price, and another to put its bid right."""
    path = f"/v1/tenders/{scene['tender_id'][0]}/bids"
    rival, other = scene["bid_id"]
    await office.post(f"{path}/{rival}/price-inquiry")
    await office.post(f"{path}/{other}/deficiency", {"what": "One"})


async def awarded(service: RunningService, office: Office, known: Mapping[str, Known]) -> dict[str, Known]:
    """Propose every award, confirm all but the first, sign one contract, and order under a framework agreement."""
    paths = {stage: f"/v1/tenders/{scene['tender_id'][0]}/lots/{LOT}" for stage, scene in known.items()}
    acts = {stage: "framework" if stage == "framework" else "award" for stage in known}
    proposed = {stage: await office.post(f"{paths[stage]}/{act}") for stage, act in acts.items()}
    ends_at = proposed["proposed"]["lots"][0]["awards"][0]["standstill_ends_at"]
    service.clock.set(datetime.fromisoformat(ends_at))
    found = dict(known)
    for stage, act in acts.items():
        if stage == "proposed":
            continue
        made = await office.post(f"{paths[stage]}/{act}/confirmation", person=COLLEAGUE)
        if stage == "framework":
            found[stage] = {**known[stage], **await ordered(service, office, made)}
            continue
        contract = made["lots"][0]["awards"][0]["contract"]
        found[stage] = {**known[stage], "contract_id": [contract], "contract": [contract], "option": [OPTION]}
        if stage == "in-force":
            found[stage] = {**found[stage], **await in_force(office, contract)}
    return found


async def in_force(office: Office, contract: str) -> Known:
    """Sign a contract, wish to change it, and plan its handover."""
    path = f"/v1/contracts/{contract}"
    await office.post(f"{path}/supplier-signature", organisation=RIVAL)
    await office.post(f"{path}/buyer-signature", person=COLLEAGUE)
    wish = {"ground": "needs-changed", "reason": "One", "difference": {"amount": "10.00", "currency": "EUR"}}
    shown = await office.post(f"{path}/changes", wish)
    planned = await office.post(f"{path}/handover", {"due_at": "2027-12-31T12:00:00Z"})
    return {
        "change_id": [change["id"] for change in shown["changes"]],
        "kind": [item["kind"] for item in planned["handover"]["items"]],
    }


async def ordered(service: RunningService, office: Office, framework: Mapping[str, Any]) -> Known:
    """Call off once, and let the suppliers compete for another order."""
    path = f"/v1/frameworks/{framework['id']}"
    order = {
        "title": "One",
        "value": {"amount": "100.00", "currency": "EUR"},
        "delivery": {"start": "2027-02-01", "end": "2027-03-31", "periods": 2},
        "reason": "One",
    }
    closes_at = (service.clock.now() + timedelta(days=10)).isoformat()
    shown = await office.post(f"{path}/competitions", {**order, "closes_at": closes_at})
    competition = shown["competitions"][0]["id"]
    quote = {"scheme": "access/v1", "envelope": bid("90.00")["financial"]}
    await office.post(f"{path}/competitions/{competition}/quotes", quote, organisation=RIVAL)
    return {"framework_id": [framework["id"]], "competition_id": [competition]}
