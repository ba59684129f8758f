"""Events of cases in the published language: organisations and rules, never persons and never texts."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from provider_registry.domain import case_events as events
from provider_registry.domain.case_parts import CaseKind, Ending
from provider_registry.domain.finding import Purpose
from provider_registry.messaging.publish import published
from shared.contracts import catalogue, provider_case
from shared.kernel.errors import RuleReference

ABOUT: dict[str, Any] = {"aggregate": UUID(int=1), "version": 1, "organisation": "org-a"}
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOLD = "2026-03-02T09:00:00.000000Z"
DECIDED: dict[str, Any] = {"decided_by": "court", "scopes": (Purpose.ORDERS,), "appeal_until": AT}
EVERY_KIND: list[tuple[events.CaseEvent, str, dict[str, Any]]] = [
    (
        events.CaseNotified(
            **ABOUT,
            kind=CaseKind.DEBARMENT,
            ground=None,
            scopes=(Purpose.TENDERS,),
            pack="model",
            pack_version="1.0.0",
            evidence=("0" * 64,),
            reported_by="office",
            reply_until=AT,
        ),
        "provider.case-notified.v1",
        {
            "kind": "debarment",
            "ground": None,
            "scopes": ["tenders"],
            "pack": "model",
            "pack_version": "1.0.0",
            "evidence": ["0" * 64],
            "reported_by": "office",
            "reply_until": TOLD,
        },
    ),
    (
        events.CaseReplied(**ABOUT, replied_at=AT, decision_due=AT),
        "provider.case-replied.v1",
        {"replied_at": TOLD, "decision_due": TOLD},
    ),
    (events.CaseWithdrawn(**ABOUT, withdrawn_at=AT), "provider.case-withdrawn.v1", {"withdrawn_at": TOLD}),
    (
        events.CaseDecided(
            **ABOUT, **DECIDED, upheld=True, reference=RuleReference("r", "art. 1"), in_force_from=AT, until=None
        ),
        "provider.case-decided.v1",
        {
            "upheld": True,
            "decided_by": "court",
            "scopes": ["orders"],
            "rule": "r",
            "source": "art. 1",
            "in_force_from": TOLD,
            "until": None,
            "appeal_until": TOLD,
        },
    ),
    (
        events.CaseInForce(**ABOUT, in_force_from=AT, until=AT),
        "provider.case-in-force.v1",
        {"in_force_from": TOLD, "until": TOLD},
    ),
    (
        events.CaseAppealed(**ABOUT, appealed_at=AT, decision_due=AT),
        "provider.case-appealed.v1",
        {"appealed_at": TOLD, "decision_due": TOLD},
    ),
    (
        events.CaseAppealDecided(**ABOUT, upheld=False, decided_by="review"),
        "provider.case-appeal-decided.v1",
        {"upheld": False, "decided_by": "review"},
    ),
    (
        events.SelfCleaningOffered(**ABOUT, evidence=("1" * 64,), hearing_due=AT),
        "provider.self-cleaning-offered.v1",
        {"evidence": ["1" * 64], "hearing_due": TOLD},
    ),
    (
        events.SelfCleaningHeard(**ABOUT, accepted=True, heard_by="court"),
        "provider.self-cleaning-heard.v1",
        {"accepted": True, "heard_by": "court"},
    ),
    (
        events.CaseEnded(**ABOUT, ended_at=AT, because=Ending.SELF_CLEANED),
        "provider.case-ended.v1",
        {"ended_at": TOLD, "because": "self-cleaned"},
    ),
]


@pytest.mark.parametrize(("event", "event_type", "data"), EVERY_KIND, ids=lambda one: one if type(one) is str else "")
def test_event_is_published_under_its_organisation(
    event: events.CaseEvent, event_type: str, data: dict[str, Any]
) -> None:
    written = published(event)
    about = {"provider": "org-a", "case": str(UUID(int=1))}
    assert (written.TYPE, written.key(), written.model_dump(mode="json")) == (event_type, "org-a", about | data)


def test_every_event_of_a_case_is_in_this_table() -> None:
    owned = {name for name, kind in catalogue.event_types().items() if kind.__module__ == provider_case.__name__}
    assert {event_type for _, event_type, _ in EVERY_KIND} == owned
