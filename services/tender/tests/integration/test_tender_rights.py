"""Every command, asked for by nobody, by the wrong role, by another organisation, and by whom it belongs to."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from uploads import rested_on

from shared.testing.walk import Walk

PREPARATION = {
    ("put", "/v1/plans/{plan_id}"),
    *(("post", f"/v1/plans/{{plan_id}}/{act}") for act in ("approval", "schedule", "completion", "cancellation")),
    *(
        ("post", f"/v1/tenders/{{tender_id}}/{act}")
        for act in (
            "check",
            "exceptions",
            "invitation",
            "invitation/witnesses",
            "invitation/draw",
            "publicity",
            "objections",
            "objections/{objection_id}/review",
        )
    ),
    *(("post", f"/v1/exceptions/{{exception_id}}/{act}") for act in ("grant", "refusal")),
}
NOT_OWN = (403, "not-own-organisation")
NO_PLAN = (409, "tender-without-plan", "tender-from-plan")
NOT_VERIFIED = (409, "bidder-not-verified", "bidder-verified")
NOT_CONCERNED = (403, "not-concerned", "question-window")
NOT_ON_PANEL = (403, "not-on-panel")
NOT_THERE = (404, "not-found")
NUMBERS = {"numbers": [[7, 3], [412]]}
# Contracts in force, documents, agreements and final quotes have tests of their own; what the kit serves is not ours.
ELSEWHERE = ("/v1/parked", "/v1/projections", "/v1/rules", "/v1/contracts/", "/v1/documents", "/v1/frameworks")
ELSEWHERE_OF_A_TENDER = (
    *("/documents", "/framework", "/framework/confirmation"),
    *("/talks", "/changed-terms", "/final-quotes", "/leaving"),
)


async def test_every_step_is_refused_to_everybody_else_when_a_procedure_takes_its_course(parties: Any) -> None:
    walk = Walk(parties)
    await cancelled_by_lots(walk)
    await tie_drawn(walk)
    officer, head = parties.officer, parties.head
    reason = {"reason": "The need has gone."}
    plan = await walk.step("POST /v1/plans", officer, parties.plan_body())
    draft = {**parties.content_body(), "plan": plan["id"]}
    dropped = (await walk.step("POST /v1/tenders", officer, draft, elsewhere=NO_PLAN))["id"]
    await walk.step(
        "PUT /v1/tenders/{tender_id}", officer, parties.content_body(), elsewhere=NOT_OWN, version=1, tender_id=dropped
    )
    await walk.step("POST /v1/tenders/{tender_id}/cancellation", head, reason, elsewhere=NOT_OWN, tender_id=dropped)
    of = {"tender_id": (await parties.done("POST", "/v1/tenders", officer, draft))["id"]}
    tender = await walk.step("POST /v1/tenders/{tender_id}/publication", head, elsewhere=NOT_OWN, **of)
    await parties.fund(tender)
    await questions_and_amendment(walk, of)
    tender = await parties.shown(f"/v1/tenders/{of['tender_id']}")
    await parties.verify("alder", "birch", "cedar")
    birch = await bidding(walk, of)
    bids = {birch: "88", (await parties.bid(tender, "alder", "900000.00"))["bid"]: "78"}
    cedar = (await parties.bid(tender, "cedar", "900000.00"))["bid"]
    parties.until_deadline(tender)
    await walk.step("POST /v1/tenders/{tender_id}/opening", officer, elsewhere=NOT_OWN, **of)
    out = {"disqualified": [{"bid": cedar, "reason": "It owes taxes.", "rule": "bidder-verified"}]}
    await walk.step("POST /v1/tenders/{tender_id}/qualification", officer, out, elsewhere=NOT_OWN, **of)
    await walk.step("POST /v1/tenders/{tender_id}/qualification/confirmation", head, elsewhere=NOT_OWN, **of)
    members = await seated(walk, of)
    await scored(walk, of, members, bids)
    await walk.step("POST /v1/tenders/{tender_id}/price-opening", officer, elsewhere=NOT_OWN, **of)
    await sent_back(walk, of)
    await walk.step("POST /v1/tenders/{tender_id}/panel/rounds", head, reason, elsewhere=NOT_OWN, **of)
    await scored(walk, of, members, bids)
    await parties.open_prices(tender)
    await examined(walk, {**of, "bid_id": birch})
    of = {**of, "lot_id": "lot-1"}
    award = "POST /v1/tenders/{tender_id}/lots/{lot_id}/award"
    await walk.step(award, officer, elsewhere=NOT_OWN, **of)
    await walk.step(f"{award}/cancellation", head, {"reason": "It withdrew."}, elsewhere=NOT_OWN, **of)
    proposed = await walk.step(award, officer, elsewhere=NOT_OWN, **of)
    await walk.step("GET /v1/bids/{bid_id}/result", parties.bidder("birch"), elsewhere=NOT_THERE, bid_id=birch)
    parties.service.clock.set(parties.standstill_end(proposed))
    awarded = await walk.step(f"{award}/confirmation", head, elsewhere=NOT_OWN, **of)
    contract = {"contract_id": parties.standing(awarded)["contract"]}
    winner = parties.bidder(parties.standing(awarded)["supplier"]["id"])
    await walk.step("POST /v1/contracts/{contract_id}/supplier-signature", winner, elsewhere=NOT_OWN, **contract)
    await walk.step("POST /v1/contracts/{contract_id}/buyer-signature", head, elsewhere=NOT_OWN, **contract)
    assert walk.taken == routes_that_ask_for_a_role(parties) - PREPARATION


async def questions_and_amendment(walk: Walk, of: dict[str, str]) -> None:
    """Ask, answer, amend, and read the notices of it."""
    parties, birch = walk.parties, walk.parties.bidder("birch")
    await walk.step("POST /v1/tenders/{tender_id}/interest", birch, **of)
    asked = await walk.step("POST /v1/tenders/{tender_id}/questions", birch, {"text": "Which streets?"}, **of)
    question = {**of, "question_id": asked["id"]}
    path = "POST /v1/tenders/{tender_id}/questions/{question_id}/answer"
    await walk.step(path, parties.officer, {"text": "All north of the canal."}, elsewhere=NOT_OWN, **question)
    body = {"content": parties.content_body(title="Home care"), "reason": "The title was too long."}
    path = "POST /v1/tenders/{tender_id}/amendments"
    drafted = await walk.step(path, parties.officer, body, elsewhere=NOT_OWN, **of)
    amendment = {**of, "amendment_id": drafted["id"]}
    path = "POST /v1/tenders/{tender_id}/amendments/{amendment_id}/publication"
    await walk.step(path, parties.head, elsewhere=NOT_OWN, **amendment)
    notices = await walk.step("GET /v1/my/notices", birch)
    notice = {"notice_id": notices["items"][0]["id"]}
    await walk.step("POST /v1/my/notices/{notice_id}/reading", birch, elsewhere=NOT_THERE, **notice)


async def bidding(walk: Walk, of: dict[str, str]) -> str:
    """Draft bids, submit one and withdraw it, submit another and confirm it; return the one that stands."""
    parties, birch = walk.parties, walk.parties.bidder("birch")
    bid = parties.bid_body(parties.priced("1000000.00"))
    draft = await walk.step("POST /v1/tenders/{tender_id}/bids/drafts", birch, bid, **of)
    dropped = await walk.step("POST /v1/tenders/{tender_id}/bids/drafts", birch, bid, **of)
    own = {"elsewhere": NOT_THERE, "bid_id": draft["id"]}
    await walk.step("PUT /v1/bids/{bid_id}", birch, bid, version=1, **own)
    await walk.step("DELETE /v1/bids/{bid_id}", birch, elsewhere=NOT_THERE, bid_id=dropped["id"])
    await walk.step("POST /v1/bids/{bid_id}/submission", birch, version=2, **own)
    await walk.step("GET /v1/bids/{bid_id}", birch, **own)
    await walk.step("GET /v1/bids", birch)
    await walk.step("GET /v1/bids/refusals", birch)
    await walk.step("POST /v1/bids/{bid_id}/withdrawal", birch, **own)
    submitted = await walk.step("POST /v1/tenders/{tender_id}/bids", birch, bid, elsewhere=NOT_VERIFIED, **of)
    own = {"elsewhere": NOT_THERE, "bid_id": submitted["bid"]}
    await walk.step("GET /v1/bids/{bid_id}/receipt", birch, **own)
    await parties.amend({"id": of["tender_id"]})
    await walk.step("POST /v1/bids/{bid_id}/confirmation", birch, **own)
    return str(submitted["bid"])


async def seated(walk: Walk, of: dict[str, str]) -> tuple[Any, ...]:
    """Take every step to a panel of two experts and a representative, after one that has refused as one."""
    parties, tender = walk.parties, {"id": of["tender_id"]}
    officer, head = parties.officer, parties.head
    # Where officers and heads both may, everybody else is neither.
    roles = ("procurement-head", "procurement-officer")
    either, other = (replace(person, roles=roles) for person in (officer, head))
    route = "POST /v1/tenders/{tender_id}/panel/"
    await parties.pool()
    dora = replace(parties.panel, name="dora", organisation="bureau")
    dropped = await walk.step("POST /v1/experts", officer, parties.expert_body(dora))
    await walk.step("POST /v1/experts/{expert_id}/admission", other, expert_id=dropped["id"])
    gone = {"reason": "She has moved."}
    await walk.step("POST /v1/experts/{expert_id}/retirement", either, gone, elsewhere=NOT_OWN, expert_id=dropped["id"])
    chosen = {"experts": 3, "members": [dropped["id"]] * 3, "reason": "They know the matter."}
    path = await walk.closed(f"{route}appointment", head, chosen, elsewhere=NOT_OWN, **of)
    drawn = (409, "panel-composition", "committee.drawn-at-random")
    parties.refused(await parties.send("POST", path, head, chosen), *drawn)
    # The panel that was drawn first has refused as one, all four experts, so there is nobody left to draw.
    await walk.step(f"{route}pool", officer, parties.pool_body(experts=2, representatives=1), elsewhere=NOT_OWN, **of)
    parties.service.clock.advance(hours=1)
    await walk.step(f"{route}draw", either, NUMBERS, elsewhere=NOT_OWN, **of)
    await walk.step(f"{route}draw", other, NUMBERS, elsewhere=NOT_OWN, **of)
    for _ in range(4):
        first = next(member for member in await parties.invited(tender))
        await walk.step(f"{route}refusal", first, gone, elsewhere=NOT_ON_PANEL, **of)
    carla = replace(parties.panel, name="carla", organisation="guild")
    carlo = replace(parties.panel, name="carlo", organisation="guild")
    for expert in (carla, carlo):
        proposed = await parties.done("POST", "/v1/experts", officer, parties.expert_body(expert))
        await parties.done("POST", f"/v1/experts/{proposed['id']}/admission", head)
    again = {"beacon": parties.pool_body()["beacon"], "reason": "All of the pool have refused."}
    await walk.step(f"{route}another-pool", officer, again, elsewhere=NOT_OWN, **of)
    parties.service.clock.advance(hours=1)
    for person in (officer, head):
        await parties.done("POST", f"/v1/tenders/{tender['id']}/panel/draw", person, NUMBERS)
    silent = {"member": str(UUID(int=0)), "reason": "Nothing was heard."}
    path = await walk.closed(f"{route}released-seats", head, silent, elsewhere=NOT_OWN, **of)
    parties.refused(await parties.send("POST", path, head, silent), 422, "seat-unknown")
    rita = replace(parties.panel, name="rita", organisation="city")
    appointed = {"person": "rita", "name": "Rita"}
    await walk.step(f"{route}representatives", head, appointed, elsewhere=NOT_OWN, **of)
    members = (carla, carlo, rita)
    for member in members:
        seated = await walk.step(f"{route}acceptance", member, elsewhere=NOT_ON_PANEL, **of)
    people = {item["id"]: item["person"] for item in await parties.pool_items()}
    label = next(seat["label"] for seat in seated["seats"] if people.get(seat["label"]) == "carla")
    await walk.step(f"{route}chair", either, {"member": label}, elsewhere=NOT_OWN, **of)
    ties = [{"bidder": name, "relation": "none"} for name in ("alder", "birch", "cedar")]
    for member in members:
        await walk.step(f"{route}declaration", member, {"ties": ties}, elsewhere=NOT_ON_PANEL, **of)
    return members


async def scored(walk: Walk, of: dict[str, str], members: tuple[Any, ...], scores: dict[str, str]) -> None:
    """Take every step of a round; the first of the members chairs."""
    route, chair = "POST /v1/tenders/{tender_id}/", members[0]
    sheet = [{"bid": bid, "criterion": "quality", "value": value} for bid, value in scores.items()]
    for member in members:
        await walk.step(f"{route}scores", member, {"scores": sheet}, elsewhere=NOT_ON_PANEL, **of)
    await walk.step(f"{route}panel/reveal", chair, elsewhere=NOT_ON_PANEL, **of)
    await walk.step(f"{route}panel/consensus", chair, {"scores": []}, elsewhere=NOT_ON_PANEL, **of)
    for member in members:
        await walk.step(f"{route}panel/signature", member, {"vote": "agreed"}, elsewhere=NOT_ON_PANEL, **of)
    await walk.step(f"{route}panel/lock", chair, elsewhere=NOT_ON_PANEL, **of)


async def sent_back(walk: Walk, of: dict[str, str]) -> None:
    """Challenge the opening and give it up; challenge the evaluation, up to the decision that it is done anew."""
    parties, birch = walk.parties, walk.parties.bidder("birch")
    # Whoever decides has no part in the procedure, and so belongs to no party of it; nobody else is kept away.
    decider = replace(parties.officer, name="dana", organisation="board", roles=("complaint-decider",))
    challenge = {"lot": "lot-1", "ground": "wrong-scoring", "arguments": "Not read.", "evidence": []}
    challenge["remedies"] = ["evaluate-again"]
    route = "POST /v1/challenges/{challenge_id}"
    for matter in ("opening", "qualification", "evaluation"):
        body = {**challenge, "relates_to": matter}
        raised = await walk.step("POST /v1/tenders/{tender_id}/challenges", birch, body, elsewhere=NOT_CONCERNED, **of)
        own = {"challenge_id": raised["id"]}
        if matter == "opening":
            await walk.step(f"{route}/withdrawal", birch, elsewhere=NOT_OWN, **own)
        if matter == "qualification":
            await walk.step(f"{route}/concession", parties.head, {"answer": "So it is."}, elsewhere=NOT_OWN, **own)
    answer = {"answer": "It was."}
    await walk.step(f"{route}/answer", parties.officer, answer, elsewhere=NOT_OWN, **own)
    await walk.step(f"{route}/complaint", birch, {"arguments": "It was not."}, elsewhere=NOT_OWN, **own)
    await walk.step(f"{route}/admission", decider, {"admitted": True, "reason": "In time."}, **own)
    decision = {"upheld": True, "reason": "It was not.", "remedy": "evaluate-again"}
    await walk.step(f"{route}/decision", decider, decision, **own)


async def examined(walk: Walk, of: dict[str, str]) -> None:
    """Ask about a price and for what is missing, and decide on both; alder cannot answer for birch."""
    parties = walk.parties
    officer, birch = parties.officer, parties.bidder("birch")
    bid = "POST /v1/tenders/{tender_id}/bids/{bid_id}"
    await walk.step(f"{bid}/price-inquiry", officer, elsewhere=NOT_OWN, **of)
    await walk.step(f"{bid}/price-explanation", birch, {"explanation": "Paid."}, elsewhere=NOT_OWN, **of)
    readers = replace(parties.panel, roles=("procurement-officer", "procurement-head", "panel-member", "provider"))
    await walk.step(f"GET {bid.partition(' ')[2]}/price-explanation", readers, elsewhere=NOT_THERE, **of)
    accepted = {"accepted": True, "reason": "The wages are paid."}
    await walk.step(f"{bid}/price-decision", officer, accepted, elsewhere=NOT_OWN, **of)
    await walk.step(f"{bid}/deficiency", officer, {"what": "The form is not signed."}, elsewhere=NOT_OWN, **of)
    form = await parties.uploaded(birch, b"The form, signed.")
    await walk.step(f"{bid}/correction", birch, {"digest": form}, elsewhere=NOT_OWN, **of)
    corrected = {"corrected": True, "reason": "It is signed."}
    await walk.step(f"{bid}/correction-decision", officer, corrected, elsewhere=NOT_OWN, **of)


async def cancelled_by_lots(walk: Walk) -> None:
    tender = await walk.parties.active()
    route = "POST /v1/tenders/{tender_id}/lots/{lot_id}/cancellation"
    reason = {"reason": "The need has gone."}
    of = {"tender_id": tender["id"], "lot_id": "lot-1"}
    await walk.step(route, walk.parties.head, reason, elsewhere=NOT_OWN, **of)


async def tie_drawn(walk: Walk) -> None:
    """Draw a tie."""
    parties = walk.parties
    tender, _ = await parties.priced_bids({"alder": ("900000.00", "50"), "birch": ("900000.00", "50")})
    of = {"tender_id": tender["id"], "lot_id": "lot-1"}
    draw = "POST /v1/tenders/{tender_id}/lots/{lot_id}/tie-draw"
    beacon = parties.pool_body()["beacon"]
    await walk.step(draw, parties.officer, {"beacon": beacon}, elsewhere=NOT_OWN, **of)
    parties.service.clock.set(datetime.fromisoformat(beacon["at"]))
    either = replace(parties.officer, roles=(*parties.officer.roles, *parties.head.roles))
    await walk.step(f"{draw}/result", either, NUMBERS, elsewhere=NOT_OWN, **of)


async def test_every_step_is_refused_to_everybody_else_when_a_tender_is_prepared(parties: Any) -> None:
    walk, officer, head = Walk(parties), parties.officer, parties.head
    for end in ("completion", "cancellation"):
        body = parties.plan_body(service="social-work.child-protection")
        plan = {"plan_id": (await parties.done("POST", "/v1/plans", officer, body))["id"]}
        await walk.step("POST /v1/plans/{plan_id}/approval", head, elsewhere=NOT_THERE, **plan)
        await walk.step("POST /v1/plans/{plan_id}/schedule", officer, elsewhere=NOT_THERE, **plan)
        terms = {key: body[key] for key in ("title", "estimate", "budget_line")} | {"reason": "Another title."}
        await walk.step("PUT /v1/plans/{plan_id}", officer, terms, elsewhere=NOT_OWN, version=3, **plan)
        reason = {"reason": "The need has gone."} if end == "cancellation" else None
        who = head if end == "cancellation" else officer
        await walk.step(f"POST /v1/plans/{{plan_id}}/{end}", who, reason, elsewhere=NOT_OWN, **plan)

    invited = parties.procurement("invited", ground="limited-suppliers", rationale="Few providers exist.")
    of = {"tender_id": (await parties.draft(procurement=invited))["id"]}
    both = replace(head, roles=("procurement-head", "procurement-officer"))
    await walk.step("POST /v1/tenders/{tender_id}/check", both, elsewhere=NOT_OWN, **of)
    pool: dict[str, Any] = {"candidates": [{"id": f"p{n}", "name": f"Provider {n}"} for n in range(4)], "number": 2}
    pool["beacon"] = parties.pool_body()["beacon"]
    await walk.step("POST /v1/tenders/{tender_id}/invitation", officer, pool, elsewhere=NOT_OWN, **of)
    for name in ("hugo", "hedda"):
        witness = replace(both, name=name)
        await walk.step("POST /v1/tenders/{tender_id}/invitation/witnesses", witness, elsewhere=NOT_OWN, **of)
    parties.service.clock.advance(hours=1)
    for name in ("hugo", "hedda"):
        reader = replace(both, name=name)
        await walk.step("POST /v1/tenders/{tender_id}/invitation/draw", reader, NUMBERS, elsewhere=NOT_OWN, **of)
    asked = {
        "rule": "method.invited.minimum-invitees",
        "code": "fewer-exist",
        "reason": "Only two are licensed.",
        "evidence": [await rested_on(parties, officer)],
    }
    for decision, body in (("refusal", {"reason": "There are three."}), ("grant", None)):
        path = "POST /v1/tenders/{tender_id}/exceptions"
        exception = await walk.step(path, officer, asked, elsewhere=NOT_OWN, **of)
        path = f"POST /v1/exceptions/{{exception_id}}/{decision}"
        await walk.step(path, head, body, elsewhere=NOT_OWN, exception_id=exception["id"])

    single = parties.procurement("single-source", ground="only-supplier", rationale="Nobody else can.")
    of = {"tender_id": (await parties.draft(procurement=single))["id"]}
    supplier = {"supplier": "birch", "supplier_name": "Birch Ltd"}
    await walk.step("POST /v1/tenders/{tender_id}/publicity", officer, supplier, elsewhere=NOT_OWN, **of)
    path, reason = "POST /v1/tenders/{tender_id}/objections", {"reason": "We can too."}
    shown = await walk.step(path, parties.bidder("alder"), reason, **of)
    path, body = (
        "POST /v1/tenders/{tender_id}/objections/{objection_id}/review",
        {"outcome": "upheld", "answer": "Yes."},
    )
    objection = shown["objections"][0]["id"]
    await walk.step(path, head, body, elsewhere=NOT_OWN, objection_id=objection, **of)
    assert walk.taken == PREPARATION


def routes_that_ask_for_a_role(parties: Any) -> set[tuple[str, str]]:
    """Return this service's own routes of that kind, but for those that have tests of their own."""
    commands = {
        (method, path)
        for path, methods in parties.service.app.openapi()["paths"].items()
        for method in methods
        if method != "get" and not path.startswith(ELSEWHERE) and not path.endswith(ELSEWHERE_OF_A_TENDER)
    }
    signatures = {("post", f"/v1/contracts/{{contract_id}}/{side}-signature") for side in ("supplier", "buyer")}
    own = ("", "/refusals", "/{bid_id}", "/{bid_id}/receipt", "/{bid_id}/result")
    explanation = "/v1/tenders/{tender_id}/bids/{bid_id}/price-explanation"
    read = {*(f"/v1/bids{path}" for path in own), "/v1/my/notices", explanation}
    return commands | signatures | {("get", path) for path in read}


async def test_public_reading_asks_for_no_token_but_refuses_a_false_one_when_a_tender_is_shown(same_day: Any) -> None:
    tender = await same_day.active()
    path = f"/v1/tenders/{tender['id']}"
    assert (await same_day.send("GET", path)).json() == tender
    response = await same_day.service.client.get(path, headers={"Authorization": "Bearer made.up.token"})
    same_day.refused(response, 401, "token-refused")
