"""Every route of the programmes x {anonymous, wrong role, other organisation, right}, along one application."""

from typing import Any

from fastapi.routing import APIRoute

from provider_registry.api.programme_routes import router

OWN = "{programme}/applications/oarsmen"
CALL = {
    "title": "First bids",
    "kind": "grant",
    "summary": "Who has never bid is helped to.",
    "criteria": ["Has never bid"],
    "categories": ["meals"],
    "opens_at": "2026-03-02T09:00:00Z",
    "closes_at": "2026-04-02T09:00:00Z",
}
DECISION = {
    "granted": True,
    "reasons": "Meets the criteria.",
    "milestones": [{"code": "bid", "title": "A bid", "due": "2026-06-30"}],
}
# route, path, body, person, organisation, role, whether it is for the own organisation alone; in the order they are due
COMMANDS: tuple[tuple[str, str, Any, str, str, str, bool], ...] = (
    ("open_programme", "/v1/programmes", CALL, "paul", "county", "programme-officer", False),
    ("apply_for_programme", "{programme}/applications", {"text": "Us."}, "zoe", "oarsmen", "provider", False),
    (
        "assess_application",
        f"{OWN}/assessment",
        {"recommended": True, "text": "Good."},
        "paul",
        "county",
        "programme-officer",
        True,
    ),
    ("decide_application", f"{OWN}/decision", DECISION, "pia", "county", "programme-officer", True),
    (
        "record_outcome",
        f"{OWN}/milestones/bid/outcome",
        {"reached": True, "outcome": "A bid."},
        "paul",
        "county",
        "programme-officer",
        True,
    ),
    ("withdraw_application", "{programme}/applications/sunrise/withdrawal", None, "sue", "sunrise", "provider", True),
)
PUBLIC = {
    "list_programmes": "/v1/programmes",
    "show_programme": "{programme}",
    "list_applications": "{programme}/applications",
    "show_results": "{programme}/results",
}


def test_every_route_is_in_this_matrix() -> None:
    named = {route.name for route in router.routes if isinstance(route, APIRoute)}
    assert named == {command[0] for command in COMMANDS} | PUBLIC.keys()


async def test_each_step_is_let_through_only_for_the_right_role_of_the_right_organisation(registry: Any) -> None:
    for organisation in ("oarsmen", "sunrise"):
        await registry.bring("registered", organisation)
    headers, programme = registry.service.headers, ""
    for name, template, body, person, organisation, role, own in COMMANDS:
        path = template.replace("{programme}", programme)
        if name == "withdraw_application":
            apply = f"{programme}/applications"
            assert (await registry.post(apply, (person, organisation, role), {"text": "Us."})).status_code == 201
        before = len(await registry.types())

        async def ask(sent: dict[str, str], path: str = path, body: Any = body) -> tuple[int, Any]:
            answer = await registry.service.client.post(path, json=body, headers=sent)
            return answer.status_code, answer.json()

        assert (await ask({"Idempotency-Key": "x"}))[0] == 401, name
        for wrong in (headers(person, organisation), headers(person, organisation, "registry-officer", "operator")):
            status, problem = await ask(wrong)
            assert (status, problem["code"]) == (403, "role-missing"), name
        if own:
            status, problem = await ask(headers(person, "somebody-else", role))
            assert (status, problem["code"]) == (403, "not-own-organisation"), name
        assert len(await registry.types()) == before, name
        status, answer = await ask(headers(person, organisation, role))
        assert status in {200, 201}, answer
        assert len(await registry.types()) == before + 1, name
        programme = programme or f"/v1/programmes/{answer['id']}"
    for template in PUBLIC.values():
        assert (await registry.service.client.get(template.replace("{programme}", programme))).status_code == 200
