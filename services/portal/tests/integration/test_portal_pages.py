"""The pages and their JSON twins, over a whole journey of events."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.contracts import withholding
from shared.contracts.appropriation import Appropriated, CarriedOver, Revised
from shared.contracts.audit import ProcessImported
from shared.contracts.event import EventData
from shared.contracts.tender import Cancelled, QuestionAsked, ReturnedToDraft, Unsuccessful
from shared.kernel.money import Money
from shared.testing.services import RunningService

OCID, DR, ZZ = "ocds-cxswn1-0001", "ocds-6550wx-DO 1/2", "ocds-zz-1"
Journey = Sequence[tuple[str, EventData]]
Imported = Callable[..., ProcessImported]


async def test_the_procedure_shows_its_state_and_amounts_when_a_journey_is_told(told: RunningService) -> None:
    shown = (await told.client.get(f"/v1/procedures/{OCID}")).json()

    assert (shown["state"], shown["sandbox"], shown["external"], shown["events"]) == ("contracted", True, False, 15)
    assert {name: value["amount"] for name, value in shown["amounts"].items()} == {
        "estimate": "1200000.00",
        "reserved": "1050000.00",  # 1,200,000 set aside less 150,000 released
        "awarded": "1050000.00",
        "contracted": "1050000.00",
        "committed": "1050000.00",
        "accrued": "525000.00",
        "paid": "498750.00",
        "held": "26250.00",
    }
    assert shown["appropriation"]["amount"] == {"amount": "5000000.00", "currency": "EUR"}
    assert [supplier["id"] for supplier in shown["suppliers"]] == ["silver-oak"]
    assert shown["course"]["plan"]["data"]["title"] == "Home care"
    (contract,) = shown["course"]["contracts"]
    assert contract["assigned"]["data"]["seed"] == "5eed" * 16
    assert [(period["period"], period["amount"]["amount"]) for period in contract["periods"]] == [
        ("period-1", "525000.00"),
        ("period-2", "525000.00"),
    ]
    assert contract["periods"][0]["held"][0]["data"]["reason"] == "Held until the findings are mended."


async def test_what_is_granted_counts_revisions_and_what_was_carried_over(
    portal: RunningService, portal_journey: Journey
) -> None:
    for source, data in portal_journey:
        await portal.deliver(source, data)
    (granted,) = [data for _, data in portal_journey if isinstance(data, Appropriated)]
    less, more, nothing = Money(-100_000_000, "EUR"), Money(35_500_000, "EUR"), Money(0, "EUR")
    revised = Revised(
        line=granted.line, revision=granted.line, kind="reduction", amount=less, appropriated=nothing, available=nothing
    )
    carried = CarriedOver.of(granted, from_line=granted.line, amount=more, available=nothing)
    await portal.deliver("budget", revised, carried)
    shown = (await portal.client.get(f"/v1/procedures/{OCID}")).json()
    assert shown["appropriation"]["amount"]["amount"] == "4355000.00"


async def test_the_page_tells_it_when_a_journey_is_told(told: RunningService) -> None:
    page = (await told.client.get(f"/procedures/{OCID}")).text

    for text in (
        "contracted",
        "Sandbox",
        "5,000,000.00 EUR",
        "1,050,000.00 EUR",
        "498,750.00 EUR",
        "Held in period period-1: Held until the findings are mended.",
        "FastCare Ltd",
        "92.0952",
        "800/21 + 36 + 18",
        "5eed" * 16,
        "passed over by rule <code>supervisor-independent</code>",
        "Two visits began late.",
        "max(0, 86 - 2), half up",
        "inspection.period-graded.v1",
        "Visits &amp; meals.",
        'href="/tender/v1/events?after=0"',
        '<time datetime="2026-04-01T09:00:00Z">2026-04-01 09:00:00 UTC</time>',
    ):
        assert text in page


async def test_the_points_stand_in_the_order_of_the_criteria(told: RunningService) -> None:
    page = (await told.client.get(f"/procedures/{OCID}")).text

    headings = re.findall(r'<th scope="col" class="number">([^<]+)</th>', page.partition("price formula")[2])
    assert headings[:6] == ["Rank", "Price", "Price points", "Care concept", "Trained staff", "Total"]
    assert "<td>Price</td>" in page  # A step of the derivation names the criterion by its title.


async def test_every_event_of_the_timeline_leads_to_its_page_and_its_feed(told: RunningService) -> None:
    events = (await told.client.get(f"/v1/procedures/{OCID}/events")).json()

    assert [event["type"] for event in events[:3]] == [
        "tender.planned.v1",
        "tender.funding-requested.v1",
        "budget.reserved.v1",
    ]
    assert len(events) == 16  # the fifteen of the procedure and the plan's
    reserved = events[2]
    assert reserved["links"]["event"] == f"/budget/v1/events/{reserved['id']}"
    assert reserved["links"]["feed"] == "/budget/v1/events?after=1"
    for event in events:
        page = await told.client.get(event["links"]["page"])
        assert page.status_code == 200
        assert event["id"] in page.text


async def test_the_event_page_shows_the_whole_cloud_event(told: RunningService) -> None:
    event = told.sources["budget"].events[0]

    page = (await told.client.get(f"/events/budget/{event.id}")).text

    assert "urn:coxswain:event:budget.appropriated.v1" in page
    assert "&#34;code&#34;: &#34;31-05&#34;" in page
    assert page.index("specversion") < page.index("dataschema") < page.index("fiscal_year")
    assert (await told.client.get(f"/events/tender/{event.id}")).status_code == 404


async def test_the_list_shows_own_and_external_procedures_when_both_are_there(told: RunningService) -> None:
    page = (await told.client.get("/")).text

    assert "Home care 2026" in page
    assert "Other publisher" in page
    assert "Dirección General de Contrataciones Públicas (Dominican Republic), made available under the ODbL." in page
    assert 'href="/procedures/ocds-6550wx-DO%201%2F2"' in page
    assert "<strong>3</strong> procedures" in page
    detail = await told.client.get("/procedures/ocds-6550wx-DO%201%2F2")
    assert detail.status_code == 200
    assert "1,000.00 DOP" in detail.text  # at a glance
    assert "900.125 DOP" in detail.text  # as its publisher tells it
    assert "2021-10-29 13:35:00" in detail.text
    twin = (await told.client.get("/v1/procedures/ocds-6550wx-DO%201%2F2")).json()
    assert (twin["state"], twin["external"], twin["course"]["imported"]["data"]["bids"]) == ("complete", True, 3)
    assert len((await told.client.get("/v1/procedures/ocds-6550wx-DO%201%2F2/events")).json()) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {OCID, DR, ZZ}),
        ("state=complete", {DR, ZZ}),
        ("state=contracted", {OCID}),
        ("external=true", {DR, ZZ}),
        ("external=false", {OCID}),
        ("sandbox=true", {OCID}),
        ("buyer=county", {OCID}),
        ("buyer=nobody", set()),
        ("q=CARE", {OCID}),
        ("q=100%25", {ZZ}),
        ("q=%25", {ZZ}),
        ("q=_", set()),
        ("q=%27;%20DROP%20TABLE%20procedures;--", set()),
    ],
)
async def test_procedures_are_filtered(told: RunningService, query: str, expected: set[str]) -> None:
    answer = await told.client.get(f"/v1/procedures?{query}")

    assert {item["ocid"] for item in answer.json()["items"]} == expected


async def test_pages_of_the_list_are_complete_and_do_not_overlap(
    portal: RunningService, portal_journey: Journey, imported: Imported
) -> None:
    for number in range(7):
        portal.clock.advance(seconds=number % 2)  # some at the same instant
        await portal.deliver("evaluation", imported(f"x-{number}"))
    own = portal_journey[4][1]
    for ocid in ("own-1", "own-2"):
        await portal.deliver("tender", own.model_copy(update={"ocid": ocid}))
    portal.clock.advance(hours=1)
    await portal.deliver("evaluation", imported("x-7"))
    seen, query = [], "limit=3"
    while query:
        page = (await portal.client.get(f"/v1/procedures?{query}")).json()
        seen += [item["ocid"] for item in page["items"]]
        query = f"limit=3&cursor={page['next']}" if page["next"] else ""

    assert seen == ["own-2", "own-1", "x-7", "x-6", "x-5", "x-4", "x-3", "x-2", "x-1", "x-0"]


async def test_the_page_leads_to_the_next_one_when_there_are_more_than_fit(
    portal: RunningService, imported: Imported
) -> None:
    await portal.deliver("evaluation", *(imported(f"y-{number:03}", f"Lote {number:03}") for number in range(53)))

    first = (await portal.client.get("/?q=Lote")).text
    place = first.partition("cursor=")[2].partition('"')[0]
    second = (await portal.client.get(f"/?q=Lote&cursor={place}")).text

    assert (first.count("Lote 0"), second.count("Lote 0")) == (50, 3)
    assert "First page" in second
    assert "Next page" not in second


async def test_providers_are_shown_with_their_record(told: RunningService) -> None:
    assert "not rated" in (await told.client.get("/providers")).text
    page = (await told.client.get("/providers/silver-oak")).text
    assert "XX-REG 77" in page
    assert "period-1: B (84.00)" in page
    (item,) = (await told.client.get("/v1/providers")).json()["items"]
    assert (item["status"], item["record"]["contracts"], item["record"]["mean_score"]) == ("verified", 1, None)
    detail = (await told.client.get("/v1/providers/silver-oak")).json()
    assert [procedure["ocid"] for procedure in detail["procedures"]] == [OCID]
    assert [event["type"] for event in detail["events"]] == [
        "provider.registered.v1",
        "provider.verified.v1",
        "provider.record-updated.v1",
    ]


async def test_the_reason_is_shown_when_a_procedure_ends_or_goes_back(
    portal: RunningService, portal_journey: Journey
) -> None:
    asked = portal_journey[4][1]
    back = ReturnedToDraft(ocid=OCID, tender=asked.tender, code="insufficient-funds", reason="Not enough.")  # type: ignore[attr-defined]
    ends = (
        (back, "draft", "draft"),
        (Cancelled(ocid=OCID, tender=back.tender, reason="The need is gone."), "cancelled", "The need is gone."),
        (
            Unsuccessful(ocid=OCID, tender=back.tender, bids=0, reason="No bid.", rule="gate", source="Art. 43"),
            "unsuccessful",
            "No bid.",
        ),
    )
    await portal.deliver("tender", asked)
    for event, state, text in ends:
        portal.clock.advance(hours=1)
        await portal.deliver("tender", event)
        assert (await portal.client.get(f"/v1/procedures/{OCID}")).json()["state"] == state
        assert text in (await portal.client.get(f"/procedures/{OCID}")).text


async def test_nothing_is_overdue(portal: RunningService) -> None:
    assert (await portal.client.get("/v1/overdue")).json() == []


@pytest.mark.parametrize(
    "text",
    ["2026-03-02T10:00:00 is what the notice says; is it right?", "9999-12-31T23:59:59-14:00", "2026-13-99T10:00:00"],
)
async def test_the_page_is_shown_when_a_question_begins_like_an_instant(portal: RunningService, text: str) -> None:
    asked = QuestionAsked(
        ocid=OCID, tender=UUID(int=2), question=UUID(int=20), asker="a" * 64, text=text, lot=None, criterion=None,
        asked_at=datetime(2026, 3, 3, tzinfo=UTC), answer_due=datetime(2026, 3, 10, tzinfo=UTC),
    )  # fmt: skip
    await portal.deliver("tender", asked)
    page = await portal.client.get(f"/procedures/{OCID}")
    assert (page.status_code, text in page.text) == (200, True)
    events = await portal.client.get(f"/v1/procedures/{OCID}/events")
    assert (events.status_code, events.json()[0]["sentence"].endswith(text)) == (200, True)


async def test_the_page_tells_what_became_of_what_was_held(told: RunningService) -> None:
    of_hold = {
        "ocid": OCID,
        "contract": UUID(int=5),
        "hold": UUID(int=9),
        "period": "period-1",
        "payee": "silver-oak",
        "amount": Money(2_625_000, "EUR"),
        "rest": Money(2_625_000, "EUR"),
    }
    at = datetime(2026, 7, 1, tzinfo=UTC)
    await told.deliver("budget", withholding.HoldAppealed(**of_hold, appealed_at=at, decision_due=at))
    decided = withholding.HoldDecided(**of_hold, outcome="released", appealed=True, reason="Mended.", decided_at=at)
    await told.deliver("budget", decided)
    page = (await told.client.get(f"/procedures/{OCID}")).text
    assert "That 26,250.00 EUR are held back for period period-1 is contested, to be decided by" in page
    assert "It was decided on 26,250.00 EUR that are held back for period period-1: Mended." in page
    assert (await told.client.get(f"/v1/procedures/{OCID}")).status_code == 200
