"""Money follows quality, the record remembers, and the public sees it all."""

import time

from onebox.journey.course import Course
from onebox.journey.parties import NotAsPromised
from shared.kernel.ids import opaque_id

EXPECTED = [
    "tender.funding-requested",
    "tender.published",
    "tender.opened",
    "award.proposed",
    "award.confirmed",
    "contract.generated",
    "contract.supplier-signed",
    "contract.signed",
    "budget.reserved",
    "budget.committed",
    "budget.released",
    "inspection.assigned",
    "inspection.reported",
    "inspection.period-graded",
    "budget.accrued",
    "budget.held",
    "budget.payment-due",
    "budget.payment-approved",
    "budget.paid",
]


async def payment(course: Course) -> None:
    """See the first of twelve periods owed by its grade, and paid by two persons."""
    ocid = course.facts["ocid"]
    with course.log.step(
        "7", "budget", "accrues the period by its grade: of B, 95 % are payable and the rest is held"
    ) as step:
        accrued = step.saw(await course.feeds.wait_for("budget", "budget.accrued.v1", ocid))
        held = step.saw(await course.feeds.wait_for("budget", "budget.held.v1", ocid))
        due = step.saw(await course.feeds.wait_for("budget", "budget.payment-due.v1", ocid))
        amounts = tuple(data["amount"]["amount"] for data in (accrued, due, held))
        # 100,000.00 in twelve parts is 8,333.34 for the first; 95 % of it, half up, is 7,916.67
        step.expect("8,333.34 = 7,916.67 + 416.67", kept=amounts == ("8333.34", "7916.67", "416.67"))
        step.outcome = f"EUR {amounts[1]} due, {amounts[2]} held: {held['reason']}"
    body = {"order": due["order"], "amount": due["amount"]}
    with course.log.step("7", "treasurer", "may not pay what nobody has approved") as step:
        path = f"/v1/payments/{opaque_id()}"
        step.refused(await course.party("treasurer").ask("PUT", "budget", path, body), 409, "order-not-approved")
    with course.log.step("7", "finance office", "approves the payment") as step:
        path = f"/v1/payment-orders/{due['order']}/approval"
        step.answered(await course.party("finance-officer").ask("POST", "budget", path), 200)
        step.saw(await course.feeds.wait_for("budget", "budget.payment-approved.v1", ocid))
    with course.log.step("7", "treasurer", "pays, and sends the same again: it is paid once") as step:
        path = f"/v1/payments/{opaque_id()}"
        first = await course.party("treasurer").ask("PUT", "budget", path, body)
        again = await course.party("treasurer").ask("PUT", "budget", path, body)
        step.expect("made once", kept=(first.status_code, again.status_code) in {(201, 200), (200, 200)})
        paid = step.saw(await course.feeds.wait_for("budget", "budget.paid.v1", ocid))
        step.outcome = f"EUR {paid['amount']['amount']} paid"


async def record_and_portal(course: Course) -> None:
    """See the track record change, and the portal show everything."""
    organisation, ocid = course.facts["sunrise"], course.facts["ocid"]
    with course.log.step("8", "registry", "the provider's track record changes") as step:
        step.saw(await course.feeds.wait_for("provider-registry", "provider.record-updated.v1", organisation))
        data = step.saw(await course.feeds.wait_for("provider-registry", "provider.record-updated.v1", organisation, 2))
        step.expect("one contract, one graded period", kept=(data["contracts"], data["periods_graded"]) == (1, 1))
        step.outcome = f"latest grade {data['latest_grade']}, not rated before three periods"
    with course.log.step("8", "anybody", "reads the whole timeline on the portal") as step:
        seen = await _timeline(course, ocid)
        step.outcome = f"{len(seen)} events"
    with course.log.step("8", "anybody", "opens the procedure's page") as step:
        page = await course.http.get(f"/procedures/{ocid}", headers={"Accept": "text/html"})
        shown = page.status_code == 200 and all(text in page.text for text in (ocid, "7,916.67", "416.67"))
        step.expect("the page shows the procedure and what was paid and held", kept=shown)
        step.outcome = f"{len(page.content) / 1024:.0f} KiB"


async def _timeline(course: Course, ocid: str) -> list[str]:
    until = time.monotonic() + course.feeds.patience
    seen: list[str] = []
    while time.monotonic() < until:
        response = await course.http.get(f"/v1/procedures/{ocid}/events")
        if response.status_code == 200:
            seen = [event["type"].removesuffix(".v1") for event in response.json()]
            if set(EXPECTED) <= set(seen):
                return seen
    raise NotAsPromised(f"the portal's timeline lacks {', '.join(sorted(set(EXPECTED) - set(seen)))}")
