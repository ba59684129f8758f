"""Every command, asked for by nobody, by the wrong role, by another organisation, and by whom it belongs to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

ROLES = {"procurement-officer", "procurement-head", "panel-member", "provider", "operator"}
NOT_OWN = (403, "not-own-organisation")
NO_PLAN = (409, "tender-without-plan", "tender-from-plan")
NOT_VERIFIED = (409, "bidder-not-verified", "bidder-verified")
NOT_THERE = (404, "not-found")
KIT = ("/v1/parked", "/v1/projections", "/v1/rules")
WALKED_ELSEWHERE = ("/challenges", "/framework", "/framework/confirmation")


class Walk:
    """Goes through a procedure, and at each step first sees everybody else refused."""

    def __init__(self, parties: Any) -> None:
        self.parties = parties
        self.taken: set[tuple[str, str]] = set()

    async def step(
        self,
        route: str,
        person: Any,
        body: Any = None,
        *,
        elsewhere: tuple[Any, ...] | None = None,
        version: int | None = None,
        **of: str,
    ) -> Any:
        """Take a step; elsewhere is the refusal of the same role of another organisation, if it is refused at all."""
        method, _, template = route.partition(" ")
        path = template.format(**of)
        before = await self.parties.kept()
        nobody = await self.parties.send(method, path, None, body, version=version)
        self.parties.refused(nobody, 401, "token-refused")
        assert nobody.headers["www-authenticate"] == "Bearer"
        others = replace(person, roles=tuple(sorted(ROLES - set(person.roles))))
        wrong = await self.parties.send(method, path, others, body, version=version)
        assert person.roles[0] in self.parties.refused(wrong, 403, "role-missing")["satisfied_by"]
        if elsewhere:
            stranger = replace(person, name="stranger", organisation="elsewhere")
            self.parties.refused(await self.parties.send(method, path, stranger, body, version=version), *elsewhere)
        assert await self.parties.kept() == before
        self.taken.add((method.lower(), template))
        return await self.parties.done(method, path, person, body, version=version)


async def test_every_step_is_refused_to_everybody_else_when_a_procedure_takes_its_course(parties: Any) -> None:
    walk = Walk(parties)
    officer, head, birch = parties.officer, parties.head, parties.bidder("birch")
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
    tender = await parties.shown(f"/v1/tenders/{tender['id']}")
    await parties.verify("alder", "birch")
    alder = await parties.bid(tender, "alder", "900000.00")
    bid = parties.bid_body(parties.priced("1000000.00"))
    receipt = await walk.step("POST /v1/tenders/{tender_id}/bids", birch, bid, elsewhere=NOT_VERIFIED, **of)
    await walk.step("GET /v1/bids/{bid_id}/receipt", birch, elsewhere=NOT_THERE, bid_id=receipt["bid"])
    parties.until_deadline(tender)
    await walk.step("POST /v1/tenders/{tender_id}/opening", officer, elsewhere=NOT_OWN, **of)
    nobody = {"disqualified": []}
    await walk.step("POST /v1/tenders/{tender_id}/qualification", officer, nobody, elsewhere=NOT_OWN, **of)
    scores = [{"bid": alder["bid"], "criterion": "quality", "value": "78"}]
    scores += [{"bid": receipt["bid"], "criterion": "quality", "value": "88"}]
    # An expert of another organisation may sit on the panel.
    await walk.step("POST /v1/tenders/{tender_id}/scores", parties.panel, {"scores": scores}, **of)
    await walk.step("POST /v1/tenders/{tender_id}/price-opening", officer, elsewhere=NOT_OWN, **of)
    await examined(walk, {**of, "bid_id": receipt["bid"]})
    of = {**of, "lot_id": "lot-1"}
    award = "POST /v1/tenders/{tender_id}/lots/{lot_id}/award"
    await walk.step(award, officer, elsewhere=NOT_OWN, **of)
    await walk.step(f"{award}/cancellation", head, {"reason": "It withdrew."}, elsewhere=NOT_OWN, **of)
    proposed = await walk.step(award, officer, elsewhere=NOT_OWN, **of)
    parties.service.clock.set(parties.standstill_end(proposed))
    awarded = await walk.step(f"{award}/confirmation", head, elsewhere=NOT_OWN, **of)
    contract = {"contract_id": parties.standing(awarded)["contract"]}
    winner = parties.bidder(parties.standing(awarded)["supplier"]["id"])
    await walk.step("POST /v1/contracts/{contract_id}/supplier-signature", winner, elsewhere=NOT_OWN, **contract)
    await walk.step("POST /v1/contracts/{contract_id}/buyer-signature", head, elsewhere=NOT_OWN, **contract)
    await cancelled_by_lots(walk)
    await drawn(walk)
    assert walk.taken == routes_that_ask_for_a_role(parties)


async def examined(walk: Walk, of: dict[str, str]) -> None:
    """Ask about a price and for what is missing, and decide on both; alder cannot answer for birch."""
    parties = walk.parties
    officer, birch = parties.officer, parties.bidder("birch")
    bid = "POST /v1/tenders/{tender_id}/bids/{bid_id}"
    await walk.step(f"{bid}/price-inquiry", officer, elsewhere=NOT_OWN, **of)
    await walk.step(f"{bid}/price-explanation", birch, {"explanation": "Paid."}, elsewhere=NOT_OWN, **of)
    accepted = {"accepted": True, "reason": "The wages are paid."}
    await walk.step(f"{bid}/price-decision", officer, accepted, elsewhere=NOT_OWN, **of)
    await walk.step(f"{bid}/deficiency", officer, {"what": "The form is not signed."}, elsewhere=NOT_OWN, **of)
    await walk.step(f"{bid}/correction", birch, {"digest": "1" * 64}, elsewhere=NOT_OWN, **of)
    corrected = {"corrected": True, "reason": "It is signed."}
    await walk.step(f"{bid}/correction-decision", officer, corrected, elsewhere=NOT_OWN, **of)


async def cancelled_by_lots(walk: Walk) -> None:
    tender = await walk.parties.active()
    route = "POST /v1/tenders/{tender_id}/lots/{lot_id}/cancellation"
    reason = {"reason": "The need has gone."}
    of = {"tender_id": tender["id"], "lot_id": "lot-1"}
    await walk.step(route, walk.parties.head, reason, elsewhere=NOT_OWN, **of)


async def drawn(walk: Walk) -> None:
    """Draw a tie."""
    parties = walk.parties
    tender, _ = await parties.priced_bids({"alder": ("900000.00", "50"), "birch": ("900000.00", "50")})
    of = {"tender_id": tender["id"], "lot_id": "lot-1"}
    draw = "POST /v1/tenders/{tender_id}/lots/{lot_id}/tie-draw"
    announced = parties.service.clock.now() + timedelta(minutes=10)
    beacon = {"source": "Beacon, round 7", "not_before": announced.isoformat()}
    await walk.step(draw, parties.officer, beacon, elsewhere=NOT_OWN, **of)
    parties.service.clock.set(announced)
    await walk.step(f"{draw}/result", parties.officer, {"randomness": "a7" * 32}, elsewhere=NOT_OWN, **of)


def routes_that_ask_for_a_role(parties: Any) -> set[tuple[str, str]]:
    """Return this service's own routes of that kind; those of the kit are not its own.

    Challenges and frameworks have walks of their own.
    """
    paths = parties.service.app.openapi()["paths"]
    commands = {
        (method, path)
        for path, methods in paths.items()
        for method in methods
        if method != "get" and not path.startswith(KIT) and not path.endswith(WALKED_ELSEWHERE)
        if not path.startswith(("/v1/challenges", "/v1/frameworks"))
    }
    return commands | {("get", "/v1/bids/{bid_id}/receipt")}


async def test_public_reading_asks_for_no_token_but_refuses_a_false_one_when_a_tender_is_shown(same_day: Any) -> None:
    tender = await same_day.active()
    path = f"/v1/tenders/{tender['id']}"
    assert (await same_day.send("GET", path)).json() == tender
    response = await same_day.service.client.get(path, headers={"Authorization": "Bearer made.up.token"})
    same_day.refused(response, 401, "token-refused")
