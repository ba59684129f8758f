"""The page of a procedure with lots, what it keeps until the prices are opened, and what older events make."""

from collections import Counter
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import procedure_with_lots as given_lots
import pytest

from portal.domain.entry import Entry
from portal.usecases import commands
from shared.contracts import award, budget, catalogue, provider, tender
from shared.kernel.ids import new_id
from shared.testing.services import RunningService

OCID = given_lots.OCID
PAGE, TWIN = f"/procedures/{OCID}", f"/v1/procedures/{OCID}"


class Outline(HTMLParser):
    """What a reader that cannot see finds on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.referred: set[str] = set()
        self.tables: list[Counter[str]] = []
        self.unscoped: list[str] = []
        self.headings: list[int] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids[given["id"]] += 1
        self.referred |= set(given.get("aria-labelledby", "").split())
        if given.get("href", "").startswith("#"):
            self.referred.add(given["href"][1:])
        if tag == "table":
            self.tables.append(Counter())
        elif tag in {"caption", "th", "td"} and self.tables:
            self.tables[-1][tag] += 1
            if tag == "th" and given.get("scope") not in {"row", "col"}:
                self.unscoped.append(str(given))
        elif tag in {"h1", "h2", "h3", "h4", "h5"}:
            self.headings.append(int(tag[1]))


def section(page: str, anchor: str) -> str:
    """Return a section of the page by the id of its heading."""
    return page.partition(f'<section aria-labelledby="{anchor}">')[2].partition("</section>")[0]


async def test_the_page_can_be_read_by_anybody(told_of_lots: RunningService) -> None:
    outline = Outline((await told_of_lots.client.get(PAGE)).text)

    assert {name: count for name, count in outline.ids.items() if count > 1} == {}
    assert outline.referred - set(outline.ids) == set()
    assert {"lots", "lot-1", "lot-2", "lot-3", "contract-1", "contract-2"} <= set(outline.ids)
    assert [table["caption"] for table in outline.tables] == [1] * len(outline.tables)
    assert outline.unscoped == []
    steps = [lower - higher for higher, lower in zip(outline.headings, outline.headings[1:], strict=False)]
    assert max(steps) == 1  # no level is left out


@pytest.mark.parametrize(
    ("anchor", "texts"),
    [
        ("lots", ["North of the river", "South of the river", "East", "contracted", "standstill", "unsuccessful",
                  "380,000.00 EUR", "299,999.00 EUR"]),
        ("lot-1", ["No proof of insurance was handed in.",
                   "(rule <code>qualification.insurance</code>, Coxswain model pack)",
                   "1 bid did not count by then; its price stays sealed.", "62.5 %", "95.0 %",
                   "<code>abnormally-low.below-estimate</code>",
                   "<strong>The price stands</strong>: The routes are short.",
                   "Confirmed: <strong>Silver Oak Association</strong> for 380,000.00 EUR", "Awards that did not last",
                   "FastCare Ltd did not sign in time.", '<a href="#contract-2">The contract</a>', "94.0000"]),
        ("lot-2", ["The annex on training is missing.", "c0" * 32, "The bid was not excluded", "The lottery of 1 May",
                   "Worked out again by this page, the draw comes to the order that was published:", given_lots.BEACON,
                   f"<code>{OCID}/south</code>", "3441921adf1b2c918927eca44efa66734a477da7b35b7b4d6aecc7b60cd69655",
                   "d2f2b09dee86fcd3127e22ca1fb6f06e5b3f9fc83fe49a285e4f33bcd94ca8bd"]),
        ("lot-3", ["Unsuccessful: There are fewer bids than the rule asks for.",
                   "(rule <code>gate.responsive.minimum-bids</code>, Coxswain model pack)", "125.0 %"]),
        ("contract-1", ["The award that it was made from was taken back."]),
        ("contract-2", ["Contract with Silver Oak Association for “North of the river”", "380,000.00 EUR were bound"]),
    ],
)  # fmt: skip
async def test_each_section_tells_its_own_part(told_of_lots: RunningService, anchor: str, texts: list[str]) -> None:
    found = section((await told_of_lots.client.get(PAGE)).text, anchor)

    assert [text for text in texts if text not in found] == []


async def test_nothing_of_one_lot_stands_in_another(told_of_lots: RunningService) -> None:
    page = (await told_of_lots.client.get(PAGE)).text

    assert "Bright Days" not in section(page, "lot-2")
    assert "annex on training" not in section(page, "lot-1")
    assert "Equal bids" not in section(page, "lot-1")
    assert "Ranking and award" not in section(page, "lot-3")


async def test_the_twin_has_the_same_lots(told_of_lots: RunningService) -> None:
    shown = (await told_of_lots.client.get(TWIN)).json()
    north, south, east = shown["course"]["lots"]

    assert [(lot["id"], lot["state"], len(lot["bids"])) for lot in (north, south, east)] == [
        ("north", "contracted", 3),
        ("south", "standstill", 2),
        ("east", "unsuccessful", 1),
    ]
    assert (north["award"]["status"], north["award"]["supplier"]["id"]) == ("active", "silver-oak")
    (fallen,) = north["cancelled_awards"]
    assert (fallen["status"], fallen["cancelled"]["data"]["reason"]) == (
        "cancelled",
        "FastCare Ltd did not sign in time.",
    )
    assert north["contract"] == str(given_lots.SIGNED)
    assert [bid["price"] and bid["price"]["amount"] for bid in north["bids"]] == ["380000.00", "250000.00", None]
    assert north["bids"][2]["excluded"]["link"].startswith("/tender/v1/events/")
    assert (south["ties"][0]["agrees"], len(south["ties"][0]["places"])) == (True, 2)
    assert (east["ended"]["rule"], east["ended"]["source"]) == ("gate.responsive.minimum-bids", "Coxswain model pack")
    assert east["award"] is None
    assert [contract["contract"] for contract in shown["course"]["contracts"]] == [
        str(given_lots.UNSIGNED),
        str(given_lots.SIGNED),
    ]
    assert {name: value and value["amount"] for name, value in shown["amounts"].items()} == {
        "estimate": "900000.00",
        "reserved": "700000.00",  # 900,000 less the 200,000 of the lot that ended
        "awarded": "380000.00",  # without the 250,000 that were taken back
        "contracted": "380000.00",
        "committed": "380000.00",
        "accrued": None,
        "paid": None,
        "held": None,
    }


async def test_the_timeline_says_what_happened(told_of_lots: RunningService) -> None:
    sentences = {event["type"]: event["sentence"] for event in (await told_of_lots.client.get(f"{TWIN}/events")).json()}
    page = section((await told_of_lots.client.get(PAGE)).text, "timeline")

    assert sentences["award.cancelled.v1"] == (
        "Lot “North of the river”: The award to FastCare Ltd was taken back: FastCare Ltd did not sign in time."
    )
    assert sentences["award.price-explained.v1"] == "Lot “North of the river”: A price was explained by FastCare Ltd."
    assert all(sentence in page for sentence in sentences.values())


async def test_no_price_is_shown_until_the_prices_are_opened(portal: RunningService) -> None:
    shown: dict[str, str] = {}
    for source, data in given_lots.journey():
        if isinstance(data, award.PriceExplanationRequested):
            break
        await portal.deliver(source, data)
        shown[data.TYPE] = (await portal.client.get(PAGE)).text

    before, after = shown[tender.BidsQualified.TYPE], shown[tender.PricesOpened.TYPE]
    assert "How the prices came out" not in before
    assert before.count("The prices stay sealed until the quality is settled.") == 3
    assert "250,000.00 EUR" not in before
    assert "How the prices came out" in after
    assert "The prices stay sealed" not in after
    assert "Bids and award" not in shown[tender.Published.TYPE]


async def test_a_draw_that_does_not_come_out_is_called_so(portal: RunningService) -> None:
    for source, data in given_lots.journey():
        wrong = {"order": tuple(reversed(data.order))} if isinstance(data, award.TieDrawn) else {}
        await portal.deliver(source, data.model_copy(update=wrong))

    page = (await portal.client.get(PAGE)).text

    assert "the draw does not come to the order that was published." in page
    assert "the draw comes to the order" not in page


async def test_a_procedure_is_found_by_each_of_its_suppliers(portal: RunningService) -> None:
    for source, data in given_lots.journey():
        await portal.deliver(source, data)
    confirmed = award.Confirmed(
        **given_lots.OF, lot="south", award=given_lots.DRAWN, contract=new_id(), supplier=given_lots.FAST,
        value=given_lots.eur(299_999), signature_due=given_lots.START,
    )  # fmt: skip
    rows = "SELECT unnest(suppliers) FROM procedures"
    assert [row[0] for row in await portal.execute(rows)] == ["silver-oak"]
    await portal.deliver("tender", confirmed)

    assert [row[0] for row in await portal.execute(rows)] == ["silver-oak", "fastcare"]
    for supplier in (given_lots.OAK, given_lots.FAST, given_lots.BRIGHT):
        registered = provider.ProviderRegistered(
            provider=supplier.id, name=supplier.name, legal_form="association",
            identifier=provider.Identifier(scheme="XX-REG", id=supplier.id),
        )  # fmt: skip
        await portal.deliver("provider-registry", registered)
    won = {
        supplier.id: len((await portal.client.get(f"/v1/providers/{supplier.id}")).json()["procedures"])
        for supplier in (given_lots.OAK, given_lots.FAST, given_lots.BRIGHT)
    }
    assert won == {"silver-oak": 1, "fastcare": 1, "bright": 0}


async def test_the_tables_are_equal_when_lots_are_built_again(portal: RunningService) -> None:
    for source, data in given_lots.journey():
        portal.clock.advance(minutes=1)
        await portal.deliver(source, data)
    tables = "SELECT document::text, suppliers::text FROM procedures"
    before, page = list(await portal.execute(tables)), (await portal.client.get(TWIN)).json()
    started = await portal.client.post(
        "/v1/projections/procedures/rebuild",
        headers={**portal.headers("ann", "platform", "operator"), "Idempotency-Key": "1"},
    )
    assert started.status_code == 202
    assert list(await portal.execute(tables)) == []
    for source in ("budget", "tender"):
        for _ in range(2):  # the first reading finds that the place was forgotten
            await portal.deliver(source)

    assert list(await portal.execute(tables)) == before
    assert (await portal.client.get(TWIN)).json() == page


def raw(event_type: str, file: str) -> dict[str, Any]:
    return next(data for name, found, data in catalogue.golden_examples() if (name, found) == (event_type, file))


async def tell_raw(portal: RunningService, event_type: str, data: dict[str, Any]) -> None:
    """Let an event come as it was written when its type had fewer fields."""
    model = catalogue.event_types()[event_type]
    source = portal.sources[model.OWNER]
    portal.clock.advance(minutes=1)
    source.add(model.model_validate(data), at=portal.clock)
    source.events[-1] = source.events[-1].model_copy(update={"data": data})
    await portal.deliver(model.OWNER)


async def test_older_events_make_one_lot_when_they_name_none(portal: RunningService) -> None:
    for event_type, file in (
        ("tender.published.v1", "meals.json"),
        ("tender.opened.v1", "three-valid-bids.json"),
        ("award.proposed.v1", "three-bids.json"),
        ("contract.signed.v1", "meals.json"),
    ):
        await tell_raw(portal, event_type, raw(event_type, file))
    ocid = raw("contract.signed.v1", "meals.json")["ocid"]

    (lot,) = (await portal.client.get(f"/v1/procedures/{ocid}")).json()["course"]["lots"]
    page = (await portal.client.get(f"/procedures/{ocid}")).text

    assert (lot["state"], len(lot["bids"])) == ("contracted", 3)
    assert all(bid["price"] and bid["priced"] == bid["opened"] for bid in lot["bids"])
    assert '<section aria-labelledby="lots">' not in page
    assert "Opened with the bids:" in section(page, "lot-1")
    assert "1,050,000.00 EUR" in section(page, "lot-1")


async def test_every_golden_example_makes_a_page_when_it_is_all_there_is(portal: RunningService) -> None:
    examples = [(name, data) for name, _, data in catalogue.golden_examples() if "ocid" in data]
    for number, (event_type, data) in enumerate(examples):
        ocid = f"ocds-golden-{number}"
        await tell_raw(portal, event_type, {**data, "ocid": ocid})
        page = await portal.client.get(f"/procedures/{quote(ocid)}")

        assert (event_type, page.status_code) == (event_type, 200)
        assert f"{event_type}</code>" in page.text
        assert (await portal.client.get(f"/v1/procedures/{ocid}")).status_code == 200
    assert (await portal.execute("SELECT count(*) FROM parked")).scalar() == 0
    assert len(examples) > 20


async def test_what_bidders_and_offices_wrote_stays_text(portal: RunningService) -> None:
    hostile = "<script>alert(1)</script>{{ 7*7 }}{reason}"
    for source, data in given_lots.journey():
        named = {name: hostile for name in ("reason", "what", "source") if hasattr(data, name)}
        if not isinstance(data, budget.Released | tender.BidExcluded):
            data = data.model_copy(update=named)  # noqa: PLW2901 - the same event, said by somebody hostile
        await portal.deliver(source, data)

    page = (await portal.client.get(PAGE)).text

    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}{reason}") >= 8
    assert "<script" not in page


def entry(number: int, event_type: str, data: dict[str, Any]) -> Entry:
    return Entry(
        id=new_id(), source="tender", position=1000 + number, type=event_type, key=OCID,
        time=given_lots.START + timedelta(days=365 + number), sandbox=False,
        event={"type": event_type, "data": {"ocid": OCID, **data}},
    )  # fmt: skip


async def test_questions_amendments_and_changes_are_shown_when_they_are_told(portal: RunningService) -> None:
    for source, data in given_lots.journey():
        await portal.deliver(source, data)
    at, lot = "2026-03-05T09:00:00Z", {"id": "north", "title": "The northern bank", "value": None}
    milestones = [{"period": "1", "start": "2026-05-01", "end": "2026-08-31", "amount": None}]
    contract = {"contract": str(given_lots.SIGNED)}
    entries = [
        entry(1, "tender.question-asked.v1",
              {"question": "a", "text": "Are <b>weekends</b> in?", "lot": "north", "asked_at": at, "answer_due": at}),
        entry(2, "tender.question-asked.v1",
              {"question": "b", "text": "How many routes?", "lot": None, "asked_at": at, "answer_due": at}),
        entry(3, "tender.question-answered.v1",
              {"question": "a", "text": "They are.", "answered_at": at, "closes_at": at}),
        entry(4, "tender.amended.v1", {"reason": "The lot has another name.", "lots": [lot], "closes_at": at}),
        entry(5, "contract.changed.v1", {
            **contract, "reason": "More people.", "value": {"amount": "400000.00", "currency": "EUR"},
            "milestones": milestones}),
    ]  # fmt: skip
    async with portal.runtime.engine.begin() as connection:
        await commands.enter(portal.runtime.work(connection), entries)

    page = (await portal.client.get(PAGE)).text
    course = (await portal.client.get(TWIN)).json()["course"]

    found = section(page, "questions")
    assert "Lot “The northern bank”: Are &lt;b&gt;weekends&lt;/b&gt; in?" in found
    assert "They are." in found
    assert "awaited, due" in found.partition("How many routes?")[2]
    assert "The lot has another name." in section(page, "tender")
    changed = section(page, "contract-2")
    assert "changed since to <strong>400,000.00 EUR</strong>" in changed
    assert "The contract was changed, and is worth 400,000.00 EUR from then on: More people." in changed
    assert [(one["question"], len(one["answers"])) for one in course["questions"]] == [("a", 1), ("b", 0)]
    assert [one["sentence"] for one in course["amended"]] == [
        "The tender was amended, and bids are invited until 2026-03-05 09:00 UTC: The lot has another name."
    ]
    assert course["contracts"][1]["value"] == {"amount": "400000.00", "currency": "EUR"}
    assert Outline(page).unscoped == []
