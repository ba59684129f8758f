"""No order of acts leaks a bid before the opening: not to an API, a feed, a page of the portal, or a line in a log."""

import base64
import hashlib
import itertools
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from shared.testing.callers import Person
from shared.testing.course import HEAD, MODEL, OFFICER, appropriate, clerk, content, opened, register, tender_path
from shared.testing.town import Town, ask, done, flow, seen

FoundTown = Callable[..., AbstractAsyncContextManager[Town]]
BIDDERS = ("quartz-rowing", "basalt-rowing", "gneiss-rowing")
PARTNER = "schist-rowing"
LOTS = {"north": "1000000.00", "south": "1000000.00"}
SEALED = ("interest", "document", "draft", "rewrite", "submit", "bid", "joint-bid", "withdraw", "confirm", "discard")
PUBLIC = ("ask", "challenge", "amend", "wait")
ACTS = st.lists(
    st.tuples(st.sampled_from((*SEALED, *PUBLIC)), st.sampled_from(BIDDERS), st.sampled_from(tuple(LOTS))),
    min_size=6,
    max_size=14,
)
ONLOOKER = Person("otto", "onlooker", ("provider",))
OPERATOR = Person("oona", "operations", ("operator",))
VIEWERS = (None, OFFICER, HEAD, ONLOOKER, OPERATOR)
ABSENT = "00000000-0000-0000-0000-000000000000"

Act = tuple[str, str, str]


@dataclass
class Course:
    """What has come of the acts so far; everything in `hidden` is found nowhere, `argued` is for its parties alone."""

    town: Town
    line: str
    body: Mapping[str, Any]
    tender: Any
    hidden: set[str] = field(default_factory=set)
    argued: set[str] = field(default_factory=set)
    documents: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    drafts: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: {name: [] for name in BIDDERS})
    bids: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in BIDDERS})
    digests: dict[str, str] = field(default_factory=dict)
    answers: list[httpx.Response] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def price(self) -> str:
        """Make a price that nothing else has."""
        price = f"{100_000 + secrets.randbelow(800_000)}.{10 + secrets.randbelow(89)}"
        self.hidden.add(price)
        return price

    def secret(self) -> str:
        """Make a text that nothing else has."""
        text = secrets.token_hex(20)
        self.hidden.add(text)
        return text

    def sealed(self, lot: str, *, joint: tuple[str, ...] = ()) -> dict[str, Any]:
        """Write a bid, and remember everything by which it could be noticed."""
        financial = {"price": MODEL.money(self.price()), "notes": self.secret()}
        documents = [
            {"digest": digest, "title": self.secret(), "confidential": True, "rationale": "Names."}
            for digest in self.documents[-1:]
        ]
        technical: dict[str, Any] = {"answers": [], "documents": documents}
        if joint:
            technical["consortium"] = [{"organisation": name, "share": "50"} for name in joint]
        envelopes = {name: json.dumps(one).encode() for name, one in (("f", financial), ("t", technical))}
        for envelope in envelopes.values():
            # Whoever knows the form of an envelope would find with its digest what is in it.
            self.hidden.add(hashlib.sha256(envelope).hexdigest())
            self.hidden.add(base64.b64encode(envelope).decode()[:-4])
        written = {name: base64.b64encode(one).decode() for name, one in envelopes.items()}
        return {"lot": lot, "scheme": "access/v1", "financial": written["f"], "technical": written["t"]}

    def received(self, bidder: str, receipt: Mapping[str, Any]) -> None:
        """Remember a bid that was received, and everything that its bidder was told."""
        self.bids[bidder].append(receipt["bid"])
        self.digests[receipt["bid"]] = receipt["digest"]
        told = ("bid", "digest", "technical_digest", "salt", "technical_salt", "signed")
        self.hidden |= {receipt[name] for name in told}


async def take(course: Course, kind: str, bidder: str, lot: str) -> None:
    """Take an act, if there is anything that it could be taken on."""
    act = {
        "interest": interest,
        "document": document,
        "draft": draft,
        "rewrite": rewrite,
        "submit": submit,
        "bid": bid,
        "joint-bid": joint_bid,
        "withdraw": withdraw,
        "confirm": confirm,
        "discard": discard,
        "ask": ask_question,
        "challenge": challenge,
        "amend": amend,
        "wait": wait,
    }[kind]
    before = await public_face(course) if kind in SEALED else None
    response = await act(course, bidder, lot)
    if response is not None:
        course.answers.append(response)
        assert response.status_code < 500, response.text
        course.done += [kind] if response.is_success else []
    # What is sealed changes nothing that anybody else can see, in whatever order it comes.
    assert before is None or await public_face(course) == before, kind


