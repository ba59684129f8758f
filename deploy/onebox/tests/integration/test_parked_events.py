"""`coxswain events parked` at a real box: events that the portal's database refuses, until it is mended."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from rich.console import Console

from onebox.box import PARTS, assemble
from onebox.commands_events import Service
from onebox.credentials import AccessTokens, Credentials
from onebox.parked import Name, ParkedEvents
from onebox.parked_commands import Operator, told
from onebox.parked_printing import Invocation
from onebox.people import DEMO_SECRET
from shared.kernel.ids import opaque_id
from shared.platform.database import migrate
from shared.platform.embedded_postgres import execute
from shared.testing.postgres import PostgresForTests, as_owner

pytestmark = pytest.mark.xdist_group("parked-events")
URL = "http://box.test"
SERVICES = tuple(Service)
CONSUMER = "procedures:provider-registry"
SEEN_WITHIN = 30.0  # seconds
REGISTERED, SUBMITTED, CHECKED = (
    f"provider.{what}.v1" for what in ("registered", "evidence-submitted", "evidence-checked")
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Parked:
    """A box, and what its tests do over and over."""

    http: httpx.AsyncClient
    portal: str

    async def command(
        self, act: Callable[[Operator], Awaitable[int]], client_id: str = "operator-1", secret: str = DEMO_SECRET
    ) -> Said:
        """Run a command as the terminal does, but for the socket."""
        credentials = Credentials(client_id, secret)
        out, err = io.StringIO(), io.StringIO()
        events = ParkedEvents(self.http, AccessTokens(self.http, credentials))
        complaints = Console(file=err, width=60)
        operator = Operator(events, Invocation(URL, credentials), Console(file=out, width=60), complaints)
        code = await told(act(operator), complaints)
        return Said(code, out.getvalue(), err.getvalue())

    async def waiting(self, key: str) -> list[dict[str, Any]]:
        """Return what the list has of a key, as its JSON document tells it."""
        said = await self.command(lambda operator: operator.show_all(SERVICES, as_json=True))
        assert (said.code, said.err) == (0, "")
        document = json.loads(said.out)
        assert (document["ok"], document["failures"]) == (True, [])
        return [event for event in document["parked"] if event["key"] == key]

    async def name(self, key: str, event_type: str) -> Name:
        event = next(event for event in await self.waiting(key) if event["type"] == event_type)
        return Name(event["service"], event["consumer"], event["event_id"])

    async def refuse(self, constraint: str, condition: str) -> None:
        """Let the portal's database refuse events, as a fault in its schema would."""
        execute(
            as_owner(self.portal),
            f"ALTER TABLE timeline ADD CONSTRAINT {constraint} CHECK (NOT ({condition})) NOT VALID;",
        )

    async def mend(self, constraint: str) -> None:
        execute(as_owner(self.portal), f"ALTER TABLE timeline DROP CONSTRAINT {constraint};")

    async def tell(self, organisation: str, events: int) -> None:
        """Let the registry publish the first events of a new provider."""
        administrator = await self._headers("identity-administrator", DEMO_SECRET, "identity")
        body = {"organisation": organisation, "organisation_name": organisation, "roles": ["provider"]}
        answer = await self.http.post("/identity/clients", json=body, headers=administrator)
        clerk = (answer.json()["client_id"], answer.json()["client_secret"])
        identifier = {"scheme": "XX-REG", "id": organisation}
        document = {"document_type": "statutes", "digest": "a" * 64, "valid_until": "2199-01-01"}
        steps: Sequence[tuple[tuple[str, str], str, dict[str, Any] | None]] = (
            (clerk, "", {"name": organisation, "legal_form": "association", "identifier": identifier}),
            (clerk, f"/{organisation}/evidence", {"evidence": [document]}),
            (("registry-officer-1", DEMO_SECRET), f"/{organisation}/check", None),
        )
        for who, path, content in steps[:events]:
            headers = await self._headers(*who, "provider-registry")
            answer = await self.http.post(f"/provider-registry/v1/providers{path}", json=content, headers=headers)
            assert answer.is_success, answer.text

    async def seen(self, organisation: str, states: Sequence[str]) -> list[dict[str, Any]]:
        """Wait until so much waits of a key."""
        until = time.monotonic() + SEEN_WITHIN
        while True:
            found = await self.waiting(organisation)
            if [event["state"] for event in found] == list(states):
                return found
            assert time.monotonic() < until, found
            await asyncio.sleep(0.1)

    async def _headers(self, client_id: str, secret: str, audience: str) -> dict[str, str]:
        token = await AccessTokens(self.http, Credentials(client_id, secret)).token(audience)
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(opaque_id())}


