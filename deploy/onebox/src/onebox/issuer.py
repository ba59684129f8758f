"""The one-box's own token issuer: OAuth 2.0 client credentials (RFC 6749, 4.4), JWT access tokens (RFC 9068)."""

import base64
import binascii
import hmac
import json
import secrets
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey
from pydantic import BaseModel, ConfigDict, Field

from onebox.people import DEMO_SECRET, ENROLLABLE, PEOPLE, Person
from shared.contracts.fields import OrganisationId, ShortText
from shared.kernel.ids import new_id
from shared.platform import problems
from shared.platform.auth import DEMO_ISSUER, TokenVerifier, refused
from shared.platform.edge import Edge
from shared.platform.problems import EdgeProblem

AUDIENCES = frozenset({"tender", "budget", "evaluation", "provider-registry", "portal", "identity"})
LIFE_SECONDS = 300


class Enrolment(BaseModel):
    """A new client: a person of an organisation that offers services or supervises them."""

    model_config = ConfigDict(extra="forbid")

    organisation: OrganisationId
    organisation_name: ShortText
    roles: Annotated[list[str], Field(min_length=1, max_length=5)]


class Enrolled(BaseModel):
    """The credentials of a new client; the secret is told once."""

    client_id: str
    client_secret: str


class Issuer:
    """Knows the clients and signs tokens; what it must not forget lies in one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._enrolled_file = folder / "clients.json"
        self._key = _signing_key(folder / "signing-key.json")
        self._clients = {person.client_id: (person, DEMO_SECRET) for person in PEOPLE}
        if self._enrolled_file.exists():
            for item in json.loads(self._enrolled_file.read_text("utf-8")):
                person = Person(**item["person"] | {"roles": tuple(item["person"]["roles"])})
                self._clients[person.client_id] = (person, item["secret"])

    async def keys(self) -> dict[str, Any]:
        """Publish the keys (JWKS)."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def token(self, client_id: str, secret: str, audience: str) -> str | None:
        """Give a token for good credentials."""
        person, known = self._clients.get(client_id, (None, ""))
        if person is None or not hmac.compare_digest(known.encode(), secret.encode()):
            return None
        now = int(time.time())
        claims = {
            "iss": DEMO_ISSUER,
            "aud": [audience],
            "sub": person.client_id,
            "client_id": person.client_id,
            "org": person.organisation,
            "org_name": person.organisation_name,
            "roles": list(person.roles),
            "iat": now,
            "exp": now + LIFE_SECONDS,
            "jti": str(new_id()),
        }
        header = {"alg": "Ed25519", "typ": "at+jwt", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["Ed25519"])

    def enrol(self, enrolment: Enrolment) -> Enrolled:
        """Add a client, and keep it."""
        if not set(enrolment.roles) <= ENROLLABLE:
            names = " or ".join(sorted(ENROLLABLE))
            raise EdgeProblem(422, "role-not-enrollable", f"A new client is given the role {names}.")
        client_id, secret = f"client-{secrets.token_hex(6)}", secrets.token_urlsafe(24)
        person = Person(client_id, enrolment.organisation, enrolment.organisation_name, tuple(enrolment.roles))
        self._clients[client_id] = (person, secret)
        self._keep()
        return Enrolled(client_id=client_id, client_secret=secret)

    def _keep(self) -> None:
        demo = {person.client_id for person in PEOPLE}
        enrolled = [
            {"person": asdict(person), "secret": secret}
            for client_id, (person, secret) in self._clients.items()
            if client_id not in demo
        ]
        _write_private(self._enrolled_file, json.dumps(enrolled))


def create_issuer(folder: Path) -> tuple[FastAPI, Issuer]:
    """Make the issuer's application."""
    issuer = Issuer(folder)
    verifier = TokenVerifier(DEMO_ISSUER, "identity", issuer.keys)
    app = FastAPI(title="Coxswain one-box identity", version="0.1.0", docs_url=None, redoc_url=None)
    problems.install(app)
    app.add_middleware(Edge, service="identity", larger_bodies={})

    async def administrator(request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or "identity-administrator" not in (await verifier.actor(token)).roles:
            raise refused()

    @app.post("/token")
    async def token(request: Request) -> Response:
        """Exchange client credentials for an access token; `audience` names the service."""
        try:
            form = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=10)
        except ValueError:
            return _answer(400, error="invalid_request")
        fields = {name: values[0] for name, values in form.items()}
        client_id, secret = _basic(request) or (fields.get("client_id", ""), fields.get("client_secret", ""))
        audience = fields.get("audience", "")
        if fields.get("grant_type") != "client_credentials":
            return _answer(400, error="unsupported_grant_type")
        if audience not in AUDIENCES:
            return _answer(400, error="invalid_target")
        given = issuer.token(client_id, secret, audience)
        if given is None:
            return _answer(401, error="invalid_client")
        return _answer(200, access_token=given, token_type="Bearer", expires_in=LIFE_SECONDS)  # noqa: S106 - its kind

    @app.get("/jwks.json")
    async def jwks() -> dict[str, Any]:
        """Publish the keys that tokens are verified with."""
        return await issuer.keys()

    @app.post("/clients", status_code=201, dependencies=[Depends(administrator)])
    async def enrol(enrolment: Enrolment) -> Enrolled:
        """Add a client for a provider or a supervisor."""
        return issuer.enrol(enrolment)

    return app, issuer


def _answer(status: int, **body: str | int) -> JSONResponse:
    headers = {"Cache-Control": "no-store"}
    return JSONResponse(body, status, headers | ({"WWW-Authenticate": "Basic"} if status == 401 else {}))


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        return "", ""
    return client_id, secret


def _signing_key(file: Path) -> OKPKey:
    if not file.exists():
        key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "Ed25519"}, private=True)
        _write_private(file, json.dumps(key.as_dict(private=True) | {"kid": key.thumbprint()}))
    return OKPKey.import_key(json.loads(file.read_text("utf-8")))


def _write_private(file: Path, text: str) -> None:
    """Replace a file at once, readable by its owner alone."""
    draft = file.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(text, "utf-8")
    draft.replace(file)
