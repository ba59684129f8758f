"""What surrounds the pages: caching, security headers, errors, hostile requests, events that are hostile."""

import re
from collections.abc import Sequence

import httpx
import pytest

from shared.contracts.event import EventData
from shared.contracts.tender import Published
from shared.testing.services import RunningService

OCID = "ocds-cxswn1-0001"
SERVICES = ("tender", "budget", "evaluation", "provider-registry")
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
Journey = Sequence[tuple[str, EventData]]
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize(
    "path", ["/", f"/procedures/{OCID}", "/providers", "/providers/silver-oak", "/static/style.css", "/v1/procedures",
             f"/v1/procedures/{OCID}", f"/v1/procedures/{OCID}/events", "/v1/providers", "/v1/providers/silver-oak",
             "/v1/overdue", "/events", "/asyncapi.json", "/schemas/tender.published.v1.json"]
)  # fmt: skip
async def test_content_is_not_sent_again_when_the_reader_has_it(told: RunningService, path: str) -> None:
    first = await told.client.get(path)
    again = await told.client.get(path, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    other = await told.client.get(path, headers={"If-None-Match": '"other"'})

    assert (first.status_code, again.status_code, other.status_code) == (200, 304, 200)
    assert again.content == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "public" in first.headers["Cache-Control"]


async def test_the_etag_changes_when_the_procedure_does(portal: RunningService, portal_journey: Journey) -> None:
    tags = set()
    for source, data in portal_journey[4:7]:
        await portal.deliver(source, data)
        tags.add((await portal.client.get(f"/v1/procedures/{OCID}")).headers["ETag"])

    assert len(tags) == 3


@pytest.mark.parametrize(
    "path", ["/", f"/procedures/{OCID}", "/providers", "/providers/silver-oak", "/events", "/nowhere"]
)
async def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing(told: RunningService, path: str) -> None:
    page = await told.client.get(path, headers=HTML)

    assert page.headers["Content-Security-Policy"] == POLICY
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert re.findall(r'(?:src|href)="(https?:[^"]*)"', page.text) == []
    assert '<html lang="en">' in page.text
    assert page.text.count("<h1>") == 1
    assert page.text.count("<table") == page.text.count("<caption")


async def test_a_title_stays_text_when_it_is_hostile(portal: RunningService, portal_journey: Journey) -> None:
    harmless = portal_journey[6][1]
    assert isinstance(harmless, Published)
    hostile = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
    await portal.deliver("tender", harmless.model_copy(update={"title": hostile, "description": hostile}))
    event = portal.sources["tender"].events[0]

    for path in ("/", f"/procedures/{OCID}", f"/events/tender/{event.id}"):
        page = (await portal.client.get(path)).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script" not in page
        assert "<img" not in page
        assert "{{ 7*7 }}" in page


@pytest.mark.parametrize("path", ["/procedures/ocds-none", "/providers/none", "/nowhere", "/static/none.css",
                                  "/events/tender/00000000-0000-0000-0000-000000000000"])  # fmt: skip
async def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(
    told: RunningService, path: str
) -> None:
    page = await told.client.get(path, headers=HTML)
    problem = await told.client.get(path)

    assert (page.status_code, problem.status_code) == (404, 404)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<h1>Not found</h1>" in page.text
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["code"] == "not-found"


async def test_the_api_answers_with_a_problem_whatever_is_accepted(told: RunningService) -> None:
    answer = await told.client.get("/v1/procedures/ocds-none", headers=HTML)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("state=&publisher=&q=&buyer=", 200),
        ("q=%27%22%3E%3Cscript%3Ealert(1)%3C/script%3E", 200),
        ("q=%25%25%5C%5C_&buyer=%5C", 200),
        ("q=%FF%FE", 200),
        ("q=a&q=b&unknown=1", 200),
        ("q=%00", 422),
        ("buyer=%00", 422),
        ("q=" + "x" * 201, 422),
        ("state=bogus", 422),
        ("publisher=<b>", 422),
        ("cursor=AAAA", 422),
        ("cursor=%00", 422),
        ("cursor=b3duHzIwMjYtMDEtMDEfYQ", 422),  # "own", a date without a zone, "a"
        ("cursor=dXMfMjAyNi0wMS0wMVQwMDowMDowMFofYQ", 422),  # "us", a time, "a"
        ("cursor=b3duHzIwMjYtMDEtMDFUMDA6MDA6MDBaH2E", 200),  # "own", a time, "a"
    ],
)
async def test_a_hostile_query_is_answered_without_harm(told: RunningService, query: str, status: int) -> None:
    answer = await told.client.get(f"/?{query}", headers=HTML)

    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<script" not in answer.text


@pytest.mark.parametrize("path", ["/procedures/%00", "/v1/procedures/a%00b", "/providers/%3Cb%3E", "/static/..%2Fx",
                                  "/events/TENDER/x", "/v1/procedures/" + "x" * 201])  # fmt: skip
async def test_a_hostile_path_is_refused(told: RunningService, path: str) -> None:
    assert (await told.client.get(path)).status_code in {404, 422}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
async def test_everything_may_be_read_with_and_without_a_token(told: RunningService, headers: dict[str, str]) -> None:
    for path in ("/", f"/procedures/{OCID}", "/v1/procedures", f"/v1/procedures/{OCID}/events", "/v1/overdue"):
        assert (await told.client.get(path, headers=headers)).status_code == 200


async def test_a_page_answers_to_head_without_being_changed(told: RunningService) -> None:
    answer = await told.client.head(f"/procedures/{OCID}")

    assert answer.status_code == 200
    assert answer.headers["ETag"] == (await told.client.get(f"/procedures/{OCID}")).headers["ETag"]


async def test_every_link_keeps_the_prefix_when_the_portal_is_not_at_the_root(told: RunningService) -> None:
    transport = httpx.ASGITransport(told.app, root_path="/public")
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        for path in ("/public/", f"/public/procedures/{OCID}", "/public/providers", "/public/providers/silver-oak",
                     "/public/events"):  # fmt: skip
            page = await client.get(path)
            links = re.findall(r'(?:href|action)="(/[^"]*)"', page.text)
            own = [link for link in links if not link.startswith(tuple(f"/{name}/" for name in SERVICES))]
            assert page.status_code == 200
            assert own
            assert all(link.startswith("/public/") for link in own)
        assert "<h1>Not found</h1>" in (await client.get("/public/nowhere", headers=HTML)).text
        assert (await client.get("/public/v1/providers/none", headers=HTML)).json()["code"] == "not-found"
