from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from provider_registry.domain import events, result_events, year_events
from provider_registry.domain.index_values import IndexValue
from provider_registry.domain.provider_data import (
    Address,
    Control,
    Evidence,
    FormerName,
    Identifier,
    Member,
    Owner,
    OwnerKind,
    PersonRole,
)
from provider_registry.messaging.publish import published
from shared.contracts import catalogue, provider, provider_results, provider_years
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money

ABOUT: dict[str, Any] = {"aggregate": UUID(int=1), "version": 1, "organisation": "org-a"}
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVERY_KIND = [
    (
        events.ProviderRegistered(
            **ABOUT,
            name="A",
            legal_form="social-service-institution",
            identifier=Identifier("XX-REG", "1"),
            other_identifiers=(Identifier("XX-REG", "2"),),
            former_names=(FormerName("Old A", None, date(2026, 1, 31)),),
            address=Address(street="Quay 1", locality="Harbour", country="XX"),
        ),
        "provider.registered.v1",
        {
            "provider": "org-a",
            "name": "A",
            "legal_form": "social-service-institution",
            "identifier": {"scheme": "XX-REG", "id": "1"},
            "other_identifiers": [{"scheme": "XX-REG", "id": "2"}],
            "former_names": [{"name": "Old A", "since": None, "until": "2026-01-31"}],
            "address": {
                "street": "Quay 1",
                "locality": "Harbour",
                "postal_code": None,
                "region": None,
                "country": "XX",
            },
        },
    ),
    (
        events.DetailsChanged(
            **ABOUT,
            address=None,
            people={PersonRole.HEAD: 1, PersonRole.BOARD_MEMBER: 4},
            owners=(
                Owner(
                    name="Parent",
                    kind=OwnerKind.ORGANISATION,
                    control=(Control.SHAREHOLDING,),
                    since=date(2020, 1, 1),
                    share=Decimal(60),
                    organisation="org-parent",
                    identifier=Identifier("XX-REG", "9"),
                ),
            ),
            owning_persons=2,
            members=(Member("org-b", Decimal("55.5")),),
            verification_ended=True,
        ),
        "provider.details-changed.v1",
        {
            "provider": "org-a",
            "address": None,
            "people": [{"role": "head", "number": 1}, {"role": "board-member", "number": 4}],
            "owners": [
                {
                    "name": "Parent",
                    "control": ["shareholding"],
                    "since": "2020-01-01",
                    "until": None,
                    "share": "60",
                    "organisation": "org-parent",
                    "identifier": {"scheme": "XX-REG", "id": "9"},
                }
            ],
            "owning_persons": 2,
            "members": [{"organisation": "org-b", "share": "55.5"}],
            "verification_ended": True,
        },
    ),
    (
        events.ProviderMerged(**ABOUT, into="org-b"),
        "provider.merged.v1",
        {"provider": "org-a", "into": "org-b"},
    ),
    (
        events.ProviderAbsorbed(
            **ABOUT,
            given_up="org-b",
            other_identifiers=(Identifier("XX-REG", "2"),),
            former_names=(FormerName("B", date(2020, 1, 1), date(2026, 3, 2)),),
        ),
        "provider.absorbed.v1",
        {
            "provider": "org-a",
            "given_up": "org-b",
            "other_identifiers": [{"scheme": "XX-REG", "id": "2"}],
            "former_names": [{"name": "B", "since": "2020-01-01", "until": "2026-03-02"}],
        },
    ),
    (
        events.EvidenceSubmitted(**ABOUT, evidence=(Evidence("statutes", "0" * 64, date(2027, 1, 1)),), check_due=AT),
        "provider.evidence-submitted.v1",
        {
            "provider": "org-a",
            "evidence": [{"document_type": "statutes", "digest": "0" * 64, "valid_until": "2027-01-01"}],
            "check_due": "2026-03-02T09:00:00.000000Z",
        },
    ),
    (events.EvidenceChecked(**ABOUT), "provider.evidence-checked.v1", {"provider": "org-a"}),
    (
        events.ProviderVerified(**ABOUT, name="A", legal_form="company", verified_at=AT, valid_until=date(2027, 1, 1)),
        "provider.verified.v1",
        {
            "provider": "org-a",
            "name": "A",
            "legal_form": "company",
            "verified_at": "2026-03-02T09:00:00.000000Z",
            "valid_until": "2027-01-01",
        },
    ),
    (
        events.VerificationRefused(**ABOUT, reason="Not legible."),
        "provider.verification-refused.v1",
        {"provider": "org-a", "reason": "Not legible."},
    ),
    (
        result_events.RecordUpdated(
            **ABOUT,
            contracts=2,
            periods_graded=3,
            rated=True,
            mean_score=Decimal("80.00"),
            latest_grade="B",
            latest_ocid="ocds-1",
            ended_early=1,
        ),
        "provider.record-updated.v1",
        {
            "provider": "org-a",
            "contracts": 2,
            "periods_graded": 3,
            "rated": True,
            "mean_score": "80.00",
            "latest_grade": "B",
            "latest_ocid": "ocds-1",
            "ended_early": 1,
        },
    ),
    (
        result_events.RatingChanged(
            **ABOUT,
            category="meals",
            observations=3,
            rated=True,
            score=Decimal("80.00"),
            level="satisfactory",
            rated_on=date(2026, 3, 2),
            pack="model",
            pack_version="1.0.0",
        ),
        "provider.rating-changed.v1",
        {
            "provider": "org-a",
            "category": "meals",
            "observations": 3,
            "rated": True,
            "score": "80.00",
            "level": "satisfactory",
            "rated_on": "2026-03-02",
            "pack": {"id": "model", "version": "1.0.0"},
        },
    ),
    (
        result_events.ReplyGiven(
            **ABOUT, ocid="ocds-1", contract=UUID(int=2), period="1", text="It snowed.", replied_at=AT
        ),
        "provider.reply-given.v1",
        {
            "provider": "org-a",
            "ocid": "ocds-1",
            "contract": str(UUID(int=2)),
            "period": "1",
            "text": "It snowed.",
            "replied_at": "2026-03-02T09:00:00.000000Z",
        },
    ),
    (
        year_events.YearEntered(**ABOUT, year=2025, confirm_due=AT),
        "provider.year-entered.v1",
        {"provider": "org-a", "year": 2025, "confirm_due": "2026-03-02T09:00:00.000000Z"},
    ),
    (
        year_events.YearConfirmed(
            **ABOUT,
            year=2025,
            total_income=Money(100, "EUR"),
            indices=(IndexValue("deficit-run", "0.00", "years"), IndexValue("current-ratio", None, "ratio")),
        ),
        "provider.year-confirmed.v1",
        {
            "provider": "org-a",
            "year": 2025,
            "total_income": {"amount": "1.00", "currency": "EUR"},
            "indices": [
                {"code": "deficit-run", "value": "0.00", "unit": "years"},
                {"code": "current-ratio", "value": None, "unit": "ratio"},
            ],
        },
    ),
    (
        year_events.YearSentBack(**ABOUT, year=2025, reason="No."),
        "provider.year-sent-back.v1",
        {"provider": "org-a", "year": 2025, "reason": "No."},
    ),
]


@pytest.mark.parametrize(("event", "event_type", "data"), EVERY_KIND)
def test_event_is_published_under_its_organisation(event: DomainEvent, event_type: str, data: dict[str, Any]) -> None:
    written = published(event)
    assert (written.TYPE, written.key(), written.model_dump(mode="json")) == (event_type, "org-a", data)


def test_every_event_of_an_entry_is_in_this_table() -> None:
    modules = {provider.__name__, provider_results.__name__, provider_years.__name__}
    owned = {name for name, kind in catalogue.event_types().items() if kind.__module__ in modules}
    assert {event_type for _, event_type, _ in EVERY_KIND} == owned


def test_what_is_not_in_the_published_language_is_not_published() -> None:
    with pytest.raises(TypeError):
        published(DomainEvent(aggregate=UUID(int=1), version=1))
