"""Whom the registry keeps away: under this pack, for this purpose, at this instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.errors import RuleReference
from shared.rules.pack import load_pack
from tender.domain.eligibility import Exclusion, not_eligible, reference_of, standing_exclusion

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(days=100)
MODEL = load_pack("model")
DEBARRED = Exclusion("model", "tenders", "debarred", False, "exclusion.debarred", "art. 1", UNTIL)


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, True),
        ({"until": None}, True),
        ({"until": NOW}, False),
        ({"until": NOW + timedelta(microseconds=1)}, True),
        ({"pack": "eu-light"}, False),
        ({"purpose": "orders"}, False),
        ({"unresolved": True}, False),
        ({"code": "provider-not-verified"}, False),
    ],
)
def test_exclusion_counts_for_its_pack_and_purpose_until_its_end(changes: dict[str, Any], kept: bool) -> None:
    one = replace(DEBARRED, **changes)
    assert standing_exclusion([one], MODEL, "tenders", NOW) == (one if kept else None)


def test_longest_exclusion_is_named_with_its_rule_and_end() -> None:
    shorter = replace(DEBARRED, code="suspended", until=NOW + timedelta(days=1))
    for_good = replace(DEBARRED, code="taxes-owed", until=None)
    assert standing_exclusion([shorter, DEBARRED], MODEL, "tenders", NOW) == DEBARRED
    assert standing_exclusion([shorter, for_good, DEBARRED], MODEL, "tenders", NOW) == for_good
    refusal = not_eligible(DEBARRED, MODEL)
    assert (refusal.code, refusal.reference) == (
        "bidder-not-eligible",
        RuleReference("exclusion.debarred", "art. 1"),
    )
    assert refusal.satisfied_by == "Its end at 2026-06-10T09:00:00Z."
    assert reference_of(replace(DEBARRED, rule=None), MODEL) == MODEL.reference("bidder-eligible")
