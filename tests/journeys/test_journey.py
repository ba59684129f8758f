"""The life of one outsourced service, as `coxswain journey` walks it."""

from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("onebox")

PROMISED = {
    "provider.registered",
    "provider.verified",
    "budget.appropriated",
    "tender.funding-requested",
    "budget.reserved",
    "budget.refused",
    "tender.published",
    "tender.opened",
    "award.proposed",
    "award.confirmed",
    "contract.signed",
    "budget.committed",
    "budget.released",
    "inspection.assigned",
    "inspection.reported",
    "inspection.period-graded",
    "budget.accrued",
    "budget.payment-due",
    "budget.payment-approved",
    "budget.paid",
    "budget.held",
    "provider.record-updated",
    "tender.unsuccessful",
    "tender.cancelled",
}
SERVICES = ("tender", "budget", "evaluation", "provider-registry")


def test_everything_is_as_promised_when_it_is_told_in_json(walked: Any) -> None:
    assert walked.told.returncode == 0, walked.told.stdout
    assert walked.told.stderr == ""
    document = walked.document
    assert (document["ok"], document["failure"]) == (True, None)
    assert all(step["ok"] for step in document["steps"])
    seen = {event["type"].removesuffix(".v1") for step in document["steps"] for event in step["events"]}
    assert seen >= PROMISED
    assert all(event["sandbox"] for step in document["steps"] for event in step["events"])


def test_everything_is_as_promised_when_it_is_shown_to_a_person(walked: Any) -> None:
    assert walked.shown.returncode == 0, walked.shown.stdout
    assert walked.shown.stderr == ""
    assert "As promised: " in walked.shown.stdout
    assert "✗" not in walked.shown.stdout
    assert walked.shown.stdout.count("✓") == len(walked.document["steps"])
    assert f"{walked.box.url}/procedures/ocds-" in walked.shown.stdout


def test_two_journeys_share_no_money(walked: Any) -> None:
    # Each asks for money for four procedures, on a line of its own: the one that is paid, one that is refused for want
    # of money, one with a single bid, one that is cancelled.
    lines = walked.sql("budget", "SELECT string_agg(state, ' ' ORDER BY state) FROM funds GROUP BY line_id;")
    assert lines.count("committed released released unfunded") == 2


@pytest.mark.parametrize("service", [*SERVICES, "portal"])
def test_positions_are_strictly_consecutive(walked: Any, service: str) -> None:
    positions = [event["position"] for event in walked.feed(service)]
    assert positions == list(range(1, len(positions) + 1))
    assert (len(positions) > 0) == (service != "portal")  # the portal publishes nothing of its own yet


def test_every_event_is_marked_as_a_sandbox_event(walked: Any) -> None:
    for service in SERVICES:
        assert all(event["sandbox"] is True for event in walked.feed(service)), service


def test_versions_of_every_aggregate_grow_in_the_order_of_the_feed(walked: Any) -> None:
    for service in SERVICES:
        last: dict[str, str] = {}
        for event in walked.feed(service):
            assert event["sequence"] > last.get(event["subject"], ""), event["id"]
            last[event["subject"]] = event["sequence"]


def test_nothing_is_parked(walked: Any) -> None:
    for service in (*SERVICES, "portal"):
        assert walked.sql(service, "SELECT consumer, type, problem FROM parked;") == [], service


def test_the_main_procedure_is_paid_to_the_cent(walked: Any) -> None:
    ocid = walked.document["ocid"]
    # 100,000.00 in twelve parts is 8,333.34 for the first; grade B makes 95 % payable, 7,916.67 half up.
    (row,) = walked.sql(
        "budget",
        f"SELECT reserved, committed, accrued, paid, held, contract_value FROM funds WHERE ocid = '{ocid}';",
    )
    assert row == "0|9166666|833334|791667|41667|10000000"
