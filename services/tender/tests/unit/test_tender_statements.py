"""What an office states contradicts nothing else it writes, and names no stage that procedures here do not have."""

from dataclasses import replace
from uuid import UUID

import pytest

from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.money import Money
from shared.rules.pack import RulePack, available_packs, load_pack
from tender.domain.contract_terms import ContractTerms
from tender.domain.plan import Terms, check_terms
from tender.domain.plan_events import BudgetShare
from tender.domain.procurement import WITH_PARTICIPATION, Procurement
from tender.domain.statements import check_statements
from tender.domain.tender import Content

BRITAIN, CHINA, EUROPE = (load_pack(name) for name in ("uk-2023", "cn-services", "eu-light"))


def stating(content: Content, contract: str | None = None, **facts: object) -> Content:
    terms = ContractTerms(regime=contract)  # type: ignore[arg-type]
    return replace(content, terms=terms, procurement=Procurement(facts={"procedure": facts}))


def test_draft_is_refused_when_facts_and_terms_state_different_regimes(content: Content) -> None:
    with pytest.raises(Invalid, match="regime-contradicted"):
        check_statements(stating(content, "light", regime="full"), BRITAIN)
    for agreeing in (stating(content, "light", regime="light"), stating(content, "light"), stating(content)):
        check_statements(agreeing, BRITAIN)


@pytest.mark.parametrize(
    ("pack", "fact", "rule"),
    [
        (BRITAIN, "participation_stage", "participation-period"),
        (CHINA, "prequalifies", "prequalification-documents"),
        (EUROPE, "prequalifies", "participation-period"),
        (CHINA, "participation_stage", "method.permitted"),
        (load_pack("model"), "prequalifies", "method.permitted"),
    ],
    ids=["participation", "prequalification", "of-another-stage", "no-such-stage", "model"],
)
def test_draft_is_refused_when_it_states_a_stage_before_the_bids(
    content: Content, pack: RulePack, fact: str, rule: str
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_statements(stating(content, **{fact: True}), pack)
    assert refusal.value.code == "stage-not-provided"
    assert refusal.value.reference == pack.reference(rule)
    check_statements(stating(content, **{fact: False}), pack)


@pytest.mark.parametrize("method", ["restricted", "competitive-dialogue"])
@pytest.mark.parametrize("pack", available_packs())
def test_method_is_refused_by_a_rule_when_it_has_a_stage_in_which_providers_ask_to_take_part(
    content: Content, pack: str, method: str
) -> None:
    rules = load_pack(pack)
    with pytest.raises(NotAllowed) as drafted:
        check_statements(replace(content, procurement=Procurement(method=method)), rules)
    value = Money(10_000_000, rules.currency or "EUR")
    with pytest.raises(NotAllowed) as planned:
        check_terms(Terms("Clubs", value, (BudgetShare(UUID(int=1), value),), method=method), rules)
    for refusal in (drafted.value, planned.value):
        assert refusal.code == "stage-not-provided"
        rule = "participation-period" if pack in {"eu-light", "uk-2023"} else "method.permitted"
        assert refusal.reference == rules.reference(rule)
        assert refusal.satisfied_by == "A procedure in which everybody bids at once: another method."


@pytest.mark.parametrize("pack", available_packs())
def test_list_of_methods_has_none_with_such_a_stage(pack: str) -> None:
    rules = load_pack(pack)
    if "method.permitted" in rules.rules:
        assert WITH_PARTICIPATION.isdisjoint(rules.choice("method.permitted"))
    else:
        assert all(method in rules.without["method.permitted"].reason for method in WITH_PARTICIPATION)
