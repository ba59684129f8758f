"""What is told of capacity programmes: the office's calls under the office, applications under the provider."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from provider_registry.domain import programme_events as events
from provider_registry.domain.programme_parts import Milestone
from provider_registry.messaging.publish import published
from shared.contracts import catalogue, provider_programmes
from shared.kernel.events import DomainEvent

PROGRAMME = UUID(int=2)
OF: dict[str, Any] = {"aggregate": UUID(int=1), "version": 1, "organisation": "org-a", "programme": PROGRAMME}
TOLD = {"provider": "org-a", "programme": str(PROGRAMME)}
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXT = "2026-03-02T09:00:00.000000Z"
EVERY_KIND: list[tuple[DomainEvent, str, dict[str, Any]]] = [
    (
        events.ProgrammeOpened(
            aggregate=PROGRAMME,
            version=1,
            office="county",
            title="First bids",
            kind="grant",
            criteria=("New",),
            categories=("meals",),
            opens_at=AT,
            closes_at=AT,
        ),
        "provider.programme-opened.v1",
        {
            "office": "county",
            "programme": str(PROGRAMME),
            "title": "First bids",
            "kind": "grant",
            "criteria": ["New"],
            "categories": ["meals"],
            "opens_at": TEXT,
            "closes_at": TEXT,
        },
    ),
    (
        events.ApplicationReceived(**OF, decision_due=AT),
        "provider.application-received.v1",
        {**TOLD, "decision_due": TEXT},
    ),
    (events.ApplicationAssessed(**OF), "provider.application-assessed.v1", TOLD),
    (
        events.ApplicationDecided(
            **OF, granted=True, reasons="Good.", milestones=(Milestone("bid", "A bid", date(2026, 6, 30)),)
        ),
        "provider.application-decided.v1",
        {
            **TOLD,
            "granted": True,
            "reasons": "Good.",
            "milestones": [{"code": "bid", "title": "A bid", "due": "2026-06-30"}],
        },
    ),
    (events.ApplicationWithdrawn(**OF), "provider.application-withdrawn.v1", TOLD),
    (
        events.MilestoneRecorded(**OF, milestone="bid", reached=True, outcome="A bid.", left=0),
        "provider.milestone-recorded.v1",
        {**TOLD, "milestone": "bid", "reached": True, "outcome": "A bid.", "left": 0},
    ),
]


@pytest.mark.parametrize(("event", "event_type", "data"), EVERY_KIND)
def test_event_is_published_under_its_organisation(event: DomainEvent, event_type: str, data: dict[str, Any]) -> None:
    written = published(event)
    assert (written.TYPE, written.model_dump(mode="json")) == (event_type, data)
    assert written.key() == data.get("provider", "county")


def test_every_event_of_a_programme_is_in_this_table() -> None:
    kinds = catalogue.event_types().items()
    owned = {name for name, kind in kinds if kind.__module__ == provider_programmes.__name__}
    assert {event_type for _, event_type, _ in EVERY_KIND} == owned