async def public_face(course: Course) -> tuple[Any, ...]:
    """Return what the public sees of the tender, and how much has been told."""
    await flow(course.town)
    shown = await ask(course.town, None, tender_path(course.tender), method="GET")
    page = await ask(course.town, None, f"/procedures/{course.tender['ocid']}", method="GET", service="portal")
    told = {name: len(await service.published()) for name, service in course.town.services.items()}
    return shown.text, shown.headers["etag"], page.text, told


async def interest(course: Course, bidder: str, _: str) -> httpx.Response:
    return await ask(course.town, clerk(bidder), tender_path(course.tender, "/interest"))


async def document(course: Course, bidder: str, _: str) -> httpx.Response:
    response, digest = await uploaded(course, bidder, course.secret())
    course.documents.append(digest)
    course.hidden.add(digest)
    return response


async def uploaded(course: Course, bidder: str, text: str) -> tuple[httpx.Response, str]:
    """Put a document where documents are kept; return its digest too."""
    service, person = course.town.services["tender"], clerk(bidder)
    headers = service.headers(person.name, person.organisation, *person.roles)
    headers["Content-Type"] = "application/octet-stream"
    path = "/v1/documents?media_type=text/plain"
    response = await service.client.post(path, headers=headers, content=text.encode())
    return response, hashlib.sha256(text.encode()).hexdigest()


async def draft(course: Course, bidder: str, lot: str) -> httpx.Response:
    path = tender_path(course.tender, "/bids/drafts")
    response = await ask(course.town, clerk(bidder), path, course.sealed(lot))
    if response.is_success:
        course.drafts[bidder].append((response.json()["id"], 1))
        course.hidden.add(response.json()["id"])
    return response


async def rewrite(course: Course, bidder: str, lot: str) -> httpx.Response | None:
    if not course.drafts[bidder]:
        return None
    identifier, version = course.drafts[bidder][-1]
    path, body = f"/v1/bids/{identifier}", course.sealed(lot)
    response = await ask(course.town, clerk(bidder), path, body, method="PUT", version=version)
    if response.is_success:
        course.drafts[bidder][-1] = identifier, version + 1
    return response


async def submit(course: Course, bidder: str, _: str) -> httpx.Response | None:
    if not course.drafts[bidder]:
        return None
    identifier, version = course.drafts[bidder].pop()
    response = await ask(course.town, clerk(bidder), f"/v1/bids/{identifier}/submission", version=version)
    if response.is_success:
        course.received(bidder, response.json())
    return response


async def bid(course: Course, bidder: str, lot: str, *joint: str) -> httpx.Response:
    path = tender_path(course.tender, "/bids")
    response = await ask(course.town, clerk(bidder), path, course.sealed(lot, joint=joint))
    if response.is_success:
        course.received(bidder, response.json())
    return response


async def joint_bid(course: Course, bidder: str, lot: str) -> httpx.Response:
    return await bid(course, bidder, lot, bidder, PARTNER)


async def withdraw(course: Course, bidder: str, _: str) -> httpx.Response | None:
    return await of_last_bid(course, bidder, "withdrawal")


async def confirm(course: Course, bidder: str, _: str) -> httpx.Response | None:
    return await of_last_bid(course, bidder, "confirmation")


async def of_last_bid(course: Course, bidder: str, act: str) -> httpx.Response | None:
    if not course.bids[bidder]:
        return None
    response = await ask(course.town, clerk(bidder), f"/v1/bids/{course.bids[bidder][-1]}/{act}")
    if response.is_success:
        course.hidden.add(response.json()["signed"])
    return response


async def discard(course: Course, bidder: str, _: str) -> httpx.Response | None:
    if not course.drafts[bidder]:
        return None
    identifier, _ = course.drafts[bidder].pop()
    return await ask(course.town, clerk(bidder), f"/v1/bids/{identifier}", method="DELETE")


async def ask_question(course: Course, bidder: str, lot: str) -> httpx.Response:
    body = {"text": "Is the key kept by the office?", "lot": lot}
    return await ask(course.town, clerk(bidder), tender_path(course.tender, "/questions"), body)


