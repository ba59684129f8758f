"""A capacity programme over HTTP: from the call to what it changed."""

from datetime import timedelta
from typing import Any

from registry_facts import graded, signed

PAUL = ("paul", "county", "programme-officer")
PIA = ("pia", "county", "programme-officer")


def instant(registry: Any, days: int) -> str:
    at = registry.service.clock.now() + timedelta(days=days)
    return str(at.isoformat().replace("+00:00", "Z"))


async def opened(registry: Any, **changes: Any) -> str:
    body = {
        "title": "First bids",
        "kind": "mentoring",
        "summary": "Who has never bid is helped to.",
        "criteria": ["Has never bid"],
        "categories": ["meals"],
        "opens_at": instant(registry, 0),
        "closes_at": instant(registry, 30),
        **changes,
    }
    answer = await registry.post("/v1/programmes", PAUL, body)
    assert answer.status_code == 201, answer.text
    return f"/v1/programmes/{answer.json()['id']}"


async def granted(registry: Any) -> str:
    """Let a provider apply, and be granted what it asks for; return the programme's path."""
    path = await opened(registry)
    clerk = registry.clerk("oarsmen")
    own = f"{path}/applications/oarsmen"
    steps = (
        (f"{path}/applications", clerk, {"text": "We want to learn."}),
        (f"{own}/assessment", PAUL, {"recommended": True, "text": "New, and good."}),
        (
            f"{own}/decision",
            PIA,
            {
                "granted": True,
                "reasons": "Meets the criteria.",
                "milestones": [{"code": "bid", "title": "A first bid", "due": "2026-06-30"}],
            },
        ),
    )
    for step, party, body in steps:
        answer = await registry.post(step, party, body)
        assert answer.is_success, answer.text
    return path


async def test_programme_goes_from_its_call_to_results_that_are_shown_once_there_are_enough(registry: Any) -> None:
    await registry.bring("registered")
    await registry.service.deliver("tender", signed())
    await registry.service.deliver("evaluation", *(graded(period, "60", "C") for period in "123"))
    registry.service.clock.advance(days=1)
    path = await granted(registry)
    results = f"{path}/results"
    (category,) = (await registry.shown(results))["categories"]
    assert (category["before_observations"], category["after_observations"], category["before"]) == (3, 0, None)
    await registry.service.deliver("evaluation", *(graded(period, "90") for period in "456"))
    shown = await registry.shown(results)
    assert shown["needed"] == 3
    assert shown["categories"] == [
        {"category": "meals", "before_observations": 3, "after_observations": 3, "before": "60.00", "after": "90.00"}
    ]
    (application,) = await registry.shown(f"{path}/applications")
    assert (application["status"], application["reasons"], application["text"]) == (
        "granted",
        "Meets the criteria.",
        None,
    )
    (inside,) = (await registry.ask("GET", f"{path}/applications", PIA)).json()
    assert (inside["text"], inside["recommended"]) == ("We want to learn.", True)
    outcome = await registry.post(
        f"{path}/applications/oarsmen/milestones/bid/outcome", PAUL, {"reached": True, "outcome": "A bid."}
    )
    assert outcome.json()["status"] == "completed"
    told = [kind for kind in await registry.types() if "programme" in kind or "application" in kind or "mile" in kind]
    assert told == [
        "provider.programme-opened.v1",
        "provider.application-received.v1",
        "provider.application-assessed.v1",
        "provider.application-decided.v1",
        "provider.milestone-recorded.v1",
    ]


async def test_application_is_refused_each_time_for_its_own_reason(registry: Any) -> None:
    await registry.bring("registered")
    path, clerk = await opened(registry), registry.clerk("oarsmen")

    async def code(step: str, party: Any, body: Any) -> str:
        return str((await registry.post(step, party, body)).json()["code"])

    text = {"text": "We want to learn."}
    unknown = "/v1/programmes/0195a000-0000-7000-8000-000000000001/applications"
    assert await code(unknown, clerk, text) == "programme-unknown"
    assessment = {"recommended": True, "text": "Good."}
    assert await code(f"{path}/applications/sunrise/assessment", PAUL, assessment) == "application-unknown"
    assert await code(f"{path}/applications", registry.clerk("nobody"), text) == "not-found"
    early = await opened(registry, opens_at=instant(registry, 1))
    assert await code(f"{early}/applications", clerk, text) == "application-early"
    assert (await registry.post(f"{path}/applications", clerk, text)).status_code == 201
    assert await code(f"{path}/applications", clerk, text) == "already-applied"
    other = ("otto", "town", "programme-officer")
    assert await code(f"{path}/applications/oarsmen/assessment", other, assessment) == "not-own-organisation"
    assert (await registry.post(f"{path}/applications/oarsmen/assessment", PAUL, assessment)).status_code == 200
    decision = {"granted": False, "reasons": "No."}
    refusal = (await registry.post(f"{path}/applications/oarsmen/decision", PAUL, decision)).json()
    assert (refusal["code"], refusal["rule"]) == ("second-person-needed", "second-person.application")
    registry.service.clock.advance(days=70)
    assert await code(f"{early}/applications", clerk, text) == "application-late"
    (waiting,) = await registry.shown("/v1/overdue")
    assert (waiting["kind"], waiting["waiting_for"]) == ("application", "a decision by another person")
    assert (await registry.shown("/v1/programmes?open=true"))["items"] == []
    assert len((await registry.shown("/v1/programmes?limit=1"))["items"]) == 1
