"""Every route about evidence and professionals x {anonymous, wrong role, other organisation, right}."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute

from provider_registry.api import evidence, professionals

OWN = "/v1/providers/oarsmen"
NOBODY = UUID(int=1)
ALL = {"provider", "registry-officer", "auditor"}
DAY = "2026-03-02"
PAPER = {
    "document_type": "tax-clearance",
    "issuer": "Tax Office",
    "number": "T-1",
    "issued_on": DAY,
    "valid_from": DAY,
    "valid_until": "2027-03-02",
    "digest": "a" * 64,
}
CERTIFICATE = {"certificate_type": "nurse", "issuer": "C", "number": "1", "issued_on": DAY, "valid_from": DAY}
HOURS = {"first_day": DAY, "last_day": DAY, "hours": "1"}
SKILL = {"skill": "lifting", "assessor": "School", "result": "passed", "assessed_on": DAY}
DOCUMENT, PERSON = f"{OWN}/documents/{NOBODY}", f"/v1/professionals/{NOBODY}"
DECISION = f"{PERSON}/hours/{NOBODY}"
# route: method, path, body, the roles that may, what the right one is answered in this order, and what
# the clerk of another organisation is told.
OTHERS = (403, "not-own-organisation")
NOTHING = (404, "not-found")
ROUTES: dict[str, tuple[str, str, Any, set[str], int, tuple[int, str] | None]] = {
    "declare": ("PUT", f"{OWN}/declarations/model", {"answers": []}, {"provider"}, 422, None),
    "list_declarations": ("GET", f"{OWN}/declarations", None, ALL, 200, OTHERS),
    "enter_document": ("POST", f"{OWN}/documents", PAPER, {"provider", "registry-officer"}, 201, OTHERS),
    "accept_document": ("POST", f"{DOCUMENT}/acceptance", None, {"registry-officer"}, 404, None),
    "reject_document": ("POST", f"{DOCUMENT}/rejection", {"reason": "No."}, {"registry-officer"}, 404, None),
    "withdraw_document": (
        "POST",
        f"{DOCUMENT}/withdrawal",
        {"reason": "No."},
        {"provider", "registry-officer"},
        404,
        OTHERS,
    ),
    "upload_content": (
        "PUT",
        f"{DOCUMENT}/content?media_type=text/plain",
        b"cleared",
        {"provider", "registry-officer"},
        404,
        OTHERS,
    ),
    "download_content": ("GET", f"{DOCUMENT}/content", None, ALL, 404, OTHERS),
    "issue_evidence_pack": ("POST", f"{OWN}/evidence-pack", {"pack": "model"}, ALL, 200, OTHERS),
    "download_evidence_pack": ("GET", f"{OWN}/evidence-pack", None, ALL, 200, OTHERS),
    "employ_professional": (
        "POST",
        f"{OWN}/professionals",
        {"name": "Nora", "since": DAY},
        {"provider"},
        201,
        OTHERS,
    ),
    "take_over_professional": (
        "POST",
        f"{OWN}/professionals/moves",
        {"issuer": "C", "number": "1", "since": DAY},
        {"provider"},
        404,
        OTHERS,
    ),
    "list_professionals": ("GET", f"{OWN}/professionals", None, ALL, 200, OTHERS),
    "list_undecided_hours": ("GET", f"{OWN}/undecided-hours", None, ALL, 200, OTHERS),
    "end_employment": ("POST", f"{PERSON}/departure", {"until": DAY}, {"provider"}, 404, NOTHING),
    "enter_certificate": ("POST", f"{PERSON}/certificates", CERTIFICATE, {"provider"}, 404, NOTHING),
    "confirm_certificate": (
        "POST",
        f"{PERSON}/certificates/{NOBODY}/confirmation",
        None,
        {"registry-officer"},
        404,
        None,
    ),
    "log_hours": ("POST", f"{PERSON}/hours", HOURS, {"provider"}, 404, NOTHING),
    "confirm_hours": ("POST", f"{DECISION}/confirmation", None, {"provider"}, 404, NOTHING),
    "reject_hours": ("POST", f"{DECISION}/rejection", None, {"provider"}, 404, NOTHING),
    "note_assessment": ("POST", f"{PERSON}/skills", SKILL, {"provider"}, 404, NOTHING),
}
PUBLIC = {"list_criteria", "list_documents", "show_evidence_pack", "count_professionals"}


def test_every_route_is_in_this_matrix() -> None:
    routers = (evidence.router, professionals.router, professionals.questions)
    named = {route.name for router in routers for route in router.routes if isinstance(route, APIRoute)}
    assert named == ROUTES.keys() | PUBLIC


async def test_route_lets_through_only_the_right_role_of_the_right_organisation(registry: Any) -> None:
    await registry.bring("registered")

    async def ask(route: str, *party: str) -> tuple[int, str | None]:
        method, path, body = ROUTES[route][:3]
        headers = registry.service.headers(*party) if party else {"Idempotency-Key": "x"}
        sent = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/octet-stream"
        answer = await registry.service.client.request(method, path, headers=headers, **sent)
        told = answer.json() if answer.content else {}
        return answer.status_code, told.get("code") if isinstance(told, dict) else None

    for route, (*_, roles, status, other) in ROUTES.items():
        assert await ask(route) == (401, "token-refused"), route
        assert await ask(route, "zoe", "oarsmen", *(ALL - roles), "operator") == (403, "role-missing"), route
        if other is not None:
            assert await ask(route, "zoe", "somebody-else", "provider") == other, route
        for role in sorted(roles):
            organisation = "oarsmen" if role == "provider" else "registry"
            assert (await ask(route, f"the-{role}", organisation, role))[0] in {status, 409}, (route, role)


@pytest.mark.parametrize("path", [f"{OWN}/documents", "/v1/criteria/eu-light"])
async def test_query_is_answered_without_a_token(registry: Any, path: str) -> None:
    await registry.bring("registered")
    assert (await registry.service.client.get(path)).status_code == 200
