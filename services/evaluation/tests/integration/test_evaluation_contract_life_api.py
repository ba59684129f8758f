"""The changes and the end of a supervised contract, as the tender service tells of them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from shared.contracts.contract import Assigned, Changed, Milestone, Signed, Term, Terminated, TerminationNotified
from shared.contracts.event import Organisation
from shared.kernel.money import Money
from shared.testing.services import RunningService

CONTRACT = UUID("0195a000-0000-7000-8000-000000000001")
FILE = f"/v1/supervision-files/{CONTRACT}"
OCID = f"ocds-test-{CONTRACT}"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAY = Milestone(period="2026-05", start=date(2026, 5, 1), end=date(2026, 5, 31), amount=Money(100_000, "EUR"))


def changed(signed: Signed) -> Changed:
    return Changed(
        ocid=OCID,
        contract=CONTRACT,
        change=UUID(int=7),
        ground="needs-changed",
        reason="A month more.",
        difference=Money(100_000, "EUR"),
        value=Money(1_100_000, "EUR"),
        term=Term(start=date(2026, 3, 1), end=date(2026, 5, 31)),
        milestones=(*signed.milestones, MAY),
        documents=(),
        option=None,
        signed_at=AT,
    )


def terminated() -> Terminated:
    return Terminated(
        ocid=OCID,
        contract=CONTRACT,
        supplier=Organisation(id="meals-coop", name="Meals Cooperative"),
        ground="insolvency",
        reason="Insolvent.",
        amount_paid=Money(0, "EUR"),
        last_day=date(2026, 3, 31),
        terminated_at=AT,
        without_handover="Nobody was left.",
    )


async def periods(evaluation: RunningService) -> list[str]:
    shown = (await evaluation.client.get(FILE)).json()
    return [milestone["period"] for milestone in shown["milestones"]]


async def test_the_plan_follows_a_contract_that_is_changed_ends_and_is_closed(
    evaluation: RunningService, office: Any, signed: Callable[..., Signed]
) -> None:
    await evaluation.deliver("tender", signed(), changed(signed()))
    assert await periods(evaluation) == ["2026-03", "2026-04", "2026-05"]
    await office.accredit("inspect-a")
    await office.assign()
    notified = TerminationNotified(
        ocid=OCID,
        contract=CONTRACT,
        ground="insolvency",
        reason="Insolvent.",
        notified_at=AT,
        last_day=date(2026, 3, 31),
    )
    await evaluation.deliver("tender", notified)
    assert await periods(evaluation) == ["2026-03"]
    successor = Organisation(id="successor", name="Successor Ltd")
    before = Organisation(id="meals-coop", name="Meals Cooperative")
    assigned = Assigned(
        ocid=OCID, contract=CONTRACT, before=before, supplier=successor, ground="succession", reason="A merger.",
        assigned_at=AT, rule="contract-assignment.grounds", source="An act",
    )  # fmt: skip
    # The body that was drawn is tied to the successor: another is drawn.
    await office.post(office.supervisor, "/v1/supervisors/inspect-a/conflicts", {"organisation": "successor"})
    await office.accredit("inspect-b")
    await evaluation.deliver("tender", assigned)
    shown = (await evaluation.client.get(FILE)).json()
    assert (shown["provider"]["id"], shown["status"]) == ("successor", "awaiting-assignment")
    assert (await office.assign()).json()["assignment"]["supervisor"]["id"] == "inspect-b"
    await evaluation.deliver("tender", terminated())
    closed = (await evaluation.published())[-1]
    assert (closed.type, closed.data["not_accepted"]) == ("inspection.closed.v1", ["2026-03"])
    shown = (await evaluation.client.get(FILE)).json()
    assert (shown["status"], shown["waiting_until"], shown["milestones"]) == ("complete", None, [])
    office.supervisor = ("irma", "inspect-b", "supervisor")
    refused = await office.report()
    assert (refused.status_code, refused.json()["code"]) == (422, "period-unknown")
    evaluation.clock.advance(days=365)
    assert (await evaluation.client.get("/v1/overdue")).json() == []
    parked = await evaluation.client.get("/v1/parked", headers=evaluation.headers("o", "ops", "operator"))
    assert parked.json() == []


async def test_the_contract_is_shown_as_it_was_changed_and_ended(
    evaluation: RunningService, signed: Callable[..., Signed]
) -> None:
    await evaluation.deliver("tender", signed(), changed(signed()), terminated())
    shown = (await evaluation.client.get(f"/v1/contracts/{CONTRACT}")).json()
    assert (shown["state"], shown["value"]) == ("terminated", {"amount": "11000.00", "currency": "EUR"})
