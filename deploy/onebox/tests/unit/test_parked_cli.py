"""`coxswain events parked` from its words to the requests it sends, with services that answer as they are told."""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from typer.testing import CliRunner, Result

from onebox.cli import app

EVENT = "0199c2a1-7b3c-7000-8000-00000000000a"
OTHER = "0199c2a1-7b3c-7000-8000-00000000000b"
PARKED: dict[str, Any] = {
    "consumer": "budget",
    "event_id": EVENT,
    "position": 1,
    "key": "ocds-1",
    "type": "budget.reserved.v1",
    "state": "parked",
    "problem": "NotFound: not-found",
    "parked_at": "2026-03-02T09:00:00Z",
    "discard_reason": None,
}
SHOWN = PARKED | {"event": {"message": {"offset": 7}}}
COMMANDS = (
    ["list"],
    ["show", "tender", "budget", EVENT],
    ["replay", "tender", "budget", EVENT],
    ["discard", "tender", "budget", EVENT, "--reason", "Twice."],
    ["discard", "tender", "budget", EVENT, "--confirm"],
)
Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class Services:
    """Services behind one address: what they are sent, and what they answer where a test says so."""

    answer: Answer | None = None
    listed: list[dict[str, Any]] = field(default_factory=lambda: [PARKED])
    requests: list[httpx.Request] = field(default_factory=list)
    token_requests: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    def respond(self, request: httpx.Request) -> httpx.Response:
        if "token" in request.url.path:
            form = parse_qs(request.content.decode())
            self.token_requests.append((str(request.url), form))
            return httpx.Response(200, json={"access_token": f"for-{form['audience'][0]}", "expires_in": 300})
        self.requests.append(request)
        if self.answer is not None:
            return self.answer(request)
        if request.url.path.endswith("/v1/parked"):
            return httpx.Response(200, json=self.listed)
        return httpx.Response(200, json=SHOWN)

    def posted(self) -> list[tuple[str, Any]]:
        """Return the path and the body of each command."""
        posts = [request for request in self.requests if request.method == "POST"]
        return [(request.url.path, json.loads(request.content) if request.content else None) for request in posts]


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Services:
    answering = Services()
    transport = httpx.MockTransport(answering.respond)
    monkeypatch.setattr(httpx, "AsyncClient", functools.partial(httpx.AsyncClient, transport=transport))
    return answering


def run(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["events", "parked", *words], env={"COLUMNS": "200", **environment})


def test_every_service_is_asked_with_its_own_token_when_none_is_named(services: Services) -> None:
    ended = run("list", "--json")

    assert (ended.exit_code, ended.stderr) == (0, "")
    names = ["tender", "budget", "evaluation", "provider-registry", "portal"]
    assert [event["service"] for event in json.loads(ended.stdout)["parked"]] == names
    asked = {request.url.path: request.headers["authorization"] for request in services.requests}
    # The portal is the front door.
    assert asked == {f"/{name}/v1/parked": f"Bearer for-{name}" for name in names[:-1]} | {
        "/v1/parked": "Bearer for-portal"
    }
    assert {request.url.host for request in services.requests} == {"127.0.0.1"}


def test_only_some_services_are_asked_when_they_are_named(services: Services) -> None:
    ended = run("list", "--service", "budget", "--service", "portal", "--service", "budget")

    assert ended.exit_code == 0
    assert [request.url.path for request in services.requests] == ["/budget/v1/parked", "/v1/parked"]
    assert "2 events wait." in ended.stdout
    services.listed.clear()
    assert run("list", "--service", "budget").stdout == "No event waits at budget.\n"


