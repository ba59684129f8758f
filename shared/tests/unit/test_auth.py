"""Whatever is sent as a token, it is a party that the issuer vouches for, or 401; never an error of ours."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from shared.kernel.access import Actor
from shared.platform.auth import TokenVerifier, fetch_keys
from shared.platform.problems import EdgeProblem
from shared.testing.tokens import ISSUER, Tokens

AUDIENCE = "notes"
TOKENS = Tokens()
NOW = int(time.time())
ACTOR = Actor("person", "org", frozenset({"writer"}))
HEADER = {"alg": "Ed25519", "typ": "at+jwt", "kid": "test"}
ES256_KEY = ECKey.generate_key("P-256", {"kid": "es", "use": "sig", "alg": "ES256"})
RSA_KEY = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig", "alg": "RS256"})
ALGORITHMS = ["Ed25519", "EdDSA", "ES256", "RS256", "HS256", "none"]


@pytest.fixture(autouse=True)
def at_the_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass from the making of the tokens, however long other tests take."""
    monkeypatch.setattr("shared.platform.auth.time.time", lambda: NOW)


def claims(**changed: Any) -> dict[str, Any]:
    """Return good claims, with some changed; None takes one away."""
    whole = {
        "iss": ISSUER, "aud": [AUDIENCE], "sub": "person", "org": "org", "roles": ["writer"], "client_id": "person",
        "iat": NOW, "exp": NOW + 7200, "jti": "1", **changed,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def signed(header: Mapping[str, Any], content: Mapping[str, Any], key: Any = TOKENS.key) -> str:
    return jwt.encode(dict(header), dict(content), key, algorithms=ALGORITHMS)


def part(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def raw(header: Any, payload: Any) -> str:
    """Sign anything at all with the issuer's key."""
    signing_input = f"{part(header)}.{part(payload)}"
    private = TOKENS.key.private_key
    assert private is not None
    return f"{signing_input}.{part(private.sign(signing_input.encode()))}"


def hs256(secret: bytes) -> str:
    """Sign with a secret that everybody knows, since it is the issuer's public key."""
    signing_input = f"{part({**HEADER, 'alg': 'HS256'})}.{part(claims())}"
    return f"{signing_input}.{part(hmac.digest(secret, signing_input.encode(), 'sha256'))}"


def verifier(*keys: Any) -> TokenVerifier:
    published = KeySet([TOKENS.key, ES256_KEY, RSA_KEY, *keys]).as_dict(private=False)

    async def fetch() -> Mapping[str, Any]:
        return dict(published)

    return TokenVerifier(ISSUER, AUDIENCE, fetch)


async def refusal(token: str, by: TokenVerifier | None = None) -> tuple[int, str]:
    with pytest.raises(EdgeProblem) as refused:
        await (by or verifier()).actor(token)
    return refused.value.status, refused.value.code


REFUSED = (401, "token-refused")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(HEADER, claims()), id="Ed25519"),
        pytest.param(signed({**HEADER, "typ": "application/at+jwt"}, claims()), id="long type"),
        pytest.param(signed({**HEADER, "alg": "ES256", "kid": "es"}, claims(), ES256_KEY), id="ES256"),
        pytest.param(signed(HEADER, claims(aud=AUDIENCE)), id="one audience"),
        pytest.param(signed(HEADER, claims(aud=["other", AUDIENCE])), id="several audiences"),
        pytest.param(signed(HEADER, claims(nbf=NOW - 10)), id="valid since"),
        pytest.param(signed(HEADER, claims(nbf=NOW + 3)), id="clock behind by three seconds"),
    ],
)
async def test_actor_is_known_when_the_issuer_vouches_for_it(token: str) -> None:
    assert await verifier().actor(token) == ACTOR


