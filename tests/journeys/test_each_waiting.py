"""A procedure in which every party lets its term pass: each waiting is reported, and still nothing is lost."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from onebox.journey import panel, preparing, supervising
from onebox.journey.course import Course, today

pytestmark = pytest.mark.xdist_group("onebox")

DAY_IN_A_QUARTER_OF_A_SECOND = 4 * 86_400
OVERDUE_WITHIN = 90.0  # seconds; a busy machine is slow
REPORT = {
    "period": "1",
    "kpis": [
        {"id": "on-time", "title": "Visits on time", "direction": "higher", "target": "100", "observed": "85"},
    ],
    "findings": [],
}


async def ask(course: Course, party: str, service: str, path: str, body: Any = None) -> Any:
    response = await course.party(party).ask("POST", service, path, body)
    assert response.is_success, f"{path}: {response.text}"
    return response.json() if response.content else None


async def overdue(course: Course, service: str, waiting_for: str, identifier: str) -> None:
    """Wait until what is left undone is reported, to anybody."""
    async with asyncio.timeout(OVERDUE_WITHIN):
        while True:
            items = (await course.http.get(f"/{service}/v1/overdue")).json()
            if any((item["id"], item["waiting_for"]) == (identifier, waiting_for) for item in items):
                return
            await asyncio.sleep(0.1)


async def published(course: Course) -> tuple[str, str]:
    """Publish a tender that is open for five seconds; return its id and its ocid."""
    course.acceleration = DAY_IN_A_QUARTER_OF_A_SECOND
    await course.feeds.start("tender", "budget", "evaluation", "provider-registry")
    await preparing.providers(course)
    await preparing.appropriation(course)
    plan = await preparing.make_plan(course, "elder-care.home", "150000.00")
    first = today().date() + timedelta(days=1)
    body = preparing.draft(course, plan, "Home care that nobody hurries with", "120000.00")
    body["delivery"] = {"start": str(first), "end": str(first + timedelta(days=11)), "periods": 12}
    drafted = await ask(course, "procurement-officer", "tender", "/v1/tenders", body)
    await asyncio.gather(*(course.party(short)._token("tender") for short in ("sunrise", "harbour")))
    await preparing.ask_to_publish(course, drafted["id"])
    await course.feeds.wait_for("tender", "tender.published.v1", drafted["ocid"])
    return drafted["id"], drafted["ocid"]


async def test_every_waiting_is_reported_when_its_term_has_passed(
    journeys_box: Any, walking: Any, course: Course, envelope: Any
) -> None:
    tender, ocid = await published(course)
    path = f"/v1/tenders/{tender}"
    canary = f"canary-{course.run}"
    await asyncio.gather(
        ask(course, "sunrise", "tender", f"{path}/bids", envelope("100000.00", canary)),
        ask(course, "harbour", "tender", f"{path}/bids", envelope("90000.00", canary)),
    )
    before_the_opening = journeys_box.log

    await overdue(course, "tender", "the opening", tender)
    await ask(course, "procurement-officer", "tender", f"{path}/opening")
    opened = (await course.feeds.wait_for("tender", "tender.opened.v1", ocid))["data"]
    await overdue(course, "tender", "the decision who qualifies", tender)
    await ask(course, "procurement-officer", "tender", f"{path}/qualification", {"disqualified": []})
    await overdue(course, "tender", "the panel's scores and the opening of the prices", tender)
    await panel.drawn(course, tender, ocid)
    quality = {bid["bid"]: "80" for bid in opened["bids"]}
    await panel.scores(course, tender, ocid, quality, ("continuity", "training"))
    await ask(course, "procurement-officer", "tender", f"{path}/price-opening")
    await overdue(course, "tender", "the proposal of an award", tender)
    await ask(course, "procurement-officer", "tender", f"{path}/lots/lot-1/award")
    await overdue(course, "tender", "the confirmation of an award", tender)
    await ask(course, "procurement-head", "tender", f"{path}/lots/lot-1/award/confirmation")
    confirmed = (await course.feeds.wait_for("tender", "award.confirmed.v1", ocid))["data"]
    contract = confirmed["contract"]

    await overdue(course, "tender", "the supplier's signature", contract)
    # Prices weigh 30, and quality is equal, so the cheaper bid of the two wins.
    await ask(course, "harbour", "tender", f"/v1/contracts/{contract}/supplier-signature")
    await overdue(course, "tender", "the buyer's signature", contract)
    await ask(course, "procurement-head", "tender", f"/v1/contracts/{contract}/buyer-signature")

    await course.feeds.wait_for("tender", "contract.signed.v1", ocid)
    await overdue(course, "evaluation", "the draw of a supervisor", contract)
    await supervising._accredit(course)
    drawn = await supervise(course, contract, ocid)
    await overdue(course, "evaluation", "the supervisor's report on the period", contract)
    report = REPORT | {"visited_on": str(today().date())}
    await ask(course, drawn, "evaluation", f"/v1/supervision-files/{contract}/inspections", report)
    await overdue(course, "evaluation", "the buyer's acceptance of the period", contract)
    acceptance = f"/v1/supervision-files/{contract}/periods/1/acceptance"
    await ask(course, "contract-manager", "evaluation", acceptance)
    held = await course.feeds.wait_for("budget", "budget.held.v1", ocid)
    await overdue(course, "budget", "a decision on what is held", held["data"]["hold"])
    due = (await course.feeds.wait_for("budget", "budget.payment-due.v1", ocid))["data"]
    await overdue(course, "budget", "the approval of the payment", due["order"])
    await ask(course, "finance-officer", "budget", f"/v1/payment-orders/{due['order']}/approval")
    await overdue(course, "budget", "the payment", due["order"])

    assert_nothing_of_a_bid_is_logged(course, before_the_opening, journeys_box.log, canary)


async def supervise(course: Course, contract: str, ocid: str) -> str:
    """Draw a supervisor, and return its client."""
    await ask(course, "supervision-coordinator", "evaluation", f"/v1/supervision-files/{contract}/assignment")
    drawn = (await course.feeds.wait_for("evaluation", "inspection.assigned.v1", ocid))["data"]["supervisor"]["id"]
    return next(person.client_id for person in supervising.SUPERVISORS if person.organisation == drawn)


def assert_nothing_of_a_bid_is_logged(course: Course, before: str, after: str, canary: str) -> None:
    lines = [json.loads(line) for line in before.splitlines()]
    assert any("/publication" in line.get("path", "") for line in lines)
    assert not [line for line in lines if "/bids" in line.get("path", "")]
    for short in ("sunrise", "harbour"):
        assert course.party(short).client_id not in before
    assert canary not in after
