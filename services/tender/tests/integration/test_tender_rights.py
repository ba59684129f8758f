"""Every command, asked for by nobody, by the wrong role, by another organisation, and by whom it belongs to."""

from dataclasses import replace
from typing import Any

ROLES = {"procurement-officer", "procurement-head", "panel-member", "provider", "operator"}
NOT_OWN = (403, "not-own-organisation")
NO_PLAN = (409, "tender-without-plan", "tender-from-plan")
NOT_VERIFIED = (409, "bidder-not-verified", "bidder-verified")
NOT_THERE = (404, "not-found")


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


async def walk_through_drafts(walk: Walk, birch: Any, bid: Any, of: dict[str, str]) -> None:
    draft = await walk.step("POST /v1/tenders/{tender_id}/bids/drafts", birch, bid, **of)
    dropped = await walk.step("POST /v1/tenders/{tender_id}/bids/drafts", birch, bid, **of)
    own = {"elsewhere": NOT_THERE, "bid_id": draft["id"]}
    await walk.step("PUT /v1/bids/{bid_id}", birch, bid, version=1, **own)
    await walk.step("DELETE /v1/bids/{bid_id}", birch, elsewhere=NOT_THERE, bid_id=dropped["id"])
    await walk.step("POST /v1/bids/{bid_id}/submission", birch, **own)
    await walk.step("GET /v1/bids/{bid_id}", birch, **own)
    await walk.step("GET /v1/bids", birch)
    await walk.step("GET /v1/bids/refusals", birch)
    await walk.step("POST /v1/bids/{bid_id}/withdrawal", birch, **own)


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
    bid = parties.bid_body(parties.priced("1000000.00"))
    await walk_through_drafts(walk, birch, bid, of)
    receipt = await walk.step("POST /v1/tenders/{tender_id}/bids", birch, bid, elsewhere=NOT_VERIFIED, **of)
    await walk.step("GET /v1/bids/{bid_id}/receipt", birch, elsewhere=NOT_THERE, bid_id=receipt["bid"])
    await parties.amend(tender)
    await walk.step("POST /v1/bids/{bid_id}/confirmation", birch, elsewhere=NOT_THERE, bid_id=receipt["bid"])
    alder = await parties.bid(tender, "alder", "900000.00")
    parties.until_deadline(tender)
    await walk.step("POST /v1/tenders/{tender_id}/opening", officer, elsewhere=NOT_OWN, **of)
    scores = [{"bid": alder["bid"], "criterion": "quality", "value": "78"}]
    scores += [{"bid": receipt["bid"], "criterion": "quality", "value": "88"}]
    # An expert of another organisation may sit on the panel.
    await walk.step("POST /v1/tenders/{tender_id}/scores", parties.panel, {"scores": scores}, **of)
    proposed = await walk.step("POST /v1/tenders/{tender_id}/award", officer, elsewhere=NOT_OWN, **of)
    parties.service.clock.set(parties.standstill_end(proposed))
    awarded = await walk.step("POST /v1/tenders/{tender_id}/award/confirmation", head, elsewhere=NOT_OWN, **of)
    contract = {"contract_id": awarded["award"]["contract"]}
    await walk.step("POST /v1/contracts/{contract_id}/supplier-signature", birch, elsewhere=NOT_OWN, **contract)
    await walk.step("POST /v1/contracts/{contract_id}/buyer-signature", head, elsewhere=NOT_OWN, **contract)
    assert walk.taken == routes_that_ask_for_a_role(parties)


def routes_that_ask_for_a_role(parties: Any) -> set[tuple[str, str]]:
    """Return this service's own routes of that kind; those of the kit are not its own."""
    paths = parties.service.app.openapi()["paths"]
    commands = {
        (method, path)
        for path, methods in paths.items()
        for method in methods
        # Documents have their own tests, beside which nothing of them is asked here.
        if method != "get"
        and not path.startswith(("/v1/parked", "/v1/projections", "/v1/rules"))
        and not path.endswith("/documents")
    }
    own = ("/v1/bids", "/v1/bids/refusals", "/v1/bids/{bid_id}", "/v1/bids/{bid_id}/receipt")
    return commands | {("get", path) for path in own}


async def test_public_reading_asks_for_no_token_but_refuses_a_false_one_when_a_tender_is_shown(same_day: Any) -> None:
    tender = await same_day.active()
    path = f"/v1/tenders/{tender['id']}"
    assert (await same_day.send("GET", path)).json() == tender
    response = await same_day.service.client.get(path, headers={"Authorization": "Bearer made.up.token"})
    same_day.refused(response, 401, "token-refused")
