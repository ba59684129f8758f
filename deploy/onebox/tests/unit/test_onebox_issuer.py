import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from onebox.issuer import AUDIENCES, LIFE_SECONDS, create_issuer
from onebox.people import DEMO_SECRET, PEOPLE
from shared.kernel.access import Actor
from shared.platform.auth import DEMO_ISSUER, TokenVerifier

ENROLMENT = {"organisation": "oarsmen", "organisation_name": "Oarsmen Care", "roles": ["provider"]}
Open = Callable[[], httpx.AsyncClient]


@pytest.fixture
def reopen(tmp_path: Path) -> Open:
    """Start the issuer, each time on the same folder."""

    def client() -> httpx.AsyncClient:
        app, _ = create_issuer(tmp_path / "identity")
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://identity.test")

    return client


@pytest.fixture
def issuer(reopen: Open) -> httpx.AsyncClient:
    return reopen()


async def ask(issuer: httpx.AsyncClient, client_id: str, secret: str = DEMO_SECRET, **fields: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "audience": "tender"}
    return await issuer.post("/token", data={**form, **fields})


async def enrol(issuer: httpx.AsyncClient, body: Any = ENROLMENT, client_id: str = "identity-administrator") -> Any:
    token = (await ask(issuer, client_id, audience="identity")).json()["access_token"]
    return await issuer.post("/clients", json=body, headers={"Authorization": f"Bearer {token}"})


async def verified(issuer: httpx.AsyncClient, token: str, audience: str = "tender") -> Actor:
    """Verify a token as a service does, by the published keys."""

    async def keys() -> Any:
        return (await issuer.get("/jwks.json")).json()

    return await TokenVerifier(DEMO_ISSUER, audience, keys).actor(token)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.client_id)
async def test_service_knows_the_person_when_the_token_is_the_issuers(issuer: httpx.AsyncClient, person: Any) -> None:
    answer = await ask(issuer, person.client_id)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", LIFE_SECONDS)
    assert await verified(issuer, body["access_token"]) == Actor(
        person.client_id, person.organisation, frozenset(person.roles)
    )


@pytest.mark.parametrize("audience", sorted(AUDIENCES))
async def test_token_is_for_one_service_only(issuer: httpx.AsyncClient, audience: str) -> None:
    token = (await ask(issuer, "operator-1", audience=audience)).json()["access_token"]
    keys = KeySet.import_key_set((await issuer.get("/jwks.json")).json())
    decoded = jwt.decode(token, keys, algorithms=["Ed25519"])
    assert decoded.claims["aud"] == [audience]
    assert decoded.header["typ"] == "at+jwt"
    assert decoded.claims["exp"] - decoded.claims["iat"] == LIFE_SECONDS


