"""Cases over HTTP: from a draft that nobody sees to a restriction that the clock ends."""

from datetime import UTC, datetime
from typing import Any

from fastapi.routing import APIRoute

from provider_registry.api.cases import router

OLGA, CARL, RITA = (
    ("olga", "office", "sanctions-officer"),
    ("carl", "court", "sanctions-authority"),
    ("rita", "review", "sanctions-authority"),
)
OARSMEN = ("clerk-of-oarsmen", "oarsmen", "provider")
REPORT: dict[str, Any] = {
    "kind": "debarment",
    "ground": "collusion",
    "scopes": ["tenders", "orders"],
    "facts": "Prices were agreed on with Ms Hill.",
    "evidence": ["a" * 64],
    "event_day": "2026-01-05",
}
LAST_DAY = {"upheld": True, "reasons": "It was shown.", "last_day": "2027-06-01"}
# command: what was done before, path, body, role, organisation
COMMANDS: dict[str, tuple[tuple[str, ...], str, Any, str, str]] = {
    "report_case": ((), "/v1/providers/oarsmen/cases", REPORT, "sanctions-officer", "office"),
    "notify_provider": ((), "notice", None, "sanctions-officer", "office"),
    "withdraw_case": ((), "withdrawal", None, "sanctions-officer", "office"),
    "reply_to_case": (("notice",), "reply", {"statement": "No."}, "provider", "oarsmen"),
    "decide_case": (("notice", "reply"), "decision", LAST_DAY, "sanctions-authority", "court"),
    "settle_case": (
        ("notice", "reply", "decision"),
        "settlement",
        {"evidence": ["b" * 64]},
        "sanctions-authority",
        "court",
    ),
    "appeal_case": (("notice", "reply", "decision"), "appeal", {"grounds": "Wrong."}, "provider", "oarsmen"),
    "decide_appeal": (
        ("notice", "reply", "decision", "appeal"),
        "appeal/decision",
        {"upheld": True, "reasons": "It is."},
        "sanctions-authority",
        "review",
    ),
    "offer_self_cleaning": (
        ("notice",),
        "self-cleaning",
        {"measures": "A new board.", "evidence": ["c" * 64]},
        "provider",
        "oarsmen",
    ),
    "hear_self_cleaning": (
        ("notice", "self-cleaning"),
        "self-cleaning/decision",
        {"accepted": False, "reasons": "Not enough."},
        "sanctions-authority",
        "court",
    ),
}
BY_PATH = {row[1]: row for row in COMMANDS.values()}
PUBLIC = {"show_case", "list_cases", "show_restrictions"}


async def begin(registry: Any, *steps: str, **changes: Any) -> str:
    """Report a case, and take it through steps."""
    response = await registry.post("/v1/providers/oarsmen/cases", OLGA, REPORT | changes)
    assert response.status_code == 201, response.text
    case = str(response.json()["id"])
    for step in steps:
        _, path, body, role, organisation = BY_PATH[step]
        if step == "decision" and changes.get("ground") == "taxes-owed":
            body = {"upheld": True, "reasons": "It was shown."}
        done = await registry.post(f"/v1/cases/{case}/{path}", (f"one-of-{organisation}", organisation, role), body)
        assert done.is_success, done.text
    return case


def test_every_route_is_in_this_matrix() -> None:
    assert {route.name for route in router.routes if isinstance(route, APIRoute)} == COMMANDS.keys() | PUBLIC


async def test_every_command_is_let_through_only_for_the_right_role_of_the_right_body(registry: Any) -> None:
    await registry.bring("registered")
    roles = {"provider", "registry-officer", "sanctions-officer", "sanctions-authority", "operator"}
    for command, (steps, path, body, role, organisation) in COMMANDS.items():
        ground = {"kind": "exclusion-ground", "ground": "taxes-owed"} if command == "settle_case" else {}
        case = "" if command == "report_case" else await begin(registry, *steps, **ground)
        url = path if command == "report_case" else f"/v1/cases/{case}/{path}"

        async def code(*party: str, url: str = url, body: Any = body) -> tuple[int, str | None]:
            answer = await registry.service.client.post(url, json=body, headers=registry.service.headers("zoe", *party))
            return answer.status_code, answer.json().get("code")

        assert await code(organisation, *(roles - {role})) == (403, "role-missing"), command
        if role == "provider":
            assert await code("scullers", role) == (403, "not-own-organisation"), command
        if role == "sanctions-authority":
            assert await code("office", role) == (403, "another-body-needed"), command
            assert await code("oarsmen", role) == (403, "another-body-needed"), command
        assert (await code(organisation, role))[0] in {200, 201}, command


async def test_draft_is_there_for_nobody_but_the_body_that_writes_it(registry: Any) -> None:
    await registry.bring("registered")
    case = await begin(registry)
    assert (await registry.shown("/v1/providers/oarsmen/cases"))["items"] == []
    for party in (None, OARSMEN, CARL, ("otto", "another-office", "sanctions-officer")):
        assert (await registry.ask("GET", f"/v1/cases/{case}", party)).json()["code"] == "not-found"
    for path, party in (("notice", ("otto", "another-office", "sanctions-officer")), ("decision", CARL)):
        assert (await registry.post(f"/v1/cases/{case}/{path}", party, BY_PATH[path][2])).status_code == 404
    assert (await registry.ask("GET", f"/v1/cases/{case}", OLGA)).json()["status"] == "draft"
    assert await registry.types() == ["provider.registered.v1"]
    await registry.post(f"/v1/cases/{case}/withdrawal", OLGA)
    assert await registry.types() == ["provider.registered.v1"]