def test_event_is_left_out_of_the_list_when_a_service_tells_it(services: Services) -> None:
    services.listed = [SHOWN | {"state": "early", "more": 1}]
    (event,) = json.loads(run("list", "--json", "--service", "tender").stdout)["parked"]
    assert event == PARKED | {"service": "tender", "state": "early"}


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (COMMANDS[2], f"/tender/v1/parked/budget/{EVENT}/replay", None),
        (COMMANDS[3], f"/tender/v1/parked/budget/{EVENT}/discard-proposal", {"reason": "Twice."}),
        (COMMANDS[4], f"/tender/v1/parked/budget/{EVENT}/discard", None),
        (
            ["replay", "portal", "procedures:provider-registry", EVENT],
            f"/v1/parked/procedures:provider-registry/{EVENT}/replay",
            None,
        ),
    ],
)
def test_one_command_is_sent_with_a_key_of_its_own(services: Services, words: list[str], path: str, body: Any) -> None:
    for _ in range(2):
        assert run(*words).exit_code == 0
    assert services.posted() == [(path, body)] * 2
    keys = [request.headers["idempotency-key"] for request in services.requests if request.method == "POST"]
    assert len(set(keys)) == 2


def test_nothing_is_sent_but_questions_when_an_event_is_shown(services: Services) -> None:
    ended = run("show", "tender", "budget", EVENT)
    assert (ended.exit_code, services.posted()) == (0, [])
    assert '"offset": 7' in ended.stdout


def test_credentials_are_sent_to_the_issuer_alone_when_the_environment_has_them(services: Services) -> None:
    issuer = "https://issuer.test/token"
    ended = run(
        "list", "--url", "http://city.test", "--service", "tender",
        COXSWAIN_CLIENT_ID="ann", COXSWAIN_CLIENT_SECRET="hunter2", COXSWAIN_TOKEN_URL=issuer,
    )  # fmt: skip

    assert ended.exit_code == 0
    form = {"grant_type": ["client_credentials"], "audience": ["tender"], "client_id": ["ann"]}
    assert services.token_requests == [(issuer, form | {"client_secret": ["hunter2"]})]
    (request,) = services.requests
    assert request.url == "http://city.test/tender/v1/parked"
    assert "hunter2" not in repr(request.headers.raw) + ended.output


def test_the_demo_operator_asks_when_nobody_is_named(services: Services) -> None:
    run("list", "--service", "tender")
    ((url, form),) = services.token_requests
    assert url == "http://127.0.0.1:8000/identity/token"
    assert (form["client_id"], form["client_secret"]) == (["operator-1"], ["demo"])


def test_an_event_is_found_by_how_its_id_begins_when_only_one_begins_so(services: Services) -> None:
    services.listed = [PARKED, PARKED | {"event_id": OTHER, "consumer": "provider-registry"}]
    assert run("replay", "tender", "budget", EVENT[:8]).exit_code == 0
    assert services.posted() == [(f"/tender/v1/parked/budget/{EVENT}/replay", None)]


def test_nothing_is_done_when_several_ids_begin_so(services: Services) -> None:
    many = [f"0199c2a1-7b3c-7000-8000-{number:012x}" for number in range(7)]
    services.listed = [PARKED | {"event_id": one} for one in many]
    ended = run("replay", "tender", "budget", EVENT[:8])
    assert (ended.exit_code, ended.stdout, services.posted()) == (1, "", [])
    assert ended.stderr == (
        f"7 events have an id that begins with 0199c2a1; give more of it, such as {', '.join(many[:5])}.\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ["discard", "tender", "budget", EVENT],
        ["discard", "tender", "budget", EVENT, "--confirm", "--reason", "Twice."],
        ["show", "tender", "budget", "0199c2a"],
        ["show", "tender", "budget", "0199c2a1/../x"],
        ["show", "tender", "..", EVENT],
        ["show", "nobody", "budget", EVENT],
        ["list", "--service", "nobody"],
        ["list", "--url", "nonsense"],
        ["list", "--url", "http://h:99999"],
        ["list", "--url", "http://["],
        ["list", "--token-url", "ftp://issuer.test"],
    ],
)
def test_nothing_is_asked_when_the_words_make_no_sense(services: Services, words: list[str]) -> None:
    ended = run(*words)
    assert (ended.exit_code, ended.stdout, services.requests, services.token_requests) == (2, "", [], [])
    assert "Usage: " in ended.stderr
    assert "Traceback" not in ended.stderr


