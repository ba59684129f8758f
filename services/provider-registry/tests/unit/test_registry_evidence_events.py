from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from provider_registry.domain import verification_events as events
from provider_registry.messaging.publish import published
from shared.contracts import catalogue, provider_evidence
from shared.kernel.events import DomainEvent

ABOUT: dict[str, Any] = {"aggregate": UUID(int=1), "version": 1, "organisation": "org-a"}
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AT_TEXT = "2026-03-02T09:00:00.000000Z"
PAPER: dict[str, Any] = {
    "document_type": "tax-clearance",
    "issuer": "Tax Office",
    "digest": "0" * 64,
    "valid_from": date(2026, 1, 1),
    "valid_until": date(2026, 6, 30),
    "criteria": ("taxes-unpaid",),
}
NAMED = {"provider": "org-a", "document_type": "tax-clearance", "digest": "0" * 64}
PROVES = {**NAMED, "issuer": "Tax Office", "criteria": ["taxes-unpaid"]}
HOLDS = {**PROVES, "valid_from": "2026-01-01", "valid_until": "2026-06-30"}
UNDER: dict[str, Any] = {"pack": "model", "pack_version": "1.0.0"}
PINNED = {"pack": {"id": "model", "version": "1.0.0"}}
EVERY_KIND = [
    (
        events.ProviderDeclared(**ABOUT, **UNDER, declared_at=AT, valid_until=AT),
        "provider.declared.v1",
        {"provider": "org-a", **PINNED, "declared_at": AT_TEXT, "valid_until": AT_TEXT},
    ),
    (events.DocumentEntered(**ABOUT, **PAPER), "provider.document-entered.v1", HOLDS),
    (
        events.DocumentAccepted(**ABOUT, **PAPER, accepted_at=AT),
        "provider.document-accepted.v1",
        {**HOLDS, "accepted_at": AT_TEXT},
    ),
    (
        events.DocumentRejected(**ABOUT, **PAPER, reason="No."),
        "provider.document-rejected.v1",
        {**NAMED, "reason": "No."},
    ),
    (
        events.DocumentWithdrawn(**ABOUT, **PAPER, reason="No."),
        "provider.document-withdrawn.v1",
        {**NAMED, "reason": "No."},
    ),
    (
        events.DocumentExpiring(**ABOUT, **PAPER, expires_at=AT),
        "provider.document-expiring.v1",
        {**PROVES, "expires_at": AT_TEXT},
    ),
    (
        events.DocumentExpired(**ABOUT, **PAPER, expired_at=AT),
        "provider.document-expired.v1",
        {**PROVES, "expired_at": AT_TEXT},
    ),
    (
        events.EvidencePackIssued(**ABOUT, **UNDER, digest="1" * 64, at=AT, issued_at=AT),
        "provider.evidence-pack-issued.v1",
        {"provider": "org-a", **PINNED, "digest": "1" * 64, "at": AT_TEXT, "issued_at": AT_TEXT},
    ),
    (
        events.ProfessionalsChanged(**ABOUT, professionals=2, certificates={"nurse": 1}, practice_hours=9),
        "provider.professionals-changed.v1",
        {
            "provider": "org-a",
            "professionals": 2,
            "certificates": [{"certificate_type": "nurse", "certificates": 1}],
            "practice_hours": 9,
        },
    ),
]


@pytest.mark.parametrize(("event", "event_type", "data"), EVERY_KIND)
def test_event_is_published_under_its_organisation(event: DomainEvent, event_type: str, data: dict[str, Any]) -> None:
    written = published(event)
    assert (written.TYPE, written.key(), written.model_dump(mode="json")) == (event_type, "org-a", data)


def test_every_event_about_evidence_is_in_this_table() -> None:
    known = {name for name, kind in catalogue.event_types().items() if kind.__module__ == provider_evidence.__name__}
    assert {event_type for _, event_type, _ in EVERY_KIND} == known
