import json
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs

import httpx
import pytest

from onebox.credentials import CannotAsk, Credentials
from onebox.ocds import service as module
from onebox.ocds.document import Problem
from onebox.ocds.files import Original
from onebox.ocds.service import EvaluationService, Result

ORIGINAL = Original("a" * 64, 1)
Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSES", (0.0,) * 4)


def service(answer: Answer, *, lasts: int = 300, token_url: str | None = None) -> EvaluationService:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/identity/token":
            return httpx.Response(200, json={"access_token": "token", "expires_in": lasts})
        return answer(request)

    http = httpx.AsyncClient(base_url="http://box.test", transport=httpx.MockTransport(respond))
    return EvaluationService(http, Credentials("importer", "secret", token_url))


def evaluated(request: httpx.Request) -> httpx.Response:
    """Take in all but 'bad', with which nothing is taken in."""
    names = [item["release"] for item in json.loads(request.content)["processes"]]
    if "bad" in names:
        return httpx.Response(422, json={"code": "request-invalid", "detail": "No."})
    results = [{"ocid": name, "outcome": "published", "problems": []} for name in names]
    return httpx.Response(200, json={"results": results})


def items(*names: str) -> Sequence[bytes]:
    return [json.dumps({"release": name}).encode() for name in names]


@pytest.mark.parametrize(
    "names", [["bad"], ["bad", "a"], ["a", "b", "c", "bad", "d"], ["bad", "a", "b", "c", "bad"], ["a", "b"]]
)
async def test_only_the_one_at_fault_is_refused_when_several_are_refused_together(names: list[str]) -> None:
    results = await service(evaluated).take_in(items(*names))

    refused = Result("refused", (Problem("request-invalid", "No."),))
    assert results == [refused if name == "bad" else Result("published") for name in names]


@pytest.mark.parametrize("failure", [409, 429, 502, 503, 504, None])
async def test_a_request_is_sent_again_with_the_same_key_when_the_failure_passes(failure: int | None) -> None:
    keys = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) < 3:
            if failure is None:
                raise httpx.ReadError("gone")
            return httpx.Response(failure)
        return evaluated(request)

    assert await service(answer).take_in(items("a")) == [Result("published")]
    assert (len(keys), len(set(keys))) == (3, 1)


async def test_each_request_has_a_key_of_its_own_when_an_import_is_done_again() -> None:
    keys = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        return evaluated(request)

    for _ in range(2):
        await service(answer).take_in(items("a"))
    assert len(set(keys)) == 2


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "The client importer may not import: it needs the role importer."),
        (403, "The client importer may not import: it needs the role importer."),
        (404, "There is no evaluation service at http://box.test."),
        (503, "The service at http://box.test stays busy (503)."),
    ],
)
async def test_one_sentence_says_it_when_nothing_can_be_imported(status: int, sentence: str) -> None:
    with pytest.raises(CannotAsk) as stopped:
        await service(lambda _: httpx.Response(status, json={})).keep(ORIGINAL, b"x")
    assert str(stopped.value) == sentence


async def test_one_sentence_says_it_when_the_service_is_gone() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("secret")

    with pytest.raises(CannotAsk, match=r"^http://box.test does not answer any more \(ConnectError\)\.$"):
        await service(answer).keep(ORIGINAL, b"x")


async def test_one_sentence_says_it_when_something_else_answers() -> None:
    with pytest.raises(CannotAsk, match="is not Coxswain"):
        await service(lambda _: httpx.Response(200, text="<html>")).take_in(items("a"))


async def test_the_reason_is_given_when_an_original_is_refused() -> None:
    answers = [httpx.Response(422, json={"code": "digest-differs", "detail": "No."}), httpx.Response(201, json={})]
    asked = service(lambda _: answers.pop(0))

    assert await asked.keep(ORIGINAL, b"x") == Problem("digest-differs", "No.")
    assert await asked.keep(ORIGINAL, b"x") is None


@pytest.mark.parametrize(("lasts", "tokens"), [(300, 1), (30, 3)])
async def test_a_token_is_renewed_when_it_is_about_to_end(lasts: int, tokens: int) -> None:
    given = []

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.host == "issuer.test":
            given.append(parse_qs(request.content.decode()))
            return httpx.Response(200, json={"access_token": f"token-{len(given)}", "expires_in": lasts})
        assert request.headers["authorization"] == f"Bearer token-{len(given)}"
        return httpx.Response(201, json={})

    http = httpx.AsyncClient(base_url="http://box.test", transport=httpx.MockTransport(respond))
    asked = EvaluationService(http, Credentials("me", "secret", "https://issuer.test/oauth/token"))
    for _ in range(3):
        await asked.keep(ORIGINAL, b"x")

    assert len(given) == tokens
    assert given[0] == {
        "grant_type": ["client_credentials"],
        "audience": ["evaluation"],
        "client_id": ["me"],
        "client_secret": ["secret"],
    }


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), "credentials are refused"),
        (httpx.Response(404, json={}), "There is no token issuer"),
        (httpx.Response(200, json={}), "There is no token issuer"),
        (httpx.Response(200, text="hello"), "is not Coxswain"),
        (httpx.Response(200, json=[]), "is not Coxswain"),
    ],
)
async def test_one_sentence_says_it_when_there_is_no_token(answer: httpx.Response, sentence: str) -> None:
    http = httpx.AsyncClient(base_url="http://box.test", transport=httpx.MockTransport(lambda _: answer))
    with pytest.raises(CannotAsk, match=sentence) as stopped:
        await EvaluationService(http, Credentials("importer", "hunter2")).sign_in()
    assert "hunter2" not in str(stopped.value)


async def test_one_sentence_says_it_when_the_address_is_none() -> None:
    async with httpx.AsyncClient(base_url="nonsense") as http:
        with pytest.raises(CannotAsk, match=r"^nonsense does not answer \(UnsupportedProtocol\)\.$"):
            await EvaluationService(http, Credentials("importer", "demo")).sign_in()
