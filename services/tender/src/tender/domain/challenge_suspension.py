"""How long a challenge holds up the procedure, and by which rule of the pack."""

from datetime import datetime

from shared.rules.condition import evaluate
from shared.rules.pack import RulePack

AUTOMATIC = "claim-suspends-signing"
_CAP = "suspension-cap"
_QUESTION = "question-suspends-signing"
_RULES = (AUTOMATIC, _QUESTION, _CAP)


def suspension_rule(pack: RulePack) -> str:
    """Return the rule by which an open challenge keeps a contract from being signed, the most particular one."""
    return next(rule for rule in _RULES if rule in pack.rules)


def is_automatic(pack: RulePack) -> bool:
    """Say whether a claim suspends the signature by itself, whatever the office answers."""
    return AUTOMATIC in pack.rules and pack.flag(AUTOMATIC)


def suspends_performance(pack: RulePack) -> bool:
    """Say whether a contract that is signed rests while a question may affect the result."""
    return _QUESTION in pack.rules and pack.flag(_QUESTION)


def suspends_in_time(pack: RulePack, raised_at: datetime, standstill_ends_at: datetime | None) -> bool:
    """Say whether a claim came early enough to suspend the signature by itself; what is not known suspends."""
    condition = pack.rule(AUTOMATIC).when
    facts = {
        "claim.made_before_signature": True,
        "claim.notified_in_standstill": standstill_ends_at is None or raised_at < standstill_ends_at,
    }
    return condition is None or evaluate(condition, facts).holds is not False


def suspension_ends_at(pack: RulePack, at: datetime, acceleration: int) -> datetime | None:
    """Return until when a suspension that begins now lasts at the most; None where the pack sets no longest time."""
    return pack.ends_at(_CAP, at, acceleration) if _CAP in pack.rules else None
