"""Events of screening in the published language: lists and parts, never whose name is alike."""

from datetime import date
from uuid import UUID

import pytest

from provider_registry.domain import match_events as events
from provider_registry.messaging.publish import published
from shared.contracts import catalogue, provider_screening
from shared.kernel.events import DomainEvent

ONE, TWO = UUID(int=1), UUID(int=2)
EVERY_KIND = [
    (
        events.ScreeningListEntered(
            aggregate=ONE,
            version=1,
            list=ONE,
            publisher="U",
            title="All",
            day=date(2026, 3, 1),
            digest="0" * 64,
            entries=2,
        ),
        "provider.screening-list-entered.v1",
        str(ONE),
        {
            "list": str(ONE),
            "publisher": "U",
            "title": "All",
            "day": "2026-03-01",
            "digest": "0" * 64,
            "entries": 2,
        },
    ),
    (
        events.MatchFound(
            aggregate=ONE, version=1, organisation="org-a", publisher="U", title="All", part="person", similarity=95
        ),
        "provider.match-found.v1",
        "org-a",
        {
            "provider": "org-a",
            "match": str(ONE),
            "publisher": "U",
            "title": "All",
            "part": "person",
            "similarity": 95,
        },
    ),
    (
        events.MatchDecided(aggregate=ONE, version=2, organisation="org-a", outcome="confirmed", case=TWO),
        "provider.match-decided.v1",
        "org-a",
        {"provider": "org-a", "match": str(ONE), "outcome": "confirmed", "case": str(TWO)},
    ),
]


@pytest.mark.parametrize(("event", "event_type", "key", "data"), EVERY_KIND)
def test_event_is_published_under_its_key(
    event: DomainEvent, event_type: str, key: str, data: dict[str, object]
) -> None:
    written = published(event)
    assert (written.TYPE, written.key(), written.model_dump(mode="json")) == (event_type, key, data)


def test_every_event_of_screening_is_in_this_table() -> None:
    owned = {name for name, kind in catalogue.event_types().items() if kind.__module__ == provider_screening.__name__}
    assert {row[1] for row in EVERY_KIND} == owned
