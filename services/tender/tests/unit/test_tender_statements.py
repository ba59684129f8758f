"""What an office states contradicts nothing else it writes, and names no stage that procedures here do not have."""

from dataclasses import replace

import pytest

from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.pack import RulePack, load_pack
from tender.domain.contract_terms import ContractTerms
from tender.domain.procurement import Procurement
from tender.domain.statements import check_statements
from tender.domain.tender import Content

BRITAIN, CHINA = load_pack("uk-2023"), load_pack("cn-services")


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
        (CHINA, "participation_stage", None),
    ],
    ids=["participation", "prequalification", "without-a-rule"],
)
def test_draft_is_refused_when_it_states_a_stage_before_the_bids(
    content: Content, pack: RulePack, fact: str, rule: str | None
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_statements(stating(content, **{fact: True}), pack)
    assert refusal.value.code == "stage-not-provided"
    assert refusal.value.reference == (pack.reference(rule) if rule else None)
    check_statements(stating(content, **{fact: False}), pack)