FORGED = OKPKey.generate_key("Ed25519", {"kid": "test", "use": "sig", "alg": "Ed25519"})
BAD_TOKENS = {
    "alg none": f"{part({**HEADER, 'alg': 'none'})}.{part(claims())}.",
    "alg none, signed": raw({**HEADER, "alg": "none"}, claims()),
    "alg None in other letters": raw({**HEADER, "alg": "nOnE"}, claims()),
    "HS256 with the public key in PEM": hs256(TOKENS.key.as_pem(private=False)),
    "HS256 with the public key itself": hs256(TOKENS.key.public_key.public_bytes_raw()),
    "RS256 with a published key": signed({**HEADER, "alg": "RS256", "kid": "rsa"}, claims(), RSA_KEY),
    "Ed25519 said of an EC key": raw({**HEADER, "kid": "es"}, claims()),
    "ES256 said of an Ed25519 key": raw({**HEADER, "alg": "ES256"}, claims()),
    "alg missing": raw({"typ": "at+jwt", "kid": "test"}, claims()),
    "alg is a list": raw({**HEADER, "alg": ["Ed25519"]}, claims()),
    "another's key under the same id": signed(HEADER, claims(), FORGED),
    "kid unknown": signed({**HEADER, "kid": "other"}, claims()),
    "kid missing": raw({"alg": "Ed25519", "typ": "at+jwt"}, claims()),
    "kid is a path": raw({**HEADER, "kid": "../../etc/passwd"}, claims()),
    "kid is a list": raw({**HEADER, "kid": ["test"]}, claims()),
    "kid is an object": raw({**HEADER, "kid": {"test": 1}}, claims()),
    "kid is a number": raw({**HEADER, "kid": 1}, claims()),
    "kid is null": raw({**HEADER, "kid": None}, claims()),
    "typ is JWT": signed({**HEADER, "typ": "JWT"}, claims()),
    "typ missing": raw({"alg": "Ed25519", "kid": "test"}, claims()),
    "typ is a list": raw({**HEADER, "typ": ["at+jwt"]}, claims()),
    "jwk in the header": signed({**HEADER, "kid": "mine", "jwk": FORGED.as_dict(private=False)}, claims(), FORGED),
    "jku in the header": raw({**HEADER, "kid": "mine", "jku": "https://mine.test/jwks"}, claims()),
    "x5u in the header": raw({**HEADER, "kid": "mine", "x5u": "https://mine.test/x5u"}, claims()),
    "crit not understood": raw({**HEADER, "crit": ["other"], "other": 1}, claims()),
    "payload not encoded": raw({**HEADER, "b64": False, "crit": ["b64"]}, claims()),
    "issuer other": signed(HEADER, claims(iss="https://other.test")),
    "issuer is a list": signed(HEADER, claims(iss=[ISSUER])),
    "issuer missing": signed(HEADER, claims(iss=None)),
    "audience other": signed(HEADER, claims(aud=["other"])),
    "audience is a part of the name": signed(HEADER, claims(aud="note")),
    "audience missing": signed(HEADER, claims(aud=None)),
    "audience is an object": signed(HEADER, claims(aud={AUDIENCE: 1})),
    "audience holds lists": raw(HEADER, claims(aud=[[AUDIENCE]])),
    "expired": signed(HEADER, claims(exp=NOW - 60)),
    "exp missing": signed(HEADER, claims(exp=None)),
    "exp is text": raw(HEADER, claims(exp=str(NOW + 300))),
    "exp is true": raw(HEADER, claims(exp=True)),
    "exp is not a number": raw(HEADER, claims(exp=float("nan"))),
    "exp is beyond any float": raw(HEADER, claims(exp=10**400)),
    "nbf in the future": signed(HEADER, claims(nbf=NOW + 600)),
    "nbf is text": raw(HEADER, claims(nbf="later")),
    "nbf is beyond any float": raw(HEADER, claims(nbf=10**400)),
    "nbf is null": raw(HEADER, {**claims(), "nbf": None}),
    "person missing": signed(HEADER, claims(sub=None)),
    "person empty": signed(HEADER, claims(sub="")),
    "person too long": signed(HEADER, claims(sub="p" * 201)),
    "person is a number": raw(HEADER, claims(sub=1)),
    "organisation missing": signed(HEADER, claims(org=None)),
    "organisation is null": raw(HEADER, {**claims(), "org": None}),
    "organisation is a number": raw(HEADER, claims(org=7)),
    "organisation is no identifier": raw(HEADER, claims(org="an office")),
    "organisation ends a line": raw(HEADER, claims(org="org\n")),
    "organisation is a list": raw(HEADER, claims(org=["org"])),
    "roles missing": signed(HEADER, claims(roles=None)),
    "roles are text": signed(HEADER, claims(roles="writer")),
    "roles hold an object": raw(HEADER, claims(roles=[{}])),
    "payload is a list": raw(HEADER, [claims()]),
    "payload is text": raw(HEADER, "claims"),
    "payload is no JSON": raw(HEADER, b"\xff{"),
    "header is a list": raw([HEADER], claims()),
    "header is text": raw("header", claims()),
    "header is null": raw(None, claims()),
    "header is no JSON": raw(b"\xff{", claims()),
    "header nested deeply": raw(b'{"kid":' + b"[" * 5000 + b"]" * 5000 + b"}", claims()),
    "payload nested deeply": raw(HEADER, b'{"exp":' + b"[" * 5000 + b"]" * 5000 + b"}"),
    "signature missing": signed(HEADER, claims()).rpartition(".")[0],
    "signature empty": signed(HEADER, claims()).rpartition(".")[0] + ".",
    "signature of other claims": ".".join([*signed(HEADER, claims(sub="x")).split(".")[:2], "AAAA"]),
    "five parts": f"{signed(HEADER, claims())}.a.b",
    "encrypted": "a.b.c.d.e",
    "empty": "",
    "dots": "..",
    "text": "garbage",
    "not ASCII": "\N{SNOWMAN}.\N{SNOWMAN}.\N{SNOWMAN}",
    "half a surrogate pair": "\ud800.a.b",
    "NUL": "a\x00.b.c",
}


