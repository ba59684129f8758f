"""Yearly reports and indices over HTTP: entered, confirmed by another, compared with peers, printed."""

from typing import Any

PATH = "/v1/providers/oarsmen/years/2025"
ROSA = ("rosa", "registry", "registry-officer")


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def year(buyer: str = "60.00", year: int = 2025, **changes: Any) -> dict[str, Any]:
    rest = f"{100 - float(buyer):.2f}"
    return {
        "ended_on": f"{year}-12-31",
        "income": [
            {"kind": "public-buyer", "buyer": "county", "amount": euros(buyer)},
            {"kind": "donations", "amount": euros(rest)},
        ],
        "total_income": euros("100.00"),
        "expenses": euros("110.00"),
        "result": euros("-10.00"),
        "staff_end": 8,
        **changes,
    }


async def report(registry: Any, organisation: str, **changes: Any) -> None:
    path = f"/v1/providers/{organisation}/years/2025"
    answer = await registry.ask("PUT", path, registry.clerk(organisation), year(**changes))
    assert answer.status_code == 200, answer.text
    assert (await registry.post(f"{path}/confirmation", ROSA)).status_code == 200


async def index(registry: Any, code: str, query: str = "") -> dict[str, Any]:
    shown = await registry.shown(f"/v1/providers/oarsmen/indices{query}")
    return next(one for one in shown["indices"] if one["code"] == code)


async def test_figures_count_and_are_public_only_once_an_officer_confirmed_them(registry: Any) -> None:
    await registry.bring("registered")
    answer = await registry.ask("PUT", PATH, registry.clerk("oarsmen"), year())
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert answer.json()["entered"]["total_income"] == euros("100.00")
    shown = await registry.shown(PATH)
    assert (shown["entered"], shown["confirmed"]) == (None, None)
    assert (await registry.ask("GET", PATH, ROSA)).json()["entered"] is not None
    assert await registry.shown("/v1/overdue") == []
    registry.service.clock.advance(days=40)
    (waiting,) = await registry.shown("/v1/overdue")
    assert (waiting["kind"], waiting["waiting_for"]) == ("yearly-report", "a registry officer's confirmation")
    assert (await index(registry, "largest-buyer-share"))["missing"] == ["a confirmed yearly report"]
    assert (await registry.post(f"{PATH}/confirmation", ROSA)).status_code == 200
    assert (await registry.shown(PATH))["confirmed"]["result"] == euros("-10.00")
    assert (await index(registry, "largest-buyer-share"))["value"] == "60.00"
    told = [event for event in await registry.service.published() if event.type.startswith("provider.year-")]
    assert [event.type for event in told] == ["provider.year-entered.v1", "provider.year-confirmed.v1"]
    assert {one["code"]: one["value"] for one in told[1].data["indices"]}["deficit-run"] == "1.00"


async def test_year_is_refused_each_time_for_its_own_reason(registry: Any) -> None:
    await registry.bring("registered")
    clerk = registry.clerk("oarsmen")

    async def enter(party: Any, version: str | None = None, **changes: Any) -> tuple[int, str | None]:
        headers = {"If-Match": version} if version else {}
        answer = await registry.ask("PUT", PATH, party, year(**changes), **headers)
        return answer.status_code, answer.json().get("code")

    assert await enter(clerk, year=2026) == (422, "year-in-future")
    assert await enter(clerk, total_income=euros("99.00")) == (422, "income-differs")
    assert await enter(clerk, expenses=euros("-1.00")) == (422, "amount-negative")
    assert (await registry.post(f"{PATH}/confirmation", ROSA)).json()["code"] == "yearly-report-not-entered"
    assert (await registry.ask("GET", PATH)).status_code == 404
    assert await enter(clerk) == (200, None)
    assert await enter(("otto", "oarsmen", "provider")) == (409, "year-entered-by-another")
    assert await enter(clerk, '"7"') == (412, "stale")
    own = ("otto", "oarsmen", "registry-officer")
    assert (await registry.post(f"{PATH}/confirmation", own)).json()["code"] == "own-verification"
    same = (clerk[0], "registry", "registry-officer")
    refusal = (await registry.post(f"{PATH}/confirmation", same)).json()
    assert (refusal["code"], refusal["rule"]) == ("second-person-needed", "second-person.yearly-report")
    assert (await registry.post(f"{PATH}/refusal", ROSA, {"reason": "Not legible."})).status_code == 200
    assert await enter(("otto", "oarsmen", "provider")) == (200, None)
    assert (await registry.shown("/v1/providers/oarsmen/years"))[0]["year"] == 2025


async def test_index_is_compared_with_peers_as_they_were_known_at_the_instant(registry: Any) -> None:
    for number, organisation in enumerate(("oarsmen", "a", "b", "c", "d", "e")):
        # Two legal forms of one kind: they are peers.
        form = "association" if number % 2 else "foundation"
        assert (await registry.register(organisation, legal_form=form)).is_success
        await report(registry, organisation, buyer=f"{50 + number * 5}.00")
    share = await index(registry, "largest-buyer-share")
    # The five others have 55, 60, 65, 70 and 75: places 2, 3 and 4.
    assert share["quartiles"] == {"peers": 5, "lower": "60.00", "median": "65.00", "upper": "70.00"}
    assert "less than three quarters of 5 providers of the same kind and size, as one would wish" in share["reading"]
    assert share["inputs"][0] == {"name": "buyer", "value": "county"}
    instant = registry.service.clock.now().isoformat().replace("+00:00", "Z")
    registry.service.clock.advance(days=1)
    await report(registry, "e", buyer="10.00", staff_end=300)
    assert (await index(registry, "largest-buyer-share"))["quartiles"] is None, "one of the five is large now"
    assert await index(registry, "largest-buyer-share", f"?at={instant}") == share
    page = await registry.service.client.get("/v1/providers/oarsmen/indices/page")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "Income share from the largest public buyer" in page.text
    assert "not rated" in page.text


async def test_figures_of_a_person_are_nobodys_business(registry: Any) -> None:
    assert (await registry.register(legal_form="individual")).is_success
    answer = await registry.ask("PUT", PATH, registry.clerk("oarsmen"), year())
    assert (answer.status_code, answer.json()["code"]) == (409, "individual-reports-nothing")
    assert (await registry.shown("/v1/providers/oarsmen/indices"))["indices"][0]["value"] is None
