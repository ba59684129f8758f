"""Why a procedure may be ended before a contract."""

from shared.rules.checks import check_rule
from shared.rules.facts import FactValue
from shared.rules.pack import RulePack
from shared.rules.result import require
from tender.domain.tender import Tender

_GROUNDS = "cancellation.grounds"


def check_ground(tender: Tender, ground: str | None, pack: RulePack) -> None:
    """Hold the ground of a cancellation to the pack; before the publication, or where the pack lists none, any will do.

    Raises:
        NotAllowed: facts-missing without a ground; cancellation-ground-not-admitted.
    """
    if tender.published_at is None or _GROUNDS not in pack.rules:
        return
    facts: dict[str, FactValue] = {"procedure.cancelled": True}
    if ground is not None:
        facts["procedure.cancellation_ground"] = ground
    require(check_rule(pack.rule(_GROUNDS), facts, pack.calendar).result, "cancellation-ground-not-admitted")