@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_token_is_refused_when_it_is_not_the_issuers(name: str) -> None:
    assert await refusal(BAD_TOKENS[name]) == REFUSED


@given(
    token=st.one_of(
        st.text(max_size=200),
        st.from_regex(r"\A[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\Z"),
    )
)
def test_token_is_refused_when_it_is_any_text(token: str) -> None:
    assert asyncio.run(refusal(token)) == REFUSED


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


PLACES = ["iss", "aud", "sub", "org", "roles", "exp", "nbf", "header", "payload"]


@given(name=st.sampled_from(PLACES), value=JSON_VALUES)
def test_verifier_answers_when_the_issuer_signs_anything(name: str, value: Any) -> None:
    if name == "header":
        token = raw(value, claims())
    elif name == "payload":
        token = raw(HEADER, value)
    else:
        token = raw(HEADER, {**claims(), name: value})
    assert asyncio.run(_answer(token)) in {REFUSED, (200, "known")}


async def _answer(token: str) -> tuple[int, str]:
    try:
        actor = await verifier().actor(token)
    except EdgeProblem as problem:
        return problem.status, problem.code
    assert actor.person
    assert actor.organisation
    return 200, "known"


class Provider:
    """An issuer's keys endpoint whose keys change and which may be down."""

    def __init__(self, *keys: Any) -> None:
        self.keys, self.asked, self.down = list(keys), 0, False

    async def fetch(self) -> Mapping[str, Any]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.down:
            raise httpx.ConnectError("down")
        return dict(KeySet(self.keys).as_dict(private=False))


