"""Access tokens, with an issuer that answers as it is told."""

from urllib.parse import parse_qs

import httpx
import pytest

from onebox.credentials import AccessTokens, CannotAsk, Credentials

OWN_ISSUER = "https://issuer.test/token"


def tokens(*answers: httpx.Response | Exception, token_url: str | None = None) -> tuple[AccessTokens, list[str]]:
    """Return the tokens of an issuer that gives these answers, and a list of the audiences it is asked for."""
    left, asked = list(answers), list[str]()

    def respond(request: httpx.Request) -> httpx.Response:
        asked.extend(parse_qs(request.content.decode())["audience"])
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    http = httpx.AsyncClient(base_url="http://box.test", transport=httpx.MockTransport(respond))
    return AccessTokens(http, Credentials("me", "hunter2", token_url)), asked


def given(token: str, **members: object) -> httpx.Response:
    return httpx.Response(200, json={"access_token": token, **members})


async def test_each_service_has_a_token_of_its_own_when_several_are_asked() -> None:
    known, asked = tokens(given("a", expires_in=300), given("b", expires_in=300))
    services = ["tender", "budget", "tender", "budget"]
    assert [await known.token(service) for service in services] == ["a", "b", "a", "b"]
    assert asked == ["tender", "budget"]


@pytest.mark.parametrize(("life", "times"), [({"expires_in": 31}, 1), ({"expires_in": 30}, 2), ({}, 1)])
async def test_a_token_is_kept_until_shortly_before_its_end_when_it_has_one(life: dict[str, int], times: int) -> None:
    known, asked = tokens(given("a", **life), given("b", **life))
    await known.token("tender")
    await known.token("tender")
    assert len(asked) == times


@pytest.mark.parametrize("expires_in", ["300", None, []])
async def test_a_token_is_taken_when_its_life_is_not_a_number(expires_in: object) -> None:
    known, _ = tokens(given("a", expires_in=expires_in))
    assert await known.token("tender") == "a"


@pytest.mark.parametrize(
    "answer", [given("ä"), httpx.Response(200, json={"access_token": 7}), httpx.Response(302), httpx.Response(500)]
)
async def test_one_sentence_says_it_when_what_answers_gives_no_token(answer: httpx.Response) -> None:
    known, _ = tokens(answer, token_url=OWN_ISSUER)
    with pytest.raises(CannotAsk, match=rf"^There is no token issuer at {OWN_ISSUER}\.$"):
        await known.token("tender")


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_the_secret_is_not_told_when_it_is_refused(status: int) -> None:
    known, _ = tokens(httpx.Response(status, json={"error": "invalid_client", "error_description": "hunter2"}))
    with pytest.raises(CannotAsk) as refused:
        await known.token("tender")
    assert str(refused.value) == "The client me is given no token: its credentials are refused."


@pytest.mark.parametrize(("token_url", "address"), [(None, "http://box.test"), (OWN_ISSUER, OWN_ISSUER)])
async def test_the_address_that_does_not_answer_is_told_when_there_are_two(token_url: str | None, address: str) -> None:
    known, _ = tokens(httpx.ConnectError("no"), token_url=token_url)
    with pytest.raises(CannotAsk, match=rf"^{address} does not answer \(ConnectError\)\.$"):
        await known.token("tender")