@pytest.mark.parametrize(
    ("client_id", "secret", "fields", "status", "error"),
    [
        ("operator-1", "guess", {}, 401, "invalid_client"),
        ("operator-1", "", {}, 401, "invalid_client"),
        ("operator-1", "démo", {}, 401, "invalid_client"),
        ("nobody", DEMO_SECRET, {}, 401, "invalid_client"),
        ("", "", {}, 401, "invalid_client"),
        ("operator-1", DEMO_SECRET, {"audience": "treasury"}, 400, "invalid_target"),
        ("operator-1", DEMO_SECRET, {"audience": ""}, 400, "invalid_target"),
        ("operator-1", DEMO_SECRET, {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ("operator-1", DEMO_SECRET, {f"field-{number}": "x" for number in range(10)}, 400, "invalid_request"),
    ],
)
async def test_no_token_is_given_when_something_is_wrong(
    issuer: httpx.AsyncClient, client_id: str, secret: str, fields: dict[str, str], status: int, error: str
) -> None:
    answer = await ask(issuer, client_id, secret, **fields)
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert answer.headers["cache-control"] == "no-store"


async def test_no_token_is_given_when_the_form_is_none(issuer: httpx.AsyncClient) -> None:
    for content in (b"", b"\xff\xfe", b"%00%ff", b'{"grant_type": "client_credentials"}'):
        answer = await issuer.post("/token", content=content)
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("pair", "status"),
    [
        (f"operator-1:{DEMO_SECRET}", 200),
        (f"OPERATOR-1:{DEMO_SECRET}", 401),
        ("operator-1:guess", 401),
        ("operator-1", 401),
        (":", 401),
    ],
)
async def test_credentials_are_read_when_they_come_as_basic_authentication(
    issuer: httpx.AsyncClient, pair: str, status: int
) -> None:
    headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    form = {"grant_type": "client_credentials", "audience": "tender"}
    answer = await issuer.post("/token", data=form, headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"] == "Basic"


async def test_no_token_is_given_when_basic_authentication_is_malformed(issuer: httpx.AsyncClient) -> None:
    form = {
        "grant_type": "client_credentials",
        "audience": "tender",
        "client_id": "operator-1",
        "client_secret": DEMO_SECRET,
    }
    for encoded in ("", "%%%", "/w==", "b3BlcmF0b3It"):
        answer = await issuer.post("/token", data=form, headers={"Authorization": f"Basic {encoded}"})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_client_is_given_tokens_when_the_administrator_has_enrolled_it(issuer: httpx.AsyncClient) -> None:
    answer = await enrol(issuer)
    assert answer.status_code == 201
    client = answer.json()
    assert len(client["client_secret"]) >= 32
    token = (await ask(issuer, client["client_id"], client["client_secret"])).json()["access_token"]
    assert await verified(issuer, token) == Actor(client["client_id"], "oarsmen", frozenset({"provider"}))
    assert (await ask(issuer, client["client_id"])).status_code == 401  # the demo secret opens none but the demo's


async def test_each_client_has_credentials_of_its_own_when_an_organisation_has_two(issuer: httpx.AsyncClient) -> None:
    first, second = (await enrol(issuer)).json(), (await enrol(issuer)).json()
    assert first["client_id"] != second["client_id"]
    assert (await ask(issuer, first["client_id"], second["client_secret"])).status_code == 401


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"roles": ["operator"]}, "role-not-enrollable"),
        ({"roles": ["provider", "procurement-head"]}, "role-not-enrollable"),
        ({"roles": ["identity-administrator"]}, "role-not-enrollable"),
        ({"roles": []}, "value-invalid"),
        ({"organisation": "two words"}, "value-invalid"),
        ({"organisation": ""}, "value-invalid"),
        ({"organisation_name": ""}, "value-invalid"),
        ({"client_id": "operator-1"}, "unknown-field"),
    ],
)
async def test_nobody_is_enrolled_when_something_is_wrong(
    issuer: httpx.AsyncClient, changes: dict[str, Any], code: str
) -> None:
    answer = await enrol(issuer, {**ENROLMENT, **changes})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_nobody_is_enrolled_when_it_is_not_the_administrator_who_asks(issuer: httpx.AsyncClient) -> None:
    for person in PEOPLE:
        if "identity-administrator" not in person.roles:
            answer = await enrol(issuer, client_id=person.client_id)
            assert (answer.status_code, answer.json()["code"]) == (401, "token-refused"), person.client_id
    of_another_service = (await ask(issuer, "identity-administrator")).json()["access_token"]
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {of_another_service}"}):
        assert (await issuer.post("/clients", json=ENROLMENT, headers=headers)).status_code == 401


async def test_clients_and_keys_are_known_when_the_issuer_comes_up_again(reopen: Open, tmp_path: Path) -> None:
    before = reopen()
    client = (await enrol(before)).json()
    token = (await ask(before, client["client_id"], client["client_secret"])).json()["access_token"]
    after = reopen()
    assert (await after.get("/jwks.json")).json() == (await before.get("/jwks.json")).json()
    assert (await verified(after, token)).organisation == "oarsmen"
    assert (await ask(after, client["client_id"], client["client_secret"])).status_code == 200
    for name in ("clients.json", "signing-key.json"):
        assert stat.S_IMODE((tmp_path / "identity" / name).stat().st_mode) == 0o600


async def test_only_public_keys_are_published(issuer: httpx.AsyncClient, tmp_path: Path) -> None:
    private = json.loads((tmp_path / "identity" / "signing-key.json").read_text())
    published = (await issuer.get("/jwks.json")).text
    assert private["x"] in published
    assert private["d"] not in published