async def challenge(course: Course, bidder: str, lot: str) -> httpx.Response:
    arguments, shown = secrets.token_hex(20), secrets.token_hex(20)
    _, evidence = await uploaded(course, bidder, shown)
    course.evidence.append(evidence)
    course.argued |= {arguments, shown, evidence}
    body = {
        "relates_to": "documents",
        "lot": lot,
        "ground": "unclear-documents",
        "arguments": arguments,
        "evidence": [evidence],
        "remedies": ["amend-documents"],
    }
    return await ask(course.town, clerk(bidder), tender_path(course.tender, "/challenges"), body)


async def amend(course: Course, *_: str) -> httpx.Response:
    path = tender_path(course.tender, "/amendments")
    changed = {**course.body, "description": f"Care at home, {len(course.answers)}."}
    drafted = await ask(course.town, OFFICER, path, {"content": changed, "reason": "It says it better."})
    if not drafted.is_success:
        return drafted
    return await ask(course.town, HEAD, f"{path}/{drafted.json()['id']}/publication")


async def wait(course: Course, *_: str) -> None:
    course.town.clock.advance(hours=1)


async def everything(course: Course) -> dict[tuple[str, str, str], str]:
    """Read all that can be read of both services, as everybody; the pages also of every event that was told."""
    await flow(course.town)
    ocid, found = course.tender["ocid"], {}
    filled = {"tender_id": course.tender["id"], "plan_id": course.tender["plan"], "pack_id": "model", "ocid": ocid}
    for service, viewer in (*(("tender", viewer) for viewer in VIEWERS), ("portal", None)):
        app = course.town.services[service].app
        paths = [path for path, methods in app.openapi()["paths"].items() if "get" in methods]
        for path in paths:
            if not path.endswith("/stream"):
                names = re.findall(r"{(\w+)}", path)
                address = path.format(**{name: filled.get(name, ABSENT) for name in names})
                found[service, str(viewer), address] = await whole(course, service, viewer, address)
        for digest in (*course.documents, *course.evidence) if service == "tender" else ():
            found[service, str(viewer), f"documents/{digest}"] = await whole(
                course, service, viewer, f"/v1/documents/{digest}"
            )
    events = [event for event in await course.town.services["tender"].published() if event.partitionkey == ocid]
    pages = ["/", "/providers", f"/procedures/{ocid}", *(f"/events/tender/{event.id}" for event in events)]
    pages += [f"/v1/procedures/{ocid}/events", *(f"/v1/events/{event.id}" for event in events)]
    for page in pages:
        found["portal", "None", page] = await whole(course, "portal", None, page)
    found["tender", "None", "events of it"] = str([event.model_dump() for event in events])
    return found


async def whole(course: Course, service: str, viewer: Person | None, path: str) -> str:
    response = await ask(course.town, viewer, path, method="GET", service=service)
    return response.text + str(response.headers)


def holding(texts: Sequence[str] | set[str], found: Mapping[tuple[str, str, str], str]) -> list[Any]:
    """Return where a text is found."""
    return [(place, text) for (place, body), text in itertools.product(found.items(), texts) if text in body]


@pytest.fixture(scope="module")
async def busy_town(found_town: FoundTown) -> AsyncIterator[tuple[Town, str]]:
    """A town with verified bidders and money for many tenders."""
    async with found_town(pages=True) as town:
        line = await appropriate(town, MODEL, "90000000.00")
        await register(town, *BIDDERS, PARTNER)
        yield town, line


async def begun(town: Town, line: str) -> Course:
    """Publish a tender of two lots."""
    body = content(MODEL, LOTS, delivery={"start": "2028-07-01", "end": "2028-09-30", "periods": 3})
    plan = {"title": "Home care", "buyer_name": "City social office", "service": "elder-care.home"}
    plan |= {"estimate": body["value"], "budget_line": line, "method": "open", "pack": "model", "demand": None}
    planned = await done(town, OFFICER, "/v1/plans", plan)
    drafted = await done(town, OFFICER, "/v1/tenders", {**body, "plan": planned["id"]})
    await done(town, HEAD, tender_path(drafted, "/publication"))
    await flow(town)
    tender = await seen(town, tender_path(drafted))
    assert tender["status"] == "active"
    return Course(town, line, body, tender)


