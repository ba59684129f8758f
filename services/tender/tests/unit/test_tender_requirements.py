"""What a tender asks of bidders: shapes that make sense, conditions a pack admits, levels that scores come from."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.kernel.errors import DomainError, Invalid, NotAllowed
from shared.kernel.money import Money
from shared.rules.pack import RulePack, load_pack
from tender.domain.parts import AwardCriterion, Level
from tender.domain.requirement_values import DataType, meets, read_value
from tender.domain.requirements import (
    Requirement,
    RequirementCriterion,
    RequirementGroup,
    RequirementKind,
    allowed_scores,
    check_requirements,
)
from tender.domain.tender import Content, check_content

CHINA, EUROPE = load_pack("cn-services"), load_pack("eu-light")
PRICE = AwardCriterion("price", "Price", "price", Decimal(30))
QUALITY = AwardCriterion("quality", "Quality of care", "quality", Decimal(70))
VALUE = Money(125_000_000, "EUR")
GRADED = replace(
    QUALITY, levels=(Level("Poor", Decimal(0), Decimal(0)), Level("Good", Decimal("62.5"), Decimal("0.5")))
)


def one(data_type: str = "boolean", **of: Any) -> Requirement:
    return Requirement("r1", "What is asked", DataType(data_type), **of)


def criterion(*requirements: Requirement, kind: str = "qualification", name: str = "fitness") -> RequirementCriterion:
    own = tuple(replace(requirement, id=f"{name}-{requirement.id}") for requirement in requirements)
    return RequirementCriterion(name, "Fitness", RequirementKind(kind), (RequirementGroup("g1", "Way", own),))


def check(*requirements: RequirementCriterion, pack: RulePack, criteria: Any = (PRICE, GRADED)) -> None:
    check_requirements(requirements, criteria, VALUE, pack)


@pytest.mark.parametrize("pack", ["model", "cn-services", "eu-light", "uk-2023"])
def test_requirements_of_every_kind_are_admitted_when_they_make_sense(pack: str) -> None:
    check(
        criterion(one(expected="false"), kind="exclusion", name="conviction"),
        criterion(
            one("integer", minimum="2", maximum="2"),
            replace(one("decimal", minimum="-1.5"), id="r2"),
            replace(one("date", maximum="2024-02-29"), id="r3"),
            replace(one("code", options=("a", "b")), id="r4"),
            replace(one("text"), id="r5"),
            replace(one("code", expected="a"), id="r6"),
        ),
        criterion(one("decimal", minimum="0"), kind="award", name="quality"),
        pack=load_pack(pack),
    )


def test_nothing_is_asked_for_when_a_draft_says_nothing_of_it(content: Content, pack: RulePack) -> None:
    assert (content.requirements, content.criteria[1].levels) == ((), ())
    check_content(content, pack)


@pytest.mark.parametrize(
    ("requirement", "why"),
    [
        (one(expected="yes"), "no boolean"),
        (one("integer", expected="1.5"), "no integer"),
        (one("integer", minimum="3", maximum="2"), "reversed"),
        (one("decimal", minimum="2.000001", maximum="2"), "reversed decimals"),
        (one("date", minimum="2026-03-03", maximum="2026-03-02"), "reversed dates"),
        (one("date", expected="2026-02-30"), "no such day"),
        (one("text", minimum="a"), "text has no order"),
        (one("boolean", maximum="true"), "truth has no order"),
        (one("code"), "a code of what?"),
        (one("code", expected="Not A Code"), "no code"),
        (one("code", options=("a", "B")), "an option that is no code"),
        (one("integer", expected="1", minimum="1"), "two kinds of expectation"),
        (one("code", expected="a", options=("a",)), "expected and options"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_requirement_makes_no_sense_when_it_contradicts_itself(
    requirement: Requirement, why: str, pack: RulePack
) -> None:
    with pytest.raises(Invalid) as problem:
        check(criterion(requirement), pack=pack)
    assert (problem.value.code, problem.value.pointer) == ("requirement-contradicts-itself", "/body/requirements"), why


@pytest.mark.parametrize(
    ("requirements", "code"),
    [
        ((criterion(one()), criterion(one())), "requirement-repeated"),
        ((criterion(one(), one()),), "requirement-repeated"),
        ((criterion(one()), replace(criterion(one()), id="other")), "requirement-repeated"),
        ((criterion(one("code", options=("a", "a"))),), "requirement-repeated"),
        ((replace(criterion(one()), groups=(RequirementGroup("g1", "Way", (one(),)),) * 2),), "requirement-repeated"),
        (
            (
                replace(
                    criterion(one()), groups=tuple(RequirementGroup(name, "Way", (one(),)) for name in ("g1", "g2"))
                ),
            ),
            "requirement-repeated",
        ),
        ((criterion(),), "requirement-empty"),
        ((replace(criterion(one()), groups=()),), "requirement-empty"),
        ((criterion(*(replace(one(), id=f"r{n}") for n in range(101))),), "requirements-too-many"),
        ((criterion(one(), kind="award"),), "award-criterion-unknown"),
        ((criterion(one(), kind="award", name="price"),), "award-criterion-unknown"),
    ],
)
def test_requirements_make_no_sense_when_their_structure_is_broken(
    requirements: tuple[RequirementCriterion, ...], code: str, pack: RulePack
) -> None:
    with pytest.raises(Invalid, match=code):
        check(*requirements, pack=pack)


def refused_by(pack: RulePack, *requirements: RequirementCriterion, criteria: Any = (PRICE, GRADED)) -> tuple[str, ...]:
    with pytest.raises(NotAllowed) as problem:
        check(*requirements, pack=pack, criteria=criteria)
    reference = problem.value.reference
    assert reference is not None
    assert problem.value.satisfied_by
    return problem.value.code, reference.rule, reference.source


@pytest.mark.parametrize(
    "subject",
    ["registered-capital", "assets", "turnover", "staff", "profit", "tax", "manufacturer-authorisation"],
)
def test_condition_is_refused_when_the_chinese_pack_bans_it(subject: str, pack: RulePack) -> None:
    banned = criterion(one("integer", minimum="1", subject=subject))
    assert refused_by(CHINA, banned) == (
        "condition-banned",
        "qualification.banned-conditions",
        "Ministry of Finance Order 87, art. 17",
    )
    check(banned, pack=pack)
    # What excludes, or is scored, is no condition of qualification.
    check(replace(banned, kind=RequirementKind.EXCLUSION), pack=CHINA)


@pytest.mark.parametrize(
    "asked", [{"minimum": "3"}, {"expected": "3"}, {"minimum": "1", "maximum": "9"}, {"options": ("1", "3")}]
)
def test_similar_contracts_are_capped_when_the_chinese_pack_is_pinned(asked: dict[str, Any]) -> None:
    similar = criterion(one("integer", subject="similar-contracts", **asked))
    if asked.get("minimum") == "1":
        check(similar, pack=CHINA)
    else:
        assert refused_by(CHINA, similar)[:2] == ("similar-contracts-too-many", "qualification.similar-contracts")


def test_turnover_is_capped_at_twice_the_value_when_the_european_pack_is_pinned() -> None:
    check(criterion(one("decimal", minimum="2500000", subject="turnover")), pack=EUROPE)
    above = criterion(one("decimal", minimum="2500000.01", subject="turnover"))
    assert refused_by(EUROPE, above)[:2] == ("turnover-too-high", "qualification.turnover-cap")


def test_condition_of_qualification_is_not_scored_when_the_chinese_pack_is_pinned(pack: RulePack) -> None:
    asked = criterion(one("integer", minimum="1", subject="similar-contracts"))
    scored = criterion(one("integer", subject="similar-contracts"), kind="award", name="quality")
    expected = ("qualification-scored", "qualification.not-scored", "Ministry of Finance Order 87, art. 55")
    assert refused_by(CHINA, asked, scored) == expected
    # Nor by the name of the criterion.
    assert refused_by(CHINA, criterion(one(), name="quality")) == expected
    check(asked, scored, pack=pack)


def test_levels_are_asked_for_when_the_chinese_pack_is_pinned(pack: RulePack) -> None:
    unmeasured = replace(GRADED, levels=tuple(replace(level, at_least=None) for level in GRADED.levels))
    half = replace(GRADED, levels=(GRADED.levels[0], unmeasured.levels[1]))
    for quality in (QUALITY, unmeasured):
        assert refused_by(CHINA, criteria=(PRICE, quality)) == (
            "levels-not-quantified",
            "criteria.levels-quantified",
            "Cai Ku [2021] 22 (demand management), arts. 9, 21",
        )
        check(pack=pack, criteria=(PRICE, quality))
    with pytest.raises(Invalid, match="levels-not-ascending"):
        check(pack=pack, criteria=(PRICE, half))


@pytest.mark.parametrize(
    "levels",
    [
        [("0", None)],
        [("0", None), ("0", None)],
        [("50", None), ("20", None)],
        [("0", None), ("100.01", None)],
        [("-1", None), ("100", None)],
        [("0", "2"), ("100", "2")],
        [("0", "2"), ("100", "1")],
    ],
)
def test_levels_make_no_sense_when_they_do_not_rise(levels: list[tuple[str, str | None]], pack: RulePack) -> None:
    made = tuple(Level("Level", Decimal(points), least and Decimal(least)) for points, least in levels)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="levels-not-ascending"):
        check(pack=pack, criteria=(PRICE, replace(QUALITY, levels=made)))


def test_price_has_no_levels_when_it_is_given_some(pack: RulePack) -> None:
    with pytest.raises(Invalid, match="levels-not-ascending"):
        check(pack=pack, criteria=(replace(PRICE, levels=GRADED.levels), GRADED))


def test_scores_are_those_of_the_levels_when_there_are_any() -> None:
    assert allowed_scores(GRADED) == (Decimal(0), Decimal("62.5"))
    assert allowed_scores(QUALITY) is None


def test_content_is_refused_when_its_requirements_are(content: Content) -> None:
    with pytest.raises(DomainError, match="levels-not-quantified"):
        check_content(content, CHINA)


@pytest.mark.parametrize(
    ("data_type", "text", "value"),
    [
        ("boolean", "true", True),
        ("boolean", "True", None),
        ("integer", "-0", 0),
        ("integer", "007", None),
        ("integer", "1_000", None),
        ("integer", "٣", None),
        ("decimal", "12.50", Decimal("12.5")),
        ("decimal", "1e3", None),
        ("decimal", "NaN", None),
        ("date", "2026-03-02", "2026-03-02"),
        ("date", "20260302", None),
        ("date", "2026-W10-1", None),
        ("code", "iso-22000", "iso-22000"),
        ("code", "ISO", None),
        ("text", " ", None),
        ("text", "x" * 1000, "x" * 1000),
        ("text", "x" * 1001, None),
    ],
)
def test_value_is_read_in_one_way_only_when_it_is_written(data_type: str, text: str, value: Any) -> None:
    read = read_value(DataType(data_type), text)
    assert (str(read) if data_type == "date" and read else read) == value


def test_bounds_include_themselves_when_a_value_is_held_to_them() -> None:
    integer = DataType.INTEGER
    assert [meets(integer, text, minimum="2", maximum="4") for text in "12345"] == [False, True, True, True, False]
    assert meets(DataType.DECIMAL, "2.50", expected="2.5")
    assert not meets(DataType.DATE, "2026-03-02", minimum="2026-03-03")
