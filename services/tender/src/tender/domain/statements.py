"""What an office states of a tender: nothing that contradicts the rest, and no stage that procedures here lack."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.kernel.errors import Invalid
from shared.rules.checks import REGIME
from shared.rules.pack import RulePack
from tender.domain.procurement import check_method, stage_not_provided
from tender.domain.tender import Content

_STAGES: Mapping[str, str] = MappingProxyType(
    {
        "procedure.participation_stage": "participation-period",
        "procedure.prequalifies": "prequalification-documents",
    }
)


def check_statements(content: Content, pack: RulePack) -> None:
    """Hold what an office states to what it writes elsewhere, and to the one stage in which everybody bids at once.

    Raises:
        Invalid: regime-contradicted.
        NotAllowed: stage-not-provided, for a stage before the bids, or a method that has one: nothing would keep it.
    """
    stated = content.procurement.stated
    if content.terms.regime is not None and stated.get(REGIME, content.terms.regime) != content.terms.regime:
        raise Invalid(
            "regime-contradicted",
            "The facts and the terms of the contract state different regimes.",
            pointer="/body/terms/regime",
            satisfied_by="One regime in `procurement.facts` and in `terms`.",
        )
    for fact, rule in _STAGES.items():
        if stated.get(fact) is True:
            raise stage_not_provided(pack, rule, f"{fact} false, or not stated")
    check_method(content.procurement.method, pack)