async def test_debarment_goes_from_report_to_its_end_and_each_instant_is_answered_as_it_was(registry: Any) -> None:
    await registry.bring("registered")
    clock = registry.service.clock
    clock.advance(hours=1)
    case = await begin(registry, "notice", pack="uk-2023", ground="insolvency")
    early = await registry.post(f"/v1/cases/{case}/decision", CARL, LAST_DAY)
    assert (early.status_code, early.json()["code"]) == (409, "reply-period-open")
    assert early.json()["rule"] == "case.reply-heard"
    clock.advance(days=1)
    assert (await registry.post(f"/v1/cases/{case}/reply", OARSMEN, {"statement": "We did not."})).is_success
    clock.advance(days=1)
    decided = (await registry.post(f"/v1/cases/{case}/decision", CARL, LAST_DAY)).json()
    assert (decided["status"], decided["decided_by"]) == ("decided", "court")

    async def restricted(at: Any = None) -> tuple[bool, bool, bool]:
        query = f"?at={at.isoformat().replace('+00:00', 'Z')}" if at else ""
        shown = await registry.shown(f"/v1/providers/oarsmen/restrictions{query}")
        return shown["tenders"]["restricted"], shown["orders"]["restricted"], shown["payments"]["restricted"]

    before = clock.now()
    assert await restricted() == (False, False, False)
    clock.advance(days=30)
    assert await restricted() == (True, True, False)
    assert await registry.service.let_time_act() > 0
    (one,) = (await registry.shown("/v1/providers/oarsmen/restrictions"))["tenders"]["restrictions"]
    assert (one["case"], one["rule"], one["until"]) == (case, "exclusion.debarred", "2027-06-01T23:00:00.000000Z")
    within = clock.now()
    clock.advance(days=600)
    assert await registry.service.let_time_act() > 0
    assert await registry.service.let_time_act() == 0
    assert [await restricted(at) for at in (None, before, within)] == [
        (False, False, False),
        (False, False, False),
        (True, True, False),
    ]
    assert (await registry.types())[1:] == [
        f"provider.case-{what}.v1" for what in ("notified", "replied", "decided", "in-force", "ended")
    ]
    (ended,) = [event for event in await registry.service.published() if event.type == "provider.case-ended.v1"]
    assert ended.data["ended_at"] == "2027-06-01T23:00:00.000000Z"
    assert datetime.fromisoformat(str(ended.data["ended_at"])) < clock.now().astimezone(UTC)


async def test_texts_are_shown_to_the_parties_alone_and_persons_to_nobody(registry: Any) -> None:
    await registry.bring("registered")
    case = await begin(registry, "notice", "reply", "decision")
    for party, told in ((None, False), (OARSMEN, True), (OLGA, True), (("sue", "scullers", "provider"), False)):
        shown = (await registry.ask("GET", f"/v1/cases/{case}", party)).json()
        assert (shown["texts"] is not None) == told
        assert "one-of" not in str(shown)
        assert "olga" not in str(shown)
    (item,) = (await registry.shown("/v1/providers/oarsmen/cases"))["items"]
    assert (item["id"], item["texts"]) == (case, None)
    said = str([event.data for event in await registry.service.published()])
    for never in ("Hill", "olga", "one-of-court", "No."):
        assert never not in said


REFUSED: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"evidence": []}, 422, "evidence-missing"),
    ({"evidence": ["a" * 63]}, 422, "value-invalid"),
    ({"evidence": ["a" * 64] * 2}, 422, "evidence-repeated"),
    ({"event_day": "2126-01-01"}, 422, "event-in-future"),
    ({"ground": "no-such"}, 422, "ground-unknown"),
    ({"kind": "exclusion-ground", "ground": None}, 422, "ground-missing"),
    ({"scopes": []}, 422, "scopes-missing"),
    ({"pack": "no-such"}, 404, "pack-unknown"),
    ({"kind": "revenge"}, 422, "value-invalid"),
)


async def test_report_is_refused_with_its_own_problem(registry: Any) -> None:
    await registry.bring("registered")
    for changes, status, code in REFUSED:
        answer = await registry.post("/v1/providers/oarsmen/cases", OLGA, REPORT | changes)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    unknown = await registry.post("/v1/providers/nobody/cases", OLGA, REPORT)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")


async def test_undecided_case_is_overdue_and_a_decision_on_another_version_is_stale(registry: Any) -> None:
    await registry.bring("registered")
    case = await begin(registry, "notice")
    registry.service.clock.advance(days=90)
    (item,) = await registry.shown("/v1/overdue")
    assert (item["kind"], item["id"], item["waiting_for"]) == ("case", case, "the decision of the case")
    stale = await registry.post(f"/v1/cases/{case}/decision", CARL, LAST_DAY, **{"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    done = await registry.post(f"/v1/cases/{case}/decision", CARL, LAST_DAY, **{"If-Match": '"2"'})
    assert done.json()["status"] == "in-force"
    assert await registry.shown("/v1/overdue") == []
    await registry.post(f"/v1/cases/{case}/appeal", OARSMEN, {"grounds": "Wrong."})
    won = await registry.post(f"/v1/cases/{case}/appeal/decision", RITA, {"upheld": True, "reasons": "It is."})
    assert (won.json()["status"], won.json()["ended_because"]) == ("ended", "appeal")
