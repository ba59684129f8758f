"""Every route x {anonymous, wrong role, other organisation, right}."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute

from evaluation.api.routes import ROUTERS
from shared.contracts.contract import Signed
from shared.testing.services import RunningService

CONTRACT = UUID("0195a000-0000-7000-8000-000000000001")
FILE = f"/v1/supervision-files/{CONTRACT}"
BODY = {"name": "Inspect", "inspection_body_type": "A", "valid_until": "2028-01-01"}
KPI = {"id": "meals", "title": "Meals", "direction": "higher", "target": "100", "observed": "95"}
REPORT = {"period": "2026-03", "visited_on": "2026-03-02", "kpis": [KPI]}
# route: method, path, body, role, organisation that may, organisation that may not, code for that one
COMMANDS: dict[str, tuple[str, str, Any, str, str, str, str]] = {
    "accredit_supervisor": (
        "POST",
        "/v1/supervisors",
        BODY | {"organisation": "inspect-b"},
        "accreditation-officer",
        "office",
        "inspect-b",
        "own-accreditation",
    ),
    "renew_supervisor": (
        "PUT",
        "/v1/supervisors/inspect-a",
        BODY,
        "accreditation-officer",
        "office",
        "inspect-a",
        "own-accreditation",
    ),
    "declare_conflict": (
        "POST",
        "/v1/supervisors/inspect-a/conflicts",
        {"organisation": "somebody"},
        "supervisor",
        "inspect-a",
        "inspect-b",
        "not-own-organisation",
    ),
    "assign_supervisor": (
        "POST",
        f"{FILE}/assignment",
        None,
        "supervision-coordinator",
        "supervision-office",
        "inspect-a",
        "coordinator-not-independent",
    ),
    "report_inspection": (
        "POST",
        f"{FILE}/inspections",
        REPORT,
        "supervisor",
        "inspect-a",
        "inspect-b",
        "not-assigned",
    ),
    "accept_period": (
        "POST",
        f"{FILE}/periods/2026-03/acceptance",
        None,
        "contract-manager",
        "county",
        "another-county",
        "not-own-organisation",
    ),
}
PUBLIC = {
    "list_supervisors": "/v1/supervisors",
    "show_supervisor": "/v1/supervisors/inspect-a",
    "list_supervision_files": "/v1/supervision-files",
    "show_supervision_file": FILE,
    "list_contracts": "/v1/contracts",
    "show_contract": f"/v1/contracts/{CONTRACT}",
    "list_overdue": "/v1/overdue",
}
ROLES = {"accreditation-officer", "supervisor", "supervision-coordinator", "contract-manager"}
OWN = {"supervisors", "supervision", "contracts", "operations"}


@pytest.fixture
async def ready(evaluation: RunningService, office: Any, signed: Callable[..., Signed]) -> Callable[[str], Any]:
    """Bring the contract to where a command is due."""

    async def until(command: str) -> None:
        await evaluation.deliver("tender", signed())
        await office.accredit("inspect-a")
        if command in {"report_inspection", "accept_period"}:
            await office.assign()
        if command == "accept_period":
            await office.report()

    return until


def test_every_route_is_in_this_matrix() -> None:
    named = {
        route.name
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and set(router.tags) <= OWN
    }
    assert named == COMMANDS.keys() | PUBLIC.keys()


@pytest.mark.parametrize("command", COMMANDS)
async def test_command_is_let_through_only_for_the_right_role_of_the_right_organisation(
    evaluation: RunningService, ready: Any, command: str
) -> None:
    await ready(command)
    before = len(await evaluation.published())
    method, path, body, role, own, other, code = COMMANDS[command]

    async def ask(headers: dict[str, str]) -> tuple[int, str | None]:
        answer = await evaluation.client.request(method, path, json=body, headers=headers | {"If-Match": '"1"'})
        if answer.json().get("code") == "if-match-not-taken":
            answer = await evaluation.client.request(method, path, json=body, headers=headers)
        return answer.status_code, answer.json().get("code")

    assert await ask({"Idempotency-Key": "x"}) == (401, "token-refused")
    assert await ask(evaluation.headers("zoe", own)) == (403, "role-missing")
    assert await ask(evaluation.headers("zoe", own, *(ROLES - {role}))) == (403, "role-missing")
    assert await ask(evaluation.headers("zoe", other, role)) == (403, code)
    assert len(await evaluation.published()) == before
    status, _ = await ask(evaluation.headers("zoe", own, role))
    assert status in {200, 201}
    assert len(await evaluation.published()) == before + 1


@pytest.mark.parametrize("query", PUBLIC)
async def test_query_is_answered_without_a_token(evaluation: RunningService, ready: Any, query: str) -> None:
    await ready(query)
    assert (await evaluation.client.get(PUBLIC[query])).status_code == 200
