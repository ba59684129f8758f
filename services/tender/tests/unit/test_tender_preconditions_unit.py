"""What must hold before a tender is published, over all packs and their versions."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel import draw as selection
from shared.kernel.beacon import public_records
from shared.kernel.errors import Forbidden, NotAllowed, RuleReference
from shared.kernel.money import Money
from shared.rules.condition import Condition, Conditions
from shared.rules.facts import known_facts
from shared.rules.pack import RulePack, available_packs, load_pack, pack_versions
from tender.domain.case import ANSWERABLE, FOUND, Case, closing, facts_of
from tender.domain.catalogue import Decision, Entry
from tender.domain.draw_parts import Randomness
from tender.domain.exception import ExceptionRequest, RuleException, request_exception
from tender.domain.invitation import pool_candidates
from tender.domain.parts import AwardCriterion, Delivery, Lot, Party
from tender.domain.plan import Demand, Plan, Terms, make_plan
from tender.domain.plan_events import BudgetShare
from tender.domain.preconditions import Precondition, preconditions, require_met
from tender.domain.procurement import STATED, Procurement, may_bid
from tender.domain.standstill import RULES as STANDSTILLS
from tender.domain.tender import Content, Tender

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
CITY, ENTRY = Party("city", "City"), Entry("youth.clubs", "Youth clubs", Decision.ALLOW, "Act")
PACKS = [load_pack(name, entry["version"]) for name in available_packs() for entry in pack_versions(name)]
CURRENCIES = {"model": "EUR", "cn-services": "CNY", "eu-light": "EUR", "uk-2023": "GBP"}


def case_of(pack: RulePack, procurement: Procurement, demand: Demand | None = None, **of: Any) -> Case:
    value = Money(90_000_000, CURRENCIES[pack.id])
    terms = Terms("Clubs", value, (BudgetShare(UUID(int=2), value),), demand=demand)
    made = make_plan(identifier=UUID(int=1), buyer=CITY, service=ENTRY.service, terms=terms, at=NOON, pack=pack)
    long_ago = NOON - timedelta(days=of.pop("public_for", 60))
    plan, _ = made.schedule(at=long_ago, source=RuleReference("r", "s"))
    criteria = (
        AwardCriterion("price", "Price", "price", Decimal(30)),
        AwardCriterion("quality", "Quality", "quality", Decimal(70)),
    )
    delivery = Delivery(date(2027, 1, 1), date(2027, 12, 31), 12)
    content = Content(
        "Clubs", "For all", value, (Lot("lot-1", "All", value),), criteria, delivery, procurement=procurement
    )
    return Case(tender_of(pack, plan, content), plan, ENTRY, **of)


def held(case: Case, pack: RulePack) -> tuple[Precondition, ...]:
    return preconditions(case, facts_of(case, pack, NOON), pack)


def tender_of(pack: RulePack, plan: Plan, content: Content) -> Tender:
    return Tender(
        id=UUID(int=3),
        version=1,
        ocid="ocds-3",
        plan=plan.id,
        buyer=CITY,
        service=plan.service,
        budget_line=plan.budget_line,
        content=content,
        pack=pack.id,
        pack_version=pack.version,
        acceleration=1,
        authors=("olga",),
    )


def facts_in(condition: Condition | Conditions | None) -> set[str]:
    if condition is None:
        return set()
    if isinstance(condition, Conditions):
        return set().union(*map(facts_in, condition.parts))
    return set(condition.facts)


def test_every_fact_is_either_stated_or_found_when_rules_speak_of_it() -> None:
    assert STATED.isdisjoint(FOUND)
    assert known_facts().keys() >= ANSWERABLE


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: f"{pack.id}-{pack.version}")
def test_no_rule_asks_for_what_nobody_can_answer_when_it_is_a_precondition(pack: RulePack) -> None:
    for item in held(case_of(pack, Procurement()), pack):
        rule = item.check.rule
        if rule.id in STANDSTILLS:
            # Whether it binds is told at the award; what the office has to say for that, it says now.
            assert set(item.check.result.missing) <= STATED, rule.id
            continue
        assert facts_in(rule.check) | facts_in(rule.when) <= ANSWERABLE, rule.id


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: f"{pack.id}-{pack.version}")
def test_money_sealing_and_four_eyes_are_never_excepted_whatever_the_pack(pack: RulePack) -> None:
    for rule in pack.rules.values():
        untouchable = rule.kind == "roles" or rule.id.startswith(("second-person", "incompatible"))
        if untouchable or rule.id in {"bid-deadline", "bid-within-estimate", "funds-reserved-before-publication"}:
            assert not rule.exceptable, rule.id


words = st.sampled_from(
    ["open", "invited", "single-source", "competitive-consultation", "competitive-negotiation", "emergency", "inquiry"]
)
flags = st.one_of(st.none(), st.booleans())
stated = st.fixed_dictionaries(
    {
        "procedure": st.fixed_dictionaries(
            dict.fromkeys(
                (
                    "has_floor_price",
                    "shortlist_required",
                    "state_priced",
                    "standard_service",
                    "documents_complete",
                    "short_period_ground",
                    "urgent",
                    "method_approved",
                    "central",
                ),
                flags,
            )
            | {"regime": st.sampled_from([None, "light", "full"])}
        ),
        "criteria": st.fixed_dictionaries({"levels_quantified": flags, "score_qualification": flags}),
    }
)
demands = st.builds(
    Demand,
    serves_public=flags,
    complex=flags,
    surveyed=flags,
    respondents=st.one_of(st.none(), st.integers(0, 4)),
    public_consulted=flags,
    reviewed_by=st.sampled_from([None, "experts"]),
)


@settings(max_examples=150)
@given(
    pack=st.sampled_from(PACKS),
    method=words,
    ground=st.sampled_from([None, "only-supplier", "complex", "limited-suppliers", "failed-tender"]),
    rationale=st.sampled_from([None, "Because."]),
    facts=stated,
    demand=demands,
    excepted=st.lists(st.sampled_from(sorted({rule for pack in PACKS for rule in pack.rules})), max_size=30),
    of_another=st.booleans(),
    public_for=st.integers(0, 60),
)
def test_nothing_goes_through_with_a_rule_failed_or_undecided_unless_an_exception_was_granted(
    pack: RulePack,
    method: str,
    ground: str | None,
    rationale: str | None,
    facts: dict[str, Any],
    demand: Demand,
    excepted: list[str],
    of_another: bool,
    public_for: int,
) -> None:
    procurement = Procurement(method=method, ground=ground, rationale=rationale, facts=facts)
    case = case_of(pack, procurement, demand, public_for=public_for)
    before = {item.check.rule.id: item.check.result.verdict.value for item in held(case, pack)}
    content = replace(case.tender.content, title="Another") if of_another else case.tender.content
    granted = []
    for rule in excepted:
        if rule in pack.rules and pack.rule(rule).exceptable and before.get(rule) == "fail":
            check = next(item.check for item in held(case, pack) if item.check.rule.id == rule)
            asked = ExceptionRequest(rule, "code", "Reason", ("a" * 64,))
            of = replace(case.tender, content=content)
            exception = request_exception(UUID(int=9), of, asked, check, by="olga", at=NOON, pack=pack)
            granted.append(exception.grant(by="hugo", at=NOON)[0])
    covered = set() if of_another else {exception.rule for exception in granted}
    case = replace(case, exceptions=tuple(granted))
    after = {item.check.rule.id: item for item in held(case, pack)}
    # What the rule says stays what it says.
    assert {rule: item.check.result.verdict.value for rule, item in after.items()} == before
    standing = {rule for rule, verdict in before.items() if verdict in {"fail", "unresolved"}} - covered
    assert {rule for rule, item in after.items() if not item.met} == standing
    try:
        require_met(case, pack, NOON)
    except NotAllowed as refusal:
        reference = refusal.reference
    else:
        reference = None
        assert not standing
        assert closing(case, facts_of(case, pack, NOON), pack, NOON) is not None
    if standing:
        assert reference is not None
        assert reference.rule in standing | {"tender-period", "bid-deadline"}


def excepted_case() -> tuple[Case, RuleException]:
    pack = load_pack("model")
    case = case_of(pack, Procurement())
    long = replace(case.tender.content, delivery=Delivery(date(2027, 1, 1), date(2031, 12, 31), 5))
    case = replace(case, tender=replace(case.tender, content=long))
    check = next(item.check for item in held(case, pack) if item.check.rule.id == "contract-term.cap")
    asked = ExceptionRequest("contract-term.cap", "kitchen", "A kitchen is built.", ("a" * 64,))
    return case, request_exception(UUID(int=9), case.tender, asked, check, by="olga", at=NOON, pack=pack)


def test_exception_counts_only_when_another_person_granted_it_and_the_draft_is_the_same() -> None:
    case, exception = excepted_case()
    pack = load_pack("model")
    with pytest.raises(Forbidden, match="second-person-needed"):
        exception.grant(by="olga", at=NOON)
    granted, _ = exception.grant(by="hugo", at=NOON)
    rule = pack.rule("contract-term.cap")
    other = replace(case.tender.content, title="Another")
    assert [
        item.covers(rule, case.tender.content) for item in (exception, exception.refuse("No", at=NOON), granted)
    ] == [
        False,
        False,
        True,
    ]
    assert not granted.covers(rule, other)
    assert not granted.covers(pack.rule("framework.term-cap"), case.tender.content)
    for again in (lambda: granted.grant(by="hedda", at=NOON), lambda: granted.refuse("No", at=NOON)):
        with pytest.raises(NotAllowed, match="exception-not-requested"):
            again()
    require_met(replace(case, exceptions=(granted,)), pack, NOON)
    with pytest.raises(NotAllowed, match="contract-term-cap"):
        require_met(case, pack, NOON)


@pytest.mark.parametrize(
    ("method", "invitees", "supplier", "admitted"),
    [
        ("open", None, None, True),
        ("open", ("alder",), None, True),
        ("framework-open", None, None, True),
        ("invited", None, None, False),
        ("invited", ("alder",), None, False),
        ("invited", ("birch",), None, True),
        ("single-source", None, None, False),
        ("single-source", ("birch",), "alder", False),
        ("single-source", None, "birch", True),
        ("competitive-consultation", None, None, True),
        ("competitive-consultation", ("alder",), None, False),
        ("competitive-negotiation", ("birch",), None, True),
    ],
)
def test_bidder_is_admitted_by_the_method_when_it_asks(
    method: str, invitees: tuple[str, ...] | None, supplier: str | None, admitted: bool
) -> None:
    assert may_bid(method, "birch", invitees=invitees, supplier=supplier) is admitted


@given(
    names=st.lists(st.integers(0, 10_000), min_size=4, max_size=30, unique=True),
    seed=st.binary(min_size=32, max_size=32),
)
def test_draw_is_the_same_whatever_the_order_of_the_pool_when_its_randomness_is(names: list[int], seed: bytes) -> None:
    pack = load_pack("model")
    draft = case_of(pack, Procurement(method="invited")).tender
    number = len(names) // 2
    labels = {name: UUID(int=1000 + name) for name in names}
    beacon = public_records(["Lottery"], NOON + timedelta(minutes=10))
    secret = b"s" * 32
    drawn = []
    for candidates in (sorted(names, key=lambda name: f"p{name}"), names):
        parties = tuple(Party(f"p{name}", "P") for name in candidates)
        invitation, _ = pool_candidates(
            UUID(int=4),
            draft,
            parties,
            number,
            beacon,
            labels=tuple(labels[name] for name in sorted(names, key=lambda name: f"p{name}")),
            salt="5a" * 32,
            commitment=selection.commitment(secret, selection.CODES).hex(),
            by="olga",
            at=NOON,
            pack=pack,
        )
        for person in ("hugo", "hedda"):
            invitation = invitation.witness(by=person, pack=pack)
        code = selection.reveal(secret, selection.CODES, 1)
        after, _ = invitation.draw_invitees(Randomness(seed), code, method="invited", at=beacon.at, pack=pack)
        drawn.append(after)
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0].invitees)) == number
    assert set(drawn[0].order) == {f"p{name}" for name in names}