@pytest.fixture
def time_passes(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The verifier's monotonic clock."""
    clock = [1000.0]
    monkeypatch.setattr("shared.platform.auth.time.monotonic", lambda: clock[0])
    return clock


NEW_KEY = OKPKey.generate_key("Ed25519", {"kid": "new", "use": "sig", "alg": "Ed25519"})
NEW_TOKEN = signed({**HEADER, "kid": "new"}, claims(), NEW_KEY)


async def test_new_key_is_picked_up_when_a_token_names_it(time_passes: list[float]) -> None:
    provider = Provider(TOKENS.key)
    tokens = TokenVerifier(ISSUER, AUDIENCE, provider.fetch)
    old = signed(HEADER, claims())
    assert await tokens.actor(old) == ACTOR
    provider.keys = [NEW_KEY]
    time_passes[0] += 60
    assert await tokens.actor(NEW_TOKEN) == ACTOR
    assert await refusal(old, tokens) == REFUSED  # the old key is not published any more
    assert provider.asked == 2


async def test_every_token_is_accepted_when_several_come_with_a_new_key_at_once(time_passes: list[float]) -> None:
    provider = Provider(TOKENS.key)
    tokens = TokenVerifier(ISSUER, AUDIENCE, provider.fetch)
    await tokens.actor(signed(HEADER, claims()))
    provider.keys = [TOKENS.key, NEW_KEY]
    time_passes[0] += 60
    assert await asyncio.gather(*(tokens.actor(NEW_TOKEN) for _ in range(5))) == [ACTOR] * 5
    assert provider.asked == 2


async def test_provider_is_left_in_peace_when_tokens_name_made_up_keys(time_passes: list[float]) -> None:
    provider = Provider(TOKENS.key)
    tokens = TokenVerifier(ISSUER, AUDIENCE, provider.fetch)
    for number in range(20):
        assert await refusal(signed({**HEADER, "kid": f"made-up-{number}"}, claims()), tokens) == REFUSED
    assert provider.asked == 1


async def test_problem_is_ours_when_the_keys_cannot_be_read(time_passes: list[float]) -> None:
    provider = Provider(TOKENS.key)
    provider.down = True
    tokens = TokenVerifier(ISSUER, AUDIENCE, provider.fetch)
    for _ in range(2):
        assert await refusal(signed(HEADER, claims()), tokens) == (503, "keys-unavailable")
    asked = provider.asked
    refusals = await asyncio.gather(*(refusal(signed(HEADER, claims()), tokens) for _ in range(5)))
    assert set(refusals) == {(503, "keys-unavailable")}
    assert provider.asked == asked + 1
    provider.down = False
    assert await tokens.actor(signed(HEADER, claims())) == ACTOR
    provider.down = True
    time_passes[0] += 60
    assert await tokens.actor(signed(HEADER, claims())) == ACTOR  # known keys serve on
    assert await refusal(NEW_TOKEN, tokens) == (503, "keys-unavailable")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"no json"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json=None),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"keys": "none"}),
        httpx.Response(200, json={"keys": [1]}),
        httpx.Response(200, json={"keys": [{}]}),
        httpx.Response(200, json={"keys": [{"kty": "OKP", "crv": "Ed25519", "x": 1}]}),
        httpx.Response(500),
        httpx.Response(302, headers={"location": "https://mine.test/jwks"}),
    ],
    ids=range(10),
)
async def test_problem_is_ours_when_the_keys_are_garbage(answer: httpx.Response) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as client:
        tokens = TokenVerifier(ISSUER, AUDIENCE, fetch_keys(client, "https://issuer.test/jwks"))
        assert await refusal(signed(HEADER, claims()), tokens) == (503, "keys-unavailable")


async def test_good_keys_serve_when_another_of_the_set_is_not_understood() -> None:
    async def fetch() -> Mapping[str, Any]:
        return {"keys": [{"kty": "FUTURE", "kid": "f"}, TOKENS.key.as_dict(private=False)]}

    assert await TokenVerifier(ISSUER, AUDIENCE, fetch).actor(signed(HEADER, claims())) == ACTOR


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature was checked, in turn."""
    tokens: list[str] = []

    def decode(token: str, *arguments: Any, **named: Any) -> jwt.Token:
        tokens.append(token)
        return decoded(token, *arguments, **named)

    decoded = jwt.decode
    monkeypatch.setattr("shared.platform.auth.jwt.decode", decode)
    return tokens


async def test_signature_is_checked_once_when_a_token_comes_again(checked: list[str]) -> None:
    tokens, token = verifier(), signed(HEADER, claims())
    assert [await tokens.actor(token) for _ in range(3)] == [ACTOR] * 3
    assert checked == [token]
    # What differs in any place is another token.
    assert await refusal(f"{token[:-4]}AAAA", tokens) == REFUSED
    assert await refusal(f"{token}.", tokens) == REFUSED


async def test_token_is_refused_when_it_has_expired_since_it_was_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens, token = verifier(), signed(HEADER, claims(exp=NOW + 300))
    assert await tokens.actor(token) == ACTOR
    monkeypatch.setattr("shared.platform.auth.time.time", lambda: NOW + 306)
    assert await refusal(token, tokens) == REFUSED


async def test_signature_is_checked_again_when_the_keys_were_read_anew(
    checked: list[str], time_passes: list[float]
) -> None:
    provider = Provider(TOKENS.key)
    tokens, token = TokenVerifier(ISSUER, AUDIENCE, provider.fetch), signed(HEADER, claims())
    await tokens.actor(token)
    provider.keys = [FORGED, NEW_KEY]  # another key under the id that is known
    time_passes[0] += 60
    assert await tokens.actor(NEW_TOKEN) == ACTOR
    assert await refusal(token, tokens) == REFUSED
    assert checked == [token, NEW_TOKEN, token]


async def test_no_more_tokens_are_kept_than_there_is_room_for(
    checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.platform.auth._MOST_KEPT", 2)
    tokens, three = verifier(), [signed(HEADER, claims(jti=str(number))) for number in range(3)]
    for token in (*three, *reversed(three)):
        assert await tokens.actor(token) == ACTOR
    assert checked == [*three, three[0]]  # the oldest had made room