def broken(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("CANARY")


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (broken, "http://127.0.0.1:8000 does not answer (ConnectError)."),
        (
            lambda _: httpx.Response(502, text="<html>CANARY"),
            "No tender service answers at http://127.0.0.1:8000 (502).",
        ),
        (lambda _: httpx.Response(307), "No tender service answers at http://127.0.0.1:8000 (307)."),
        (lambda _: httpx.Response(200, text="<html>CANARY"), "is not Coxswain."),
        (lambda _: httpx.Response(200, json=[{"consumer": "CANARY"}]), "is not Coxswain."),
    ],
)
def test_one_sentence_says_it_when_no_service_answers(
    services: Services, words: list[str], answer: Answer, sentence: str
) -> None:
    services.answer = answer
    ended = run(*words, *(["--service", "tender"] if words == ["list"] else []))
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.endswith(f"{sentence}\n")
    assert ended.stderr.count("\n") == 1
    assert "CANARY" not in ended.stderr


def test_one_sentence_says_it_when_the_address_cannot_be_one(services: Services) -> None:
    ended = run("list", "--url", "http://é..é")
    assert (ended.exit_code, ended.stdout, ended.stderr) == (2, "", "http://é..é is no address.\n")


def test_it_is_said_once_when_all_services_fail_alike(services: Services) -> None:
    services.answer = broken
    ended = run("list")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr == "http://127.0.0.1:8000 does not answer (ConnectError).\n"
    document = json.loads(run("list", "--json").stdout)
    assert (document["ok"], document["parked"], len(document["failures"])) == (False, [], 5)


def test_others_are_listed_when_one_service_fails(services: Services) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path in {"/budget/v1/parked", "/evaluation/v1/parked"}:
            return httpx.Response(404, text="<html>")
        return httpx.Response(200, json=[PARKED] if request.url.path.startswith("/tender") else [])

    services.answer = answer
    ended = run("list")
    assert ended.exit_code == 2
    assert "1 event waits." in ended.stdout
    assert ended.stderr.splitlines() == [
        line
        for name in ("budget", "evaluation")
        for line in (f"{name}:", f"There is no {name} service at http://127.0.0.1:8000.")
    ]
    ended = run("list", "--json")
    assert ended.exit_code == 2
    assert len(json.loads(ended.stdout)["parked"]) == 1


def problem(status: int, code: str) -> Answer:
    return lambda _: httpx.Response(
        status, json={"status": status, "code": code, "title": "Title", "detail": "Detail."}
    )


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [(401, "token-refused", 2), (403, "role-missing", 2), (503, "database-unavailable", 2), (409, "busy", 1)],
)
def test_exit_code_tells_a_refusal_from_a_service_that_cannot_be_asked(
    services: Services, words: list[str], status: int, code: str, exit_code: int
) -> None:
    services.answer = problem(status, code)
    ended = run(*words)
    # The list needs an answer of every service.
    assert (ended.exit_code, ended.stdout) == (2 if words == ["list"] else exit_code, "")
    assert ended.stderr == "Title\nDetail.\n"


def test_it_is_said_how_to_find_out_when_a_command_is_cut_off(services: Services) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise httpx.ReadTimeout("slow")
        return httpx.Response(200, json=[PARKED] if request.url.path.endswith("/v1/parked") else SHOWN)

    services.answer = answer
    ended = run("replay", "tender", "budget", EVENT)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr == (
        "http://127.0.0.1:8000 does not answer (ReadTimeout). "
        "`coxswain events parked show` tells whether it was done.\n"
    )


@pytest.mark.parametrize("command", ["list", "show", "replay", "discard"])
def test_exit_codes_are_told_when_help_is_asked_for(command: str) -> None:
    ended = run(command, "--help")
    assert ended.exit_code == 0
    told = " ".join(ended.stdout.split())
    assert (
        "0, it is done; 1, it is refused, or it is not clear which event is meant; 2, a service cannot be asked" in told
    )