async def walk(course: Course, acts: Sequence[Act]) -> list[Any]:
    """Take all acts; return what was written in the log."""
    with capture_logs() as logs:
        for act in acts:
            await take(course, *act)
    return list(logs)


WHOLE: Sequence[Act] = (
    ("document", "quartz-rowing", "north"),
    ("draft", "quartz-rowing", "north"),
    ("rewrite", "quartz-rowing", "north"),
    ("submit", "quartz-rowing", "north"),
    ("bid", "quartz-rowing", "north"),
    ("joint-bid", "basalt-rowing", "south"),
    ("ask", "gneiss-rowing", "north"),
    ("challenge", "gneiss-rowing", "north"),
    ("interest", "gneiss-rowing", "north"),
    ("amend", "gneiss-rowing", "north"),
    ("confirm", "quartz-rowing", "north"),
    ("draft", "gneiss-rowing", "south"),
    ("discard", "gneiss-rowing", "south"),
    ("withdraw", "basalt-rowing", "south"),
    ("bid", "basalt-rowing", "north"),
)


# Every sequence is a tender of its own: to shrink one that fails would take minutes, and none of them is long.
@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
@given(acts=ACTS)
@example(acts=list(WHOLE))
async def test_nothing_of_a_bid_is_found_anywhere_in_whatever_order_the_acts_come(
    busy_town: tuple[Town, str], acts: list[Act]
) -> None:
    course = await begun(*busy_town)
    logs = await walk(course, acts)
    with capture_logs() as readings:
        found = await everything(course)
    assert holding(course.hidden, found) == []
    # The office is a party to every challenge; before the opening nobody else reads what is argued, or by whom.
    of_public = {place: body for place, body in found.items() if place[1] not in {str(OFFICER), str(HEAD)}}
    assert holding(course.argued, of_public) == []
    persons = {clerk(bidder).name for bidder in BIDDERS}
    assert holding(persons, found) == []
    of_tender = {place: body for place, body in of_public.items() if re.search(r"tenders/|procedures/|of it", place[2])}
    assert holding({*BIDDERS, PARTNER}, of_tender) == []
    written = str([*logs, *readings])
    assert [text for text in course.hidden | course.argued if text in written] == []
    # Nobody is told in a refusal what it sent.
    refused = [response.text + str(response.headers) for response in course.answers if not response.is_success]
    prices = {text for text in course.hidden if re.fullmatch(r"\d+\.\d\d|[0-9a-f]{40}", text)}
    assert [text for text in prices for body in refused if text in body] == []
    if acts == list(WHOLE):
        assert set(course.done) == {*SEALED, "ask", "challenge", "amend"}
        assert len(found) > 250


async def test_bids_are_found_in_the_same_places_once_they_are_opened(busy_town: tuple[Town, str]) -> None:
    course = await begun(*busy_town)
    acts = [("bid", bidder, "north") for bidder in BIDDERS]
    await walk(course, [("document", "quartz-rowing", "north"), *acts])
    digests, planted = set(course.digests.values()), course.secret()
    question = {"text": f"Somebody wrote {planted} where all can read it.", "lot": None}
    asked = await done(course.town, clerk("gneiss-rowing"), tender_path(course.tender, "/questions"), question)
    before = await everything(course)
    assert holding(digests, before) == []
    # What does leak is found: by the API, the feed, the page and its JSON twin.
    leaks = {place for place, _ in holding({planted}, before)}
    ocid = course.tender["ocid"]
    pages = {("portal", "None", f"/procedures/{ocid}"), ("portal", "None", f"/v1/procedures/{ocid}")}
    assert leaks >= {("tender", "None", "events of it"), ("tender", str(OFFICER), "/v1/events"), *pages}
    answer = tender_path(course.tender, f"/questions/{asked['id']}/answer")
    await done(course.town, OFFICER, answer, {"text": "So it is."})
    await opened(course.town, course.tender)
    found = await everything(course)
    told = {place[:2] for place, text in holding(digests, found)}
    assert told >= {("tender", "None"), ("portal", "None"), ("tender", str(ONLOOKER))}
    page = found["portal", "None", f"/procedures/{course.tender['ocid']}"]
    assert all(digest in page for digest in digests)
    assert all(bidder in page for bidder in BIDDERS)
    # Whose they are is public; what they cost is not.
    prices = {text for text in course.hidden if re.fullmatch(r"\d+\.\d\d", text)}
    assert (len(prices), holding(prices, found)) == (3, [])
