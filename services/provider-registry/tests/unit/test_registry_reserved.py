"""Reserved contracts: what is declared and shown counts, and what is not known is never a pass."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from provider_registry.domain.reserved import (
    Condition,
    ReservedAward,
    ReservedFacts,
    nothing_declared,
    reserved_findings,
    verdict_of,
)
from shared.kernel.errors import Invalid
from shared.rules.pack import load_pack
from shared.rules.result import Verdict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHOWN = "a" * 64
EU = ("public-service-mission", "profits-reinvested", "participatory-ownership")
CN = ("independent-legal-person", "own-accounts", "registration-valid", "annual-report-filed", "not-on-abnormal-list")


def declared(*conditions: Condition, **given: Any) -> ReservedFacts:
    facts = {"staff": None, "disadvantaged": None, "staff_evidence": None, "awards": ()} | given
    return nothing_declared("org-a").declare(conditions=conditions, today=NOW.date(), **facts)


def met(names: tuple[str, ...]) -> tuple[Condition, ...]:
    return tuple(Condition(name, met=True, evidence=SHOWN) for name in names)


def verdict(facts: ReservedFacts, pack: str, status: str, buyer: str | None = "office") -> Verdict:
    return verdict_of(reserved_findings(facts, load_pack(pack), NOW, buyer)[status])


@pytest.mark.parametrize("pack", ["eu-light", "uk-2023"])
def test_participating_organisation_meets_every_condition_with_evidence(pack: str) -> None:
    assert verdict(declared(*met(EU)), pack, "participating") is Verdict.PASS
    assert verdict(declared(*met(EU)), pack, "participating", None) is Verdict.UNRESOLVED
    assert verdict(declared(*met(EU[:2])), pack, "participating") is Verdict.UNRESOLVED
    unshown = Condition(EU[2], met=True)
    assert verdict(declared(*met(EU[:2]), unshown), pack, "participating") is Verdict.UNRESOLVED
    assert verdict(declared(*met(EU[:2]), Condition(EU[2], met=False)), pack, "participating") is Verdict.FAIL
    assert verdict(nothing_declared("org-a"), pack, "participating") is Verdict.UNRESOLVED


@pytest.mark.parametrize(
    ("buyer", "day", "expected"),
    [
        ("office", date(2023, 3, 3), Verdict.FAIL),
        ("office", date(2023, 3, 2), Verdict.PASS),
        ("another", date(2026, 3, 1), Verdict.PASS),
    ],
)
def test_award_by_the_same_office_counts_for_three_years(buyer: str, day: date, expected: Verdict) -> None:
    facts = declared(*met(EU), awards=(ReservedAward(buyer, day), ReservedAward(buyer, date(2019, 1, 1))))
    assert verdict(facts, "eu-light", "participating") is expected


def test_end_of_the_years_is_told() -> None:
    facts = declared(*met(EU), awards=(ReservedAward("office", date(2024, 5, 10)),))
    last = reserved_findings(facts, load_pack("eu-light"), NOW, "office")["participating"][-1]
    assert last.until == datetime(2027, 5, 9, 22, tzinfo=UTC)  # midnight before the 10th in the pack's zone
    assert last.reference == load_pack("eu-light").reference("reserved.participation-years")


@pytest.mark.parametrize(
    ("pack", "staff", "disadvantaged", "shown", "expected"),
    [
        ("eu-light", 10, 3, SHOWN, Verdict.PASS),
        ("uk-2023", 10, 3, SHOWN, Verdict.PASS),
        ("eu-light", 1000, 299, SHOWN, Verdict.FAIL),
        ("eu-light", 0, 0, SHOWN, Verdict.FAIL),
        ("eu-light", 10, 3, None, Verdict.UNRESOLVED),
        ("eu-light", 10, None, SHOWN, Verdict.UNRESOLVED),
        ("eu-light", None, None, None, Verdict.UNRESOLVED),
    ],
)
def test_sheltered_employment_is_a_share_of_the_staff(
    pack: str, staff: int | None, disadvantaged: int | None, shown: str | None, expected: Verdict
) -> None:
    facts = declared(staff=staff, disadvantaged=disadvantaged, staff_evidence=shown)
    assert verdict(facts, pack, "sheltered") is expected


def test_status_is_answered_where_the_pack_knows_it() -> None:
    assert verdict(declared(*met(CN)), "cn-services", "social-organisation") is Verdict.PASS
    known = {name: set(reserved_findings(declared(), load_pack(name), NOW, None)) for name in ("model", "cn-services")}
    assert known == {"model": set(), "cn-services": {"social-organisation"}}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"staff": 3, "disadvantaged": 4}, "disadvantaged-above-staff"),
        ({"awards": (ReservedAward("office", date(2026, 3, 3)),)}, "event-in-future"),
    ],
)
def test_declaration_is_refused_when_it_cannot_be_true(given: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        declared(**given)
    with pytest.raises(Invalid, match="condition-repeated"):
        declared(*met(EU[:1]), *met(EU[:1]))
