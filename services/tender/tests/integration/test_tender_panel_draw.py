"""Closing a pool, drawing a panel from it, and taking one's seat."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.kernel import beacon
from shared.kernel.draw_record import verify
from shared.testing import drand

NUMBERS = {"numbers": [[7, 3], [412]]}
SIGNATURE = "b7" * 48
MODEL = "Coxswain model pack"


def paths(tender: Any) -> str:
    return f"/v1/tenders/{tender['id']}/panel"


def findings(record: Any) -> list[str]:
    return [finding.what for finding in verify(record) if not finding.kept]


def round_in(parties: Any, **span: float) -> int:
    """Return the first round of drand's quicknet, one every three seconds since 1692803367, after a span of time."""
    seconds = (parties.service.clock.now() + timedelta(**span)).timestamp() - 1_692_803_367
    return int(-(-seconds // 3)) + 1


@pytest.mark.parametrize(
    ("changes", "code", "rule"),
    [
        ({"experts": 2}, "panel-composition", "committee.minimum-members"),
        ({"experts": 4}, "panel-composition", "committee.parity"),
        ({"experts": 3, "representatives": 1}, "panel-composition", "committee.parity"),
        ({"experts": 5}, "pool-too-small", "committee.expert-admitted"),
    ],
)
async def test_pool_is_not_closed_when_the_panel_is_not_made_up_as_the_rules_ask(
    parties: Any, changes: dict[str, Any], code: str, rule: str
) -> None:
    tender = await parties.active()
    await parties.pool()
    kept = await parties.kept()
    response = await parties.send("POST", f"{paths(tender)}/pool", parties.officer, parties.pool_body(**changes))
    parties.refused(response, 409, code, rule)
    assert await parties.kept() == kept


async def test_pool_is_not_closed_when_its_beacon_could_be_known_too_soon(parties: Any) -> None:
    tender = await parties.active()
    await parties.pool()
    path, lead = f"{paths(tender)}/pool", timedelta(minutes=10)
    for early in (lead - timedelta(microseconds=1), timedelta(0), -timedelta(days=1)):
        at = (parties.service.clock.now() + early).isoformat()
        beacon = {"source": "public-records", "records": ["Lottery"], "at": at}
        response = await parties.send("POST", path, parties.officer, {"experts": 3, "beacon": beacon})
        parties.refused(response, 409, "beacon-too-early", "committee.beacon-lead")
    past = {"source": "drand", "round": round_in(parties, minutes=9)}
    response = await parties.send("POST", path, parties.officer, {"experts": 3, "beacon": past})
    parties.refused(response, 409, "beacon-too-early", "committee.beacon-lead")
    beacon = {
        "source": "public-records",
        "records": ["Lottery"],
        "at": (parties.service.clock.now() + lead).isoformat(),
    }
    await parties.done("POST", path, parties.officer, {"experts": 3, "beacon": beacon})


async def test_pool_is_closed_once_and_only_for_a_running_procedure(parties: Any) -> None:
    await parties.pool()
    draft = await parties.draft()
    response = await parties.send("POST", f"{paths(draft)}/pool", parties.officer, parties.pool_body())
    parties.refused(response, 409, "tender-not-active")
    tender = await parties.active()
    await parties.panel_closed(tender)
    response = await parties.send("POST", f"{paths(tender)}/pool", parties.officer, parties.pool_body())
    parties.refused(response, 409, "panel-known")
    parties.refused(await parties.send("GET", paths(draft)), 404, "not-found")


async def test_pool_has_the_admitted_of_the_speciality_when_it_is_closed(parties: Any) -> None:
    tender = await parties.active()
    await parties.pool()
    for name, speciality, admitted in (("quin", "meals", True), ("rolf", "elder-care", False), ("saul", "elder", True)):
        person = replace(parties.experts[0], name=name)
        body = parties.expert_body(person, specialities=[speciality])
        proposed = await parties.done("POST", "/v1/experts", parties.officer, body)
        if admitted:
            await parties.done("POST", f"/v1/experts/{proposed['id']}/admission", parties.head)
    closed = await parties.panel_closed(tender)
    people = {item["id"]: item["person"] for item in await parties.pool_items()}
    assert {people[label] for label in closed["closing"]["pool"]} == {"pola", "paul", "petra", "piet"}
    assert closed["closing"]["pool"] == sorted(closed["closing"]["pool"])
    event = dict(await parties.events())["tender.panel-pool-closed.v1"]
    assert event["pool"] == closed["closing"]["pool"]
    assert event["commitment"] == closed["closing"]["commitment"]


async def test_code_is_nowhere_when_the_panel_is_not_drawn_yet(parties: Any) -> None:
    tender = await parties.active()
    await parties.panel_closed(tender)
    before = await parties.kept()
    parties.service.clock.advance(hours=1)
    secret = (await parties.service.execute("SELECT secret FROM panel_secrets")).scalar_one().hex()
    tried = await parties.done("POST", f"{paths(tender)}/draw", parties.officer, NUMBERS, dry_run=True)
    assert (tried["status"], tried["seats"]) == ("pool-closed", [])
    await parties.done("POST", f"{paths(tender)}/draw", parties.officer, NUMBERS)
    again = await parties.done("POST", f"{paths(tender)}/draw", parties.head, NUMBERS, dry_run=True)
    assert (again["status"], again["seats"]) == ("pool-closed", [])
    told = str(await parties.events()) + (await parties.send("GET", paths(tender))).text
    drawn = await parties.done("POST", f"{paths(tender)}/draw", parties.head, NUMBERS)
    code = (await parties.shown(f"{paths(tender)}/record"))["draws"][0]["code"]
    everywhere = "".join(rows for table, rows in before.items() if table != "panel_secrets") + told + str(tried)
    assert (secret in everywhere, code in everywhere, secret in str(drawn)) == (False, False, False)
    assert not any(number in told for number in ("[412]", "(412,)"))


async def test_panel_is_drawn_when_two_persons_read_the_same_numbers(parties: Any) -> None:
    tender = await parties.active()
    await parties.panel_closed(tender)
    path = f"{paths(tender)}/draw"
    early = await parties.send("POST", path, parties.officer, NUMBERS)
    parties.refused(early, 409, "beacon-not-yet", "committee.beacon-lead")
    parties.service.clock.advance(hours=1, microseconds=-1)
    early = await parties.send("POST", path, parties.officer, NUMBERS)
    parties.refused(early, 409, "beacon-not-yet", "committee.beacon-lead")
    parties.service.clock.advance(microseconds=1)
    assert (await parties.done("POST", path, parties.officer, NUMBERS))["status"] == "pool-closed"
    # The same person in another role is no second one, and two who read differently have not read the same.
    twice = replace(parties.head, name=parties.officer.name)
    for person in (parties.officer, twice):
        parties.refused(await parties.send("POST", path, person, NUMBERS), 409, "numbers-entered")
    other = {"numbers": [[7, 4], [412]]}
    assert (await parties.done("POST", path, parties.head, other))["status"] == "pool-closed"
    # Whoever has misread corrects the own numbers.
    assert (await parties.done("POST", path, parties.officer, other))["status"] == "forming"
    assert findings(await parties.shown(f"{paths(tender)}/record")) == []
    parties.refused(await parties.send("POST", path, parties.head, NUMBERS), 409, "panel-not-pool-closed")


async def test_panel_is_drawn_at_once_when_its_beacon_is_a_round_of_drand(
    parties: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beacon, "QUICKNET_KEY", drand.KEY)
    tender = await parties.active()
    number = round_in(parties, minutes=11)
    signature = drand.signature(number)
    await parties.panel_closed(tender, beacon={"source": "drand", "round": number})
    path = f"{paths(tender)}/draw"
    early = await parties.send("POST", path, parties.officer, {"signature": SIGNATURE})
    parties.refused(early, 409, "beacon-not-yet", "committee.beacon-lead")
    parties.service.clock.set(datetime.fromtimestamp(1_692_803_367 + 3 * (number - 1), UTC))
    for body, code in (
        (NUMBERS, "randomness-of-another-beacon"),
        ({}, "randomness-of-another-beacon"),
        ({"randomness": "00" * 32}, "randomness-of-another-beacon"),
        ({"signature": SIGNATURE, "randomness": "00" * 32}, "randomness-not-of-signature"),
        ({"signature": SIGNATURE, **NUMBERS}, "randomness-of-another-beacon"),
        ({"signature": SIGNATURE}, "signature-not-of-round"),
        ({"signature": drand.signature(number + 1)}, "signature-not-of-round"),
        ({"signature": "b"}, "value-invalid"),
    ):
        parties.refused(await parties.send("POST", path, parties.officer, body), 422, code)
    drawn = await parties.done("POST", path, parties.officer, {"signature": signature})
    assert [seat["status"] for seat in drawn["seats"]] == ["invited"] * 3
    record = await parties.shown(f"{paths(tender)}/record")
    assert findings(record) == []
    assert record["draws"][0]["beacon"]["round"] == number
    event = dict(await parties.events())["tender.panel-drawn.v1"]
    told = {name: value for name, value in event.items() if name not in {"ocid", "tender"}}
    assert told == record["draws"][0]


async def test_numbers_are_refused_when_they_are_not_those_of_the_records(parties: Any) -> None:
    tender = await parties.active()
    await parties.panel_closed(tender)
    parties.service.clock.advance(hours=1)
    for body in ({"signature": SIGNATURE}, {"numbers": [[7, 3]]}, {"numbers": [[1], [2], [3]]}, {}):
        response = await parties.send("POST", f"{paths(tender)}/draw", parties.officer, body)
        parties.refused(response, 422, "randomness-of-another-beacon")


async def skipped(parties: Any, tender: Any) -> dict[str, str]:
    """Return who was passed over, by which rule."""
    people = {item["id"]: item["person"] for item in await parties.pool_items()}
    draw = (await parties.shown(f"{paths(tender)}/record"))["draws"][0]
    return {people[skip["label"]]: skip["rule"] for skip in draw["skipped"]}


async def test_experts_are_passed_over_by_name_of_the_rule_when_one_keeps_them_away(parties: Any) -> None:
    tender, _ = await parties.opened({"alder": "900000.00", "birch": "1000000.00"})
    await parties.pool()
    for name, organisation, conflicts in (
        ("own", "city", []),
        ("tied", "guild", ["city"]),
        ("rival", "birch", []),
        ("friend", "guild", ["birch"]),
        ("olga", "guild", []),
        ("late", "guild", []),
    ):
        body = parties.expert_body(replace(parties.experts[0], name=name, organisation=organisation))
        proposed = await parties.done("POST", "/v1/experts", parties.head_as_officer, body | {"conflicts": conflicts})
        await parties.done("POST", f"/v1/experts/{proposed['id']}/admission", replace(parties.head, name="hanna"))
    closed = await parties.panel_closed(tender)
    assert len(closed["closing"]["pool"]) == 10
    late = next(item["id"] for item in await parties.pool_items() if item["person"] == "late")
    await parties.done("POST", f"/v1/experts/{late}/retirement", parties.head, {"reason": "Moved away."})
    parties.service.clock.advance(hours=1)
    for person in (parties.officer, parties.head):
        await parties.done("POST", f"{paths(tender)}/draw", person, NUMBERS)
    # Whoever is reached is passed over by the rule that names the reason; all are reached when everybody refuses.
    for _ in range(4):
        first = (await parties.invited(tender))[0]
        await parties.done("POST", f"{paths(tender)}/refusal", first, {"reason": "No time."})
    record = await parties.shown(f"{paths(tender)}/record")
    assert findings(record) == []
    people = {item["id"]: item["person"] for item in await parties.pool_items()}
    passed = [*record["draws"][0]["skipped"], *(skip for one in record["substitutions"] for skip in one["skipped"])]
    assert {people[skip["label"]]: skip["rule"] for skip in passed} == {
        "own": "committee.expert-independent",
        "tied": "committee.expert-independent",
        "rival": "incompatible.bidder",
        "friend": "incompatible.bidder",
        "olga": "incompatible.specification-writer",
        "late": "committee.expert-admitted",
    }
    assert {skip["source"] for skip in passed} == {MODEL}


async def test_bidders_people_are_not_passed_over_when_the_bids_are_sealed(parties: Any) -> None:
    outcomes = []
    for bids in ((), ("institute", "college", "union", "clinic")):
        tender = await parties.active()
        await parties.verify(*bids)
        for bidder in bids:
            await parties.bid(tender, bidder, "900000.00")
        await parties.panel_drawn(tender)
        outcomes.append(await skipped(parties, tender))
    # Whoever saw an expert passed over would know who has bid.
    assert outcomes == [{}, {}]


async def test_next_in_the_order_takes_the_place_when_somebody_refuses(parties: Any) -> None:
    tender = await parties.active()
    drawn = await parties.panel_drawn(tender)
    order = (await parties.shown(f"{paths(tender)}/record"))["draws"][0]["order"]
    labels = [seat["label"] for seat in drawn["seats"]]
    assert labels == order[:3]
    members = await parties.invited(tender)
    secret = {"reason": "My sister is ill."}
    refused = await parties.done("POST", f"{paths(tender)}/refusal", members[1], secret)
    assert [seat["label"] for seat in refused["seats"]] == order
    event = dict(await parties.events())["tender.panel-member-replaced.v1"]
    assert (event["left"], event["because"], event["substitute"]) == (order[1], "refused", order[3])
    # Why somebody refuses is the office's to know, not the public's.
    assert "sister" not in str(await parties.events()) + (await parties.send("GET", paths(tender))).text
    for action, body in (("acceptance", None), ("refusal", secret)):
        response = await parties.send("POST", f"{paths(tender)}/{action}", members[1], body)
        parties.refused(response, 403, "not-on-panel")
    await parties.done("POST", f"{paths(tender)}/acceptance", members[0])
    parties.refused(await parties.send("POST", f"{paths(tender)}/acceptance", members[0]), 409, "seat-taken")
    # The order is used up: the place stays empty, and only another pool can fill it.
    refused = await parties.done("POST", f"{paths(tender)}/refusal", members[2], secret)
    assert [seat["status"] for seat in refused["seats"]] == ["accepted", "refused", "refused", "invited"]
    assert findings(await parties.shown(f"{paths(tender)}/record")) == []
    again = {"beacon": parties.pool_body()["beacon"], "reason": "Nobody is left."}
    response = await parties.send("POST", f"{paths(tender)}/another-pool", parties.officer, again)
    parties.refused(response, 409, "pool-too-small", "committee.expert-admitted")


async def test_seat_is_not_taken_when_its_expert_has_left_the_pool_since_the_draw(parties: Any) -> None:
    tender = await parties.active()
    label = (await parties.panel_drawn(tender))["seats"][0]["label"]
    member = (await parties.invited(tender))[0]
    await parties.done("POST", f"/v1/experts/{label}/retirement", parties.head, {"reason": "Suspended."})
    response = await parties.send("POST", f"{paths(tender)}/acceptance", member)
    parties.refused(response, 409, "expert-kept-away", "committee.expert-admitted")
    refused = await parties.done("POST", f"{paths(tender)}/refusal", member, {"reason": "I am suspended."})
    assert [seat["status"] for seat in refused["seats"]] == ["refused", "invited", "invited", "invited"]


async def test_another_pool_reveals_the_next_code_when_the_first_order_is_used_up(parties: Any) -> None:
    tender = await parties.active()
    await parties.panel_drawn(tender)
    path, again = paths(tender), {"beacon": parties.pool_body()["beacon"], "reason": "Nobody is left."}
    response = await parties.send("POST", f"{path}/another-pool", parties.officer, again)
    parties.refused(response, 409, "panel-places-filled")
    for member in (await parties.invited(tender))[:2]:
        await parties.done("POST", f"{path}/refusal", member, {"reason": "No time."})
    for name in ("quin", "rolf"):
        body = parties.expert_body(replace(parties.experts[0], name=name))
        proposed = await parties.done("POST", "/v1/experts", parties.officer, body)
        await parties.done("POST", f"/v1/experts/{proposed['id']}/admission", parties.head)
    closed = await parties.done("POST", f"{path}/another-pool", parties.officer, again)
    assert (closed["closing"]["iteration"], len(closed["closing"]["pool"]), closed["closing"]["places"]) == (2, 2, 1)
    parties.service.clock.advance(hours=1)
    for person in (parties.officer, parties.head):
        await parties.done("POST", f"{path}/draw", person, NUMBERS)
    record = await parties.shown(f"{path}/record")
    assert findings(record) == []
    assert [draw["iteration"] for draw in record["draws"]] == [1, 2]
    assert record["draws"][0]["commitment"] == record["draws"][1]["commitment"]
    assert record["draws"][0]["code"] != record["draws"][1]["code"]


@pytest.mark.parametrize("state", ["active", "qualification", "evaluation"])
async def test_expert_is_passed_over_when_it_sits_on_too_many_panels_that_are_still_needed(
    parties: Any, state: str
) -> None:
    first = await parties.active()
    await parties.panel_drawn(first)
    if state != "active":
        await parties.verify("alder", "birch")
        for bidder in ("alder", "birch"):
            await parties.bid(first, bidder, "900000.00")
        await parties.open(first)
    if state == "evaluation":
        await parties.qualify(first)
    assert (await parties.shown(f"/v1/tenders/{first['id']}"))["status"] == state
    seat = '{"label": "%s", "kind": "expert", "person": "x", "name": "x", "organisation": "x", "status": "accepted"}'
    label = next(item["id"] for item in await parties.pool_items() if item["person"] == "paul")
    await parties.service.execute(
        "UPDATE panels SET document = jsonb_set(document, '{seats}', (SELECT jsonb_agg(CAST('"
        + seat % label
        + "' AS jsonb)) FROM generate_series(1, 20)))".replace(":", r"\:")
    )
    second = await parties.active()
    await parties.panel_drawn(second)
    assert (await skipped(parties, second)).get("paul", "committee.workload") == "committee.workload"
    assert "paul" not in {member.name for member in await parties.invited(second)}


async def under(parties: Any, tender: Any, pack: str) -> None:
    """Put a procedure under another pack."""
    pinned = f'{{"pack"\\: "{pack}", "pack_version"\\: "1.0.0"}}'
    await parties.service.execute(f"UPDATE tenders SET document = document || '{pinned}' WHERE id = '{tender['id']}'")


async def test_names_are_secret_until_the_result_when_the_pack_says_so(parties: Any) -> None:
    tender, bids = await parties.qualified({"alder": "900000.00", "birch": "1000000.00"})
    await parties.panel_drawn(tender)
    # Whoever is only invited is nobody's news.
    assert (await parties.shown(paths(tender)))["names"] == []
    members = await parties.invited(tender)
    for member in members:
        panel = await parties.done("POST", f"{paths(tender)}/acceptance", member)
    assert len((await parties.shown(paths(tender)))["names"]) == 3
    await under(parties, tender, "cn-services")
    for viewer in (None, parties.bidder("birch"), replace(parties.officer, organisation="county"), parties.experts[0]):
        shown = await parties.send("GET", paths(tender), viewer)
        assert shown.json()["names"] is None
        assert "Dr " not in shown.text
    assert len((await parties.shown(paths(tender), parties.officer))["names"]) == 3
    await under(parties, tender, "model")
    await parties.done("POST", f"{paths(tender)}/chair", parties.officer, {"member": panel["seats"][0]["label"]})
    for member in members:
        await parties.declare(tender, member)
        await parties.send_scores(tender, [(bid, "quality", "80") for bid in bids.values()], member)
    await parties.lock(tender, members)
    await parties.open_prices(tender)
    await under(parties, tender, "cn-services")
    # Prices are no result yet; the proposal of an award is.
    assert (await parties.shown(paths(tender)))["names"] is None
    await under(parties, tender, "model")
    await parties.propose(tender)
    await under(parties, tender, "cn-services")
    names = (await parties.shown(paths(tender)))["names"]
    assert (len(names), names) == (3, sorted(names))


async def test_representative_neither_chairs_nor_comes_from_elsewhere(parties: Any) -> None:
    tender = await parties.active()
    await parties.pool()
    await parties.panel_drawn(tender, experts=2, representatives=1)
    path = f"{paths(tender)}/representatives"
    author = {"person": parties.officer.name, "name": "Olga"}
    response = await parties.send("POST", path, parties.head, author)
    parties.refused(response, 403, "roles-incompatible", "incompatible.specification-writer")
    await parties.done("POST", path, parties.head, {"person": "rita", "name": "Rita"})
    response = await parties.send("POST", path, parties.head, {"person": "rosa", "name": "Rosa"})
    parties.refused(response, 409, "representatives-complete")
    rita = replace(parties.officer, name="rita", roles=("panel-member",))
    panel = await parties.done("POST", f"{paths(tender)}/acceptance", rita)
    label = next(seat["label"] for seat in panel["seats"] if seat["kind"] == "representative")
    response = await parties.send("POST", f"{paths(tender)}/chair", parties.officer, {"member": label})
    parties.refused(response, 403, "roles-incompatible", "incompatible.purchaser-representative")
    invited = next(seat["label"] for seat in panel["seats"] if seat["status"] == "invited")
    response = await parties.send("POST", f"{paths(tender)}/chair", parties.officer, {"member": invited})
    parties.refused(response, 422, "chair-not-member")


async def test_panel_is_reported_when_it_waits_too_long_and_no_more_when_the_procedure_ends(parties: Any) -> None:
    tender = await parties.active()
    closed = await parties.panel_closed(tender)

    async def reported() -> list[str]:
        return [item["waiting_for"] for item in await parties.shown("/v1/overdue") if item["kind"] == "panel"]

    parties.service.clock.set(datetime.fromisoformat(closed["due_at"]) - timedelta(microseconds=1))
    assert await reported() == []
    parties.service.clock.advance(microseconds=1)
    assert await reported() == ["the draw of the panel"]
    for person in (parties.officer, parties.head):
        drawn = await parties.done("POST", f"{paths(tender)}/draw", person, NUMBERS)
    assert await reported() == []
    parties.service.clock.set(datetime.fromisoformat(drawn["due_at"]))
    assert await reported() == ["the answers of those invited to the panel"]
    reason = {"reason": "The need has gone."}
    await parties.done("POST", f"/v1/tenders/{tender['id']}/cancellation", parties.head, reason)
    assert await reported() == []


async def test_next_takes_the_place_when_somebody_is_silent_beyond_the_term(parties: Any) -> None:
    tender = await parties.active()
    drawn = await parties.panel_drawn(tender)
    order = (await parties.shown(f"{paths(tender)}/record"))["draws"][0]["order"]
    path, silent = f"{paths(tender)}/released-seats", {"member": order[0], "reason": "No answer, and none by phone."}
    parties.refused(
        await parties.send("POST", path, parties.head, silent), 409, "seat-term-running", "committee.acceptance"
    )
    parties.service.clock.set(datetime.fromisoformat(drawn["due_at"]))
    parties.refused(await parties.send("POST", path, parties.officer, silent), 403, "role-missing")
    released = await parties.done("POST", path, parties.head, silent)
    assert [(seat["label"], seat["status"]) for seat in released["seats"]] == [
        (order[0], "released"),
        *((label, "invited") for label in order[1:]),
    ]
    event = dict(await parties.events())["tender.panel-member-replaced.v1"]
    assert (event["because"], event["reason"], event["substitute"]) == ("silent", silent["reason"], order[3])
    assert findings(await parties.shown(f"{paths(tender)}/record")) == []


async def test_panel_has_an_etag_and_an_old_one_is_refused(parties: Any) -> None:
    tender = await parties.active()
    await parties.panel_closed(tender)
    parties.service.clock.advance(hours=1)
    response = await parties.send("POST", f"{paths(tender)}/draw", parties.officer, NUMBERS, version=2)
    parties.refused(response, 412, "stale")
    first = await parties.send("POST", f"{paths(tender)}/draw", parties.officer, NUMBERS, version=1, key="once")
    again = await parties.send("POST", f"{paths(tender)}/draw", parties.officer, NUMBERS, version=1, key="once")
    assert (first.headers["etag"], again.headers["etag"], again.content) == ('"2"', '"2"', first.content)
    assert (await parties.send("GET", paths(tender))).headers["etag"] == '"2"'
