"""The event of eligibility in the published language."""

from datetime import UTC, datetime
from uuid import UUID

from provider_registry.domain.eligibility_events import EligibilityChanged, Exclusion, Held
from provider_registry.domain.finding import Purpose
from provider_registry.messaging.publish import published
from shared.kernel.errors import RuleReference
from shared.rules.result import Verdict

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_answers_are_published_under_the_organisation_with_rule_and_end() -> None:
    exclusions = (
        Exclusion("debarred", Verdict.FAIL, RuleReference("exclusion.debarred", "art. 1"), AT),
        Exclusion("listed", Verdict.UNRESOLVED, None, None),
    )
    written = published(
        EligibilityChanged(
            aggregate=UUID(int=1),
            version=2,
            organisation="org-a",
            changed_at=AT,
            answers=(Held("model", "1.0.0", Purpose.TENDERS, eligible=False, exclusions=exclusions),),
            next_change=None,
        )
    )
    assert (written.TYPE, written.key()) == ("provider.eligibility-changed.v1", "org-a")
    told = "2026-03-02T09:00:00.000000Z"
    debarred = {"code": "debarred", "verdict": "fail", "rule": "exclusion.debarred", "source": "art. 1", "until": told}
    listed = {"code": "listed", "verdict": "unresolved", "rule": None, "source": None, "until": None}
    assert written.model_dump(mode="json") == {
        "provider": "org-a",
        "changed_at": told,
        "answers": [
            {
                "pack": "model",
                "pack_version": "1.0.0",
                "purpose": "tenders",
                "eligible": False,
                "exclusions": [debarred, listed],
            }
        ],
        "next_change": None,
    }
