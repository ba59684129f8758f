"""What of a period's amount is paid, held and deducted, by which step?"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shared.kernel.errors import Invalid
from shared.kernel.money import money
from shared.rules.derivation import amount_of, plain
from shared.rules.payment_formula import (
    RULE,
    GradeShare,
    IndicatorDeduction,
    PaymentFormula,
    ReleaseCondition,
    check_formula,
    pack_formula,
)
from shared.rules.payment_split import HeldPart, settle
from shared.rules.questions.packs import read_pack_on
from shared.rules.questions.reading import below, read_decimal, read_id, read_object

MOST_INDICATORS = 50
RELEASES = ("next-grade-at-least", "days-after", "decision")
DIRECTIONS = ("higher", "lower")

_SHARES = ("guarantee", "deduction_cap", "retention_share")
_CONDITIONS = ("retention_release", "shortcoming_release")


def answer(document: Any) -> dict[str, Any]:
    """Settle a period as `{"pack", "on", "terms", "due": {"amount", "currency"}, "grade", "kpis"}` asks.

    Units: numbers are text; shares from 0 to 1.
    Shape: terms may be absent: then the pack's formula holds. kpis is a list of `{"kpi", "value"}`.

    Raises:
        Invalid: for a document of another form, and what check_formula() and settle() refuse, each with its JSON
            pointer.
    """
    members = read_object(document, "", ("pack", "due", "grade"), ("on", "terms", "kpis"))
    pack = read_pack_on(members["pack"], members.get("on"), "/on")
    formula = _formula(members["terms"]) if "terms" in members else pack_formula(pack)
    check_formula(formula, pack, "/terms")
    given = read_object(members["due"], "/due", ("amount", "currency"))
    try:
        due = money(read_decimal(given["amount"], "/due/amount"), read_id(given["currency"], "/due/currency"))
    except Invalid as refusal:
        raise Invalid(refusal.code, refusal.detail, pointer=refusal.pointer or "/due") from refusal
    reference = pack.reference(RULE)
    grade = read_id(members["grade"], "/grade")
    settled = settle(formula, due, grade, _measured(members.get("kpis", [])), reference)
    return {
        "pack": pack.id,
        "version": pack.version,
        "due": amount_of(settled.due),
        "payable": amount_of(settled.payable),
        "held": amount_of(settled.held),
        "deducted": amount_of(settled.deducted),
        "share": plain(settled.share),
        "holds": [_hold(part) for part in settled.holds],
        "derivation": [dict(step) for step in settled.lines],
    }


def _formula(value: Any) -> PaymentFormula:
    pointer = "/terms"
    members = read_object(value, pointer, ("grades",), ("indicators", *_SHARES, *_CONDITIONS))
    indicators = _list(members.get("indicators", []), f"{pointer}/indicators")
    given: dict[str, Any] = {
        name: read_decimal(members[name], below(pointer, name)) for name in _SHARES if name in members
    }
    given |= {name: _release(members[name], below(pointer, name)) for name in _CONDITIONS if name in members}
    return PaymentFormula(
        grades=tuple(
            _grade(one, f"{pointer}/grades/{place}")
            for place, one in enumerate(_list(members["grades"], f"{pointer}/grades"))
        ),
        indicators=tuple(_indicator(one, f"{pointer}/indicators/{place}") for place, one in enumerate(indicators)),
        **given,
    )


def _list(value: Any, pointer: str) -> Sequence[Any]:
    if not isinstance(value, list) or len(value) > MOST_INDICATORS:
        raise Invalid("value-invalid", f"Here stands a list of at most {MOST_INDICATORS}.", pointer=pointer)
    return value


def _grade(value: Any, pointer: str) -> GradeShare:
    members = read_object(value, pointer, ("grade", "share", "reason"))
    texts = {name: read_id(members[name], below(pointer, name)) for name in ("grade", "reason")}
    return GradeShare(texts["grade"], read_decimal(members["share"], below(pointer, "share")), texts["reason"])


def _indicator(value: Any, pointer: str) -> IndicatorDeduction:
    members = read_object(value, pointer, ("kpi", "target", "direction", "step", "share", "cap"))
    numbers = {name: read_decimal(members[name], below(pointer, name)) for name in ("target", "step", "share", "cap")}
    return IndicatorDeduction(
        kpi=read_id(members["kpi"], below(pointer, "kpi")),
        direction=_one_of(members["direction"], DIRECTIONS, below(pointer, "direction")),
        **numbers,
    )


def _release(value: Any, pointer: str) -> ReleaseCondition:
    members = read_object(value, pointer, ("when",), ("grade", "days"))
    grade = read_id(members["grade"], below(pointer, "grade")) if "grade" in members else None
    days = members.get("days")
    if days is not None and (not isinstance(days, int) or isinstance(days, bool)):
        raise Invalid("value-invalid", "Here stands a whole number of days.", pointer=below(pointer, "days"))
    return ReleaseCondition(_one_of(members["when"], RELEASES, below(pointer, "when")), grade, days)


def _one_of(value: Any, words: Sequence[str], pointer: str) -> Any:
    if value not in words:
        one_of = f"One of: {', '.join(words)}."
        raise Invalid("value-invalid", "This word is not known here.", pointer=pointer, satisfied_by=one_of)
    return value


def _measured(value: Any) -> Mapping[str, Decimal]:
    measured: dict[str, Decimal] = {}
    for place, one in enumerate(_list(value, "/kpis")):
        pointer = f"/kpis/{place}"
        members = read_object(one, pointer, ("kpi", "value"))
        kpi = read_id(members["kpi"], below(pointer, "kpi"))
        if kpi in measured:
            raise Invalid("kpi-repeated", "An indicator is measured once.", pointer=below(pointer, "kpi"))
        measured[kpi] = read_decimal(members["value"], below(pointer, "value"))
    return measured


def _hold(part: HeldPart) -> dict[str, Any]:
    release = {"when": part.release.when, "grade": part.release.grade, "days": part.release.days}
    return {"reason": part.reason, "text": part.text, **amount_of(part.amount), "release": release}
