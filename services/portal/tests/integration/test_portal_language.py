"""The published language as partners find it: a document, a schema per event type, and a page."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.contracts import asyncapi, catalogue
from shared.testing.services import RunningService

OCID = "ocds-cxswn1-0001"
DOCUMENT = Path(__file__).parents[4] / "docs/api/asyncapi.json"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Page(HTMLParser):
    """What a reader finds on a page: places, links, headings, code listings and the cells of tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.labels: list[str] = []
        self.listings: list[str] = []
        self.rows: dict[str, list[list[str]]] = {}
        self._within: list[str] = []
        self._caption = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._within.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.labels += given.get("aria-labelledby", "").split()
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        match tag:
            case "pre":
                self.listings.append("")
            case "caption":
                self._caption = ""
            case "tr" if self._caption:
                self.rows.setdefault(self._caption, []).append([])
            case "th" | "td" if self._caption:
                self.rows[self._caption][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass
        if tag == "table":
            self._caption = ""

    def handle_data(self, data: str) -> None:
        if "pre" in self._within:
            self.listings[-1] += data
        elif "caption" in self._within:
            self._caption += data
        elif {"th", "td"} & set(self._within):
            self.rows[self._caption][-1][-1] += data


@pytest.fixture(scope="module")
async def page(told: RunningService) -> Page:
    answer = await told.client.get("/events", headers=HTML)
    assert answer.status_code == 200
    return Page(answer.text)


async def test_the_document_is_the_published_one_when_it_is_asked_for(told: RunningService) -> None:
    answer = await told.client.get("/asyncapi.json")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.json() == json.loads(DOCUMENT.read_text("utf-8")) == asyncapi.document()


@pytest.mark.parametrize("event_type", catalogue.event_types())
async def test_a_schema_is_found_under_its_type_when_it_is_asked_for(told: RunningService, event_type: str) -> None:
    answer = await told.client.get(f"/schemas/{event_type}.json")

    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.json() == catalogue.published_schema(event_type)
    assert answer.json()["$id"] == f"urn:coxswain:event:{event_type}"
    Draft202012Validator.check_schema(answer.json())


@pytest.mark.parametrize(
    "name", ["tender.published.v2", "tender", "..", "%2e%2e%2fcatalogue", "x" * 500, "%00", "TENDER.PUBLISHED.V1"]
)
async def test_a_problem_is_answered_to_everybody_when_there_is_no_such_type(told: RunningService, name: str) -> None:
    for headers in ({}, HTML):
        answer = await told.client.get(f"/schemas/{name}.json", headers=headers)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/asyncapi.json", "/schemas/tender.published.v1.json", "/events"])
async def test_a_link_checker_is_answered_when_it_asks_with_head(told: RunningService, path: str) -> None:
    answer = await told.client.head(path)

    assert answer.status_code == 200
    assert answer.headers["ETag"] == (await told.client.get(path)).headers["ETag"]


async def test_every_event_type_has_its_place_on_the_page(page: Page) -> None:
    assert set(catalogue.event_types()) <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)


async def test_every_link_within_the_page_leads_somewhere(page: Page) -> None:
    places = {link.removeprefix("#") for link in page.links if link.startswith("#")}

    assert {"part.RankedBid", "guarantees", "topic.tender", "tender.published.v1"} <= places
    assert places | set(page.labels) <= set(page.ids)


async def test_every_schema_is_linked_when_the_page_is_read(page: Page) -> None:
    linked = {link for link in page.links if link.startswith("/schemas/")}

    assert linked == {f"/schemas/{event_type}.json" for event_type in catalogue.event_types()}
    assert "/asyncapi.json" in page.links


async def test_no_level_is_left_out_when_headings_are_followed(page: Page) -> None:
    assert page.headings[0] == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))


@pytest.mark.parametrize("event_type", catalogue.event_types())
async def test_every_field_is_explained_when_a_type_is_looked_up(page: Page, event_type: str) -> None:
    schema = catalogue.published_schema(event_type)
    heading, *rows = page.rows[f"Fields of {event_type}"]

    assert heading == ["Field", "Form", "Required", "Meaning"]
    assert {row[0] for row in rows} == set(schema["properties"])
    for name, form, required, meaning in rows:
        assert form
        assert meaning.endswith(".")
        assert required == ("required" if name in schema["required"] else "may be absent")


async def test_forms_are_told_in_words_when_a_type_is_looked_up(page: Page) -> None:
    forms = {name: form for name, form, _, _ in page.rows["Fields of award.proposed.v1"]}

    assert forms["tender"] == "UUID"
    assert forms["value"] == "money"
    assert forms["ranking"] == "list of RankedBid"
    assert forms["supplier"] == "Organisation"
    assert forms["standstill_ends_at"] == "instant"
    assert dict(row[:2] for row in page.rows["Fields of OpenedBid"])["price"] == "money or null"


async def test_every_golden_example_is_shown_when_the_page_is_read(page: Page) -> None:
    shown: list[Any] = [json.loads(listing) for listing in page.listings if listing.startswith("{")]

    for _, _, data in catalogue.golden_examples():
        assert data in shown


async def test_the_same_event_is_shown_both_ways_when_the_page_is_read(page: Page) -> None:
    headers, value, structured = page.listings[:3]
    told_headers = dict(line.split(": ", 1) for line in headers.splitlines())
    event = json.loads(structured)

    assert event["data"] == json.loads(value)
    assert told_headers["content-type"] == event["datacontenttype"]
    for name in ("id", "type", "partitionkey", "sequence", "time"):
        assert told_headers[f"ce_{name}"] == event[name]


async def test_topics_name_their_owner_and_purpose_when_the_page_is_read(told: RunningService) -> None:
    text = re.sub(r"\s+", " ", (await told.client.get("/events")).text)

    assert "From the plan to the opening. Sent by the tender service alone, in 6 partitions." in text
    assert "Sent by the provider registry service alone" in text


async def test_a_timeline_leads_to_what_its_types_mean(told: RunningService) -> None:
    procedure = Page((await told.client.get(f"/procedures/{OCID}")).text)
    (first, *_) = told.sources["budget"].events
    event = Page((await told.client.get(f"/events/budget/{first.id}")).text)

    assert {"/events#tender.published.v1", "/events#budget.paid.v1", "/events"} <= set(procedure.links)
    assert f"/events#{first.type}" in event.links
