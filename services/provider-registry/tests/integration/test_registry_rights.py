"""Every route x {anonymous, wrong role, other organisation, right}."""

from typing import Any

import pytest
from fastapi.routing import APIRoute

from provider_registry.api import (
    cases,
    details,
    duplicates,
    evidence,
    professionals,
    programme_routes,
    reserved,
    screening,
)
from provider_registry.main import DEFINITION
from shared.kernel.ids import derived_id

EUROS = {"amount": "0.00", "currency": "EUR"}
YEAR = {"ended_on": "2025-12-31", "income": [], "total_income": EUROS, "expenses": EUROS, "result": EUROS}
ENTRY = {"name": "Oarsmen", "legal_form": "association"}
EVIDENCE = {"evidence": [{"document_type": "statutes", "digest": "a" * 64, "valid_until": "2027-03-02"}]}
# route: status it is due at, method, path, body, role, organisation
COMMANDS: dict[str, tuple[str | None, str, str, Any, str, str]] = {
    "register_provider": (
        None,
        "POST",
        "/v1/providers",
        ENTRY | {"identifier": {"scheme": "XX-REG", "id": "1"}},
        "provider",
        "oarsmen",
    ),
    "change_provider": ("registered", "PUT", "/v1/providers/oarsmen", ENTRY, "provider", "oarsmen"),
    "submit_evidence": ("registered", "POST", "/v1/providers/oarsmen/evidence", EVIDENCE, "provider", "oarsmen"),
    "check_provider": ("submitted", "POST", "/v1/providers/oarsmen/check", None, "registry-officer", "registry"),
    "verify_provider": (
        "checked",
        "POST",
        "/v1/providers/oarsmen/verification",
        None,
        "registry-officer",
        "registry",
    ),
    "refuse_provider": (
        "submitted",
        "POST",
        "/v1/providers/oarsmen/refusal",
        {"reason": "No."},
        "registry-officer",
        "registry",
    ),
    "enter_year": ("reported", "PUT", "/v1/providers/oarsmen/years/2025", YEAR, "provider", "oarsmen"),
    "confirm_year": (
        "reported",
        "POST",
        "/v1/providers/oarsmen/years/2025/confirmation",
        None,
        "registry-officer",
        "registry",
    ),
    "refuse_year": (
        "reported",
        "POST",
        "/v1/providers/oarsmen/years/2025/refusal",
        {"reason": "No."},
        "registry-officer",
        "registry",
    ),
    "reply_to_grade": (
        "graded",
        "POST",
        "/v1/providers/oarsmen/record/replies",
        {"contract": str(derived_id("contract", 1)), "period": "1", "text": "It snowed."},
        "provider",
        "oarsmen",
    ),
}
OWN_ONLY = {"change_provider", "submit_evidence", "reply_to_grade", "enter_year"}
PUBLIC = {
    "list_providers": "/v1/providers",
    "show_provider": "/v1/providers/oarsmen",
    "show_record": "/v1/providers/oarsmen/record",
    "list_years": "/v1/providers/oarsmen/years",
    "show_year": "/v1/providers/oarsmen/years/2025",
    "show_next_steps": "/v1/providers/oarsmen/next-steps",
    "show_indices": "/v1/providers/oarsmen/indices",
    "print_indices": "/v1/providers/oarsmen/indices/page",
    "list_overdue": "/v1/overdue",
    "show_eligibility": "/v1/providers/oarsmen/eligibility",
    "list_lifecycles": "/v1/lifecycles",
    "list_legal_forms": "/v1/legal-forms",
    "list_identifier_schemes": "/v1/identifier-schemes",
}
ROLES = {"provider", "registry-officer"}
# Whoever asks for anything of these finds it in a matrix of its own.
ELSEWHERE = (
    cases.router,
    details.router,
    duplicates.router,
    evidence.router,
    professionals.router,
    professionals.questions,
    programme_routes.router,
    reserved.router,
    screening.router,
)


def test_every_route_is_in_this_matrix() -> None:
    routes = [route for router in DEFINITION.routers if router not in ELSEWHERE for route in router.routes]
    named = {route.name for route in routes if isinstance(route, APIRoute)}
    assert named == COMMANDS.keys() | PUBLIC.keys()


@pytest.mark.parametrize("command", COMMANDS)
async def test_command_is_let_through_only_for_the_right_role_of_the_right_organisation(
    registry: Any, command: str
) -> None:
    status, method, path, body, role, organisation = COMMANDS[command]
    if status == "reported":
        await registry.bring("registered")
        # Who has entered a year may correct it, and does not confirm it.
        clerk = ("zoe", "oarsmen", "provider") if role == "provider" else registry.clerk("oarsmen")
        answer = await registry.ask("PUT", PUBLIC["show_year"], clerk, YEAR)
        assert answer.status_code == 200
    elif status:
        await registry.bring(status)
    before = len(await registry.types())

    async def ask(headers: dict[str, str]) -> tuple[int, str | None]:
        answer = await registry.service.client.request(method, path, json=body, headers=headers | {"If-Match": '"1"'})
        if answer.json().get("code") == "if-match-not-taken":
            answer = await registry.service.client.request(method, path, json=body, headers=headers)
        return answer.status_code, answer.json().get("code")

    headers = registry.service.headers
    assert await ask({"Idempotency-Key": "x"}) == (401, "token-refused")
    assert await ask(headers("zoe", organisation)) == (403, "role-missing")
    assert await ask(headers("zoe", organisation, *(ROLES - {role}), "operator")) == (403, "role-missing")
    if command in OWN_ONLY:
        assert await ask(headers("zoe", "somebody-else", role)) == (403, "not-own-organisation")
    assert len(await registry.types()) == before
    assert (await ask(headers("zoe", organisation, role)))[0] in {200, 201}
    assert len(await registry.types()) == before + 1


async def test_entry_is_for_the_organisation_of_the_token_whatever_it_says(registry: Any) -> None:
    await registry.register("sunrise", name="Oarsmen")
    (item,) = (await registry.shown("/v1/providers"))["items"]
    assert (item["organisation"], item["name"]) == ("sunrise", "Oarsmen")


async def test_every_query_is_answered_without_a_token(registry: Any) -> None:
    await registry.bring("registered")
    await registry.ask("PUT", PUBLIC["show_year"], registry.clerk("oarsmen"), YEAR)
    for path in PUBLIC.values():
        assert (await registry.service.client.get(path)).status_code == 200, path


async def test_command_is_refused_when_the_token_is_not_for_this(registry: Any) -> None:
    others: tuple[dict[str, Any], ...] = (
        {"audience": "tender"},
        {"iss": "https://another.test"},
        {"exp": 1},
        {"roles": "provider"},
        {"org": ""},
    )
    for claims in others:
        token = registry.service.tokens.mint(
            "zoe", "oarsmen", "provider", **{"audience": "provider-registry", **claims}
        )
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "x"}
        response = await registry.service.client.post(
            "/v1/providers", json=registry.registration("oarsmen"), headers=headers
        )
        assert (response.status_code, response.json()["code"]) == (401, "token-refused"), claims