def template(postgres: PostgresForTests, migrations: Path, name: str) -> str:
    return postgres.template(name, lambda url: migrate(migrations, url))


@pytest.fixture(scope="module")
def databases(postgres: PostgresForTests) -> Iterator[Mapping[str, str]]:
    """Return the URL of a new database of every service."""
    urls = {part.name: postgres.new_database(template(postgres, part.migrations, part.database)) for part in PARTS}
    yield urls
    for url in urls.values():
        postgres.drop(url)


@pytest.fixture(scope="module")
async def box(databases: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parked]:
    assembled = assemble(databases, tmp_path_factory.mktemp("box"))
    async with assembled.app.router.lifespan_context(assembled.app):
        transport = httpx.ASGITransport(assembled.app)
        async with httpx.AsyncClient(transport=transport, base_url=URL, timeout=60) as http:
            yield Parked(http, databases["portal"])


@pytest.fixture
async def refused(box: Parked, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A provider of whom the portal refuses the first event; two more follow."""
    organisation = f"provider-{opaque_id().hex[:12]}"
    constraint = organisation.replace("-", "_")
    await box.refuse(constraint, f"key = '{organisation}' AND type = '{REGISTERED}'")
    await box.tell(organisation, 3)
    await box.seen(organisation, ["parked", "queued", "queued"])
    yield organisation
    for event in await box.waiting(organisation):
        execute(box.portal, f"DELETE FROM parked WHERE event_id = '{event['event_id']}';")


def test_services_are_those_of_the_box() -> None:
    assert {str(service) for service in SERVICES} == {part.name for part in PARTS}


async def test_one_sentence_says_it_when_nothing_waits(box: Parked) -> None:
    everywhere = await box.command(lambda operator: operator.show_all(SERVICES, as_json=False))
    somewhere = await box.command(lambda operator: operator.show_all(["portal"], as_json=False))
    as_json = await box.command(lambda operator: operator.show_all(SERVICES, as_json=True))
    sentence = "No event waits at tender, budget, evaluation, provider-registry, portal.\n"
    assert everywhere == Said(0, sentence, "")
    assert somewhere == Said(0, "No event waits at portal.\n", "")
    assert json.loads(as_json.out) == {"ok": True, "parked": [], "failures": []}


async def test_each_is_on_one_line_when_events_wait(box: Parked, refused: str) -> None:
    listed = await box.command(lambda operator: operator.show_all(SERVICES, as_json=False))
    head, *lines, empty, total = listed.out.splitlines()

    assert (listed.code, listed.err) == (0, "")
    assert head.split() == ["service", "consumer", "event", "type", "key", "state", "since", "problem"]
    assert (empty, total.partition(".")[0]) == ("", "3 events wait")
    cells = [line.split(maxsplit=8) for line in lines]
    events = await box.waiting(refused)
    assert [(cell[0], cell[1], cell[3], cell[4], cell[5]) for cell in cells] == [
        ("portal", CONSUMER, REGISTERED, refused, "parked"),
        ("portal", CONSUMER, SUBMITTED, refused, "queued"),
        ("portal", CONSUMER, CHECKED, refused, "queued"),
    ]
    for cell, event in zip(cells, events, strict=True):
        assert event["event_id"].startswith(cell[2])
        assert f"{cell[6]}T{cell[7]}" == event["parked_at"][:19] + "Z"
        assert cell[8] == event["problem"]


async def test_list_is_one_document_without_the_events_when_json_is_asked_for(box: Parked, refused: str) -> None:
    first, *_ = await box.waiting(refused)
    assert set(first) == {
        "service", "consumer", "event_id", "position", "key", "type", "state", "problem", "parked_at", "discard_reason"
    }  # fmt: skip
    assert (first["service"], first["consumer"], first["discard_reason"]) == ("portal", CONSUMER, None)
    assert first["problem"].startswith("IntegrityError")


async def test_event_and_ways_out_are_shown_when_it_is_parked(box: Parked, refused: str) -> None:
    name = await box.name(refused, REGISTERED)
    said = await box.command(lambda operator: operator.show(name))

    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == f"{REGISTERED} of {refused}"
    assert any(line.split() == ["consumer", CONSUMER] for line in lines)
    assert any(line.split()[:2] == ["problem", "IntegrityError:"] for line in lines)
    document = json.loads("\n".join(lines[lines.index("{") : lines.index("}") + 1]))
    assert (document["id"], document["data"]["provider"]) == (name.event_id, refused)
    place = f"portal {CONSUMER} {name.event_id}"
    assert f"  coxswain events parked replay {place} --url {URL}" in lines
    assert f"  coxswain events parked discard {place} --reason 'why it need not be handled' --url {URL}" in lines


async def test_the_one_in_front_is_named_when_an_event_is_queued(box: Parked, refused: str) -> None:
    first, queued = await box.name(refused, REGISTERED), await box.name(refused, CHECKED)
    shown = await box.command(lambda operator: operator.show(queued))
    replayed = await box.command(lambda operator: operator.replay(queued))

    command = f"  coxswain events parked show portal {CONSUMER} {first.event_id} --url {URL}"
    assert shown.out.splitlines()[-1] == command
    assert (shown.code, replayed.code, replayed.out) == (0, 1, "")
    title, detail, *_, last = replayed.err.splitlines()
    refusal = ("Refused by a rule or the present state", "An earlier event of the same key is parked.")
    assert (title, detail, last) == (*refusal, command)


async def test_why_is_told_when_a_replay_does_not_help(box: Parked, refused: str) -> None:
    name = await box.name(refused, REGISTERED)
    said = await box.command(lambda operator: operator.replay(name))

    assert (said.code, said.out) == (1, "")
    title, detail, why = said.err.splitlines()
    assert title == "Refused by a rule or the present state"
    assert detail == "It still cannot be handled and stays parked: IntegrityError: 23514."
    assert why.startswith("What was wrong when it was put aside: IntegrityError")
    await box.seen(refused, ["parked", "queued", "queued"])


async def test_all_that_went_through_is_told_when_an_event_is_replayed(box: Parked, refused: str) -> None:
    name, *behind = [await box.name(refused, event_type) for event_type in (REGISTERED, SUBMITTED, CHECKED)]
    await box.mend(refused.replace("-", "_"))
    said = await box.command(lambda operator: operator.replay(name))

    assert said == Said(
        0,
        f"Handled: {REGISTERED} of {refused} ({name.event_id}).\n"
        f"Handled behind it: {SUBMITTED} of {refused} ({behind[0].event_id}).\n"
        f"Handled behind it: {CHECKED} of {refused} ({behind[1].event_id}).\n",
        "",
    )
    assert await box.waiting(refused) == []
    shown = await box.command(lambda operator: operator.show(name))
    assert (shown.code, shown.out.splitlines()[-1]) == (0, "Nothing is left to be done: it was handled.")
    again = await box.command(lambda operator: operator.replay(name))
    assert (again.code, again.out) == (1, "")
    assert again.err.splitlines() == [
        "Not found", "No such event waits here.", "Nothing is left to be done: it was handled."
    ]  # fmt: skip


async def test_where_it_stopped_is_told_when_the_next_one_cannot_be_handled(box: Parked, refused: str) -> None:
    name, behind = await box.name(refused, REGISTERED), await box.name(refused, SUBMITTED)
    await box.refuse("next_one", f"key = '{refused}' AND type = '{SUBMITTED}'")
    await box.mend(refused.replace("-", "_"))
    said = await box.command(lambda operator: operator.replay(name))

    handled, stopped, command, queued = said.out.splitlines()
    assert (said.code, handled) == (0, f"Handled: {REGISTERED} of {refused} ({name.event_id}).")
    assert stopped.startswith(f"Then {SUBMITTED} of {refused} could not be handled: IntegrityError")
    assert command == f"  coxswain events parked show portal {CONSUMER} {behind.event_id} --url {URL}"
    assert queued == "Still queued behind that: 1."
    await box.seen(refused, ["parked", "queued"])


async def test_two_persons_are_needed_when_an_event_is_discarded(box: Parked, refused: str) -> None:
    name = await box.name(refused, REGISTERED)
    confirm = f"  coxswain events parked discard portal {CONSUMER} {name.event_id} --confirm"
    other = f"{confirm} --url {URL} --client-id operator-2"
    propose = confirm.replace("--confirm", f"--reason 'why it need not be handled' --url {URL}")

    early = await box.command(lambda operator: operator.confirm_discard(name))
    assert (early.code, early.out) == (1, "")
    assert early.err.splitlines() == [
        "Refused by a rule or the present state",
        "Nobody has proposed to discard this event.",
        "satisfied by: A proposal with a reason.",
        "Propose it:",
        propose,
    ]

    proposed = await box.command(lambda operator: operator.propose_discard(name, "It is in the paper file."))
    assert proposed == Said(
        0,
        f"Proposed to discard: {REGISTERED} of {refused} ({name.event_id}).\n"
        f"A second operator has to confirm it:\n{other}\n",
        "",
    )
    assert [event["discard_reason"] for event in await box.waiting(refused)] == ["It is in the paper file.", None, None]
    listed = await box.command(lambda operator: operator.show_all(["portal"], as_json=False))
    assert "parked, discard proposed" in listed.out
    shown = await box.command(lambda operator: operator.show(name), "operator-2")
    assert "proposed to discard  It is in the paper file." in shown.out
    assert shown.out.splitlines()[-1] == other

    alone = await box.command(lambda operator: operator.confirm_discard(name))
    assert (alone.code, alone.out) == (1, "")
    assert alone.err.splitlines() == [
        "Not allowed to this party",
        "Discarding an event needs a second person.",
        "satisfied by: The same request from another authorised person.",
        "You have proposed it yourself; another operator confirms it:",
        other,
    ]
    await box.seen(refused, ["parked", "queued", "queued"])

    discarded = await box.command(lambda operator: operator.confirm_discard(name), "operator-2")
    assert (discarded.code, discarded.err) == (0, "")
    first, *behind = discarded.out.splitlines()
    assert first == f"Discarded: {REGISTERED} of {refused} ({name.event_id})."
    assert [line.split()[3] for line in behind] == [SUBMITTED, CHECKED]
    assert await box.waiting(refused) == []
    shown = await box.command(lambda operator: operator.show(name))
    assert shown.out.splitlines()[-1] == "Nothing is left to be done: it is never handled."


async def test_what_is_wrong_is_named_when_the_reason_is_empty(box: Parked, refused: str) -> None:
    name = await box.name(refused, REGISTERED)
    said = await box.command(lambda operator: operator.propose_discard(name, " "))
    assert (said.code, said.out) == (1, "")
    title, _, field = said.err.splitlines()
    assert title == "The request makes no sense"
    assert field.startswith("/body/reason: ")


async def test_some_characters_of_the_id_are_enough_when_no_other_begins_alike(box: Parked, refused: str) -> None:
    names = [await box.name(refused, event_type) for event_type in (REGISTERED, SUBMITTED, CHECKED)]
    whole = names[0].event_id
    alone = next(
        length for length in range(8, 37) if sum(name.event_id[:length] == whole[:length] for name in names) == 1
    )

    shown = await box.command(lambda operator: operator.show(Name("portal", CONSUMER, whole[:alone].upper())))
    assert (shown.code, whole in shown.out) == (0, True)
    elsewhere = await box.command(lambda operator: operator.replay(Name("portal", "procedures:tender", whole[:alone])))
    sentence = f"No event that waits at this consumer has an id that begins with {whole[:alone]}.\n"
    assert elsewhere == Said(1, "", sentence)


@pytest.mark.parametrize("action", ["show", "replay", "confirm_discard"])
async def test_it_is_said_when_there_is_no_such_event(box: Parked, action: str) -> None:
    unknown = Name("tender", "budget", str(UUID(int=0)))
    said = await box.command(lambda operator: getattr(operator, action)(unknown))
    assert said == Said(1, "", "Not found\nNo such event was put aside here.\n")


async def test_nothing_is_shown_when_the_credentials_are_wrong(box: Parked) -> None:
    def show(operator: Operator) -> Awaitable[int]:
        return operator.show(Name("tender", "budget", str(UUID(int=0))))

    sentence = "The client operator-1 is given no token: its credentials are refused.\n"
    assert await box.command(show, secret="hunter2") == Said(2, "", sentence)
    listed = await box.command(lambda operator: operator.show_all(SERVICES, as_json=False), secret="hunter2")
    assert listed == Said(2, "", sentence)


async def test_nothing_is_shown_when_the_client_is_no_operator(box: Parked) -> None:
    refusal = [
        "Not allowed to this party",
        "The token's roles do not allow this.",
        "satisfied by: One of the roles: operator.",
    ]
    shown = await box.command(
        lambda operator: operator.show(Name("tender", "budget", str(UUID(int=0)))), "procurement-officer"
    )
    assert (shown.code, shown.out, shown.err.splitlines()) == (2, "", refusal)
    listed = await box.command(
        lambda operator: operator.show_all(["tender", "portal"], as_json=True), "procurement-officer"
    )
    assert (listed.code, listed.err) == (2, "")
    failures = [{"service": service, "why": refusal} for service in ("tender", "portal")]
    assert json.loads(listed.out) == {"ok": False, "parked": [], "failures": failures}
