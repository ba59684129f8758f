"""Figures of a year, from the few that a test or a page names."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from provider_registry.domain.figures import AuditOpinion, Figures, IncomeSource, OfficeTie, SourceKind, TieKind
from shared.kernel.money import Money, money, total, zero

AMOUNTS = {"expenses", "result", "current_assets", "current_liabilities", "unrestricted_reserves"}


def euros(amount: str) -> Money:
    return money(Decimal(amount), "EUR")


def figures(year: int, stated: Mapping[str, Any]) -> Figures:
    """Make the figures of a year; without a result there is none, and without expenses they follow."""
    income = tuple(
        IncomeSource(SourceKind(one["kind"]), euros(one["amount"]), one.get("buyer"))
        for one in stated.get("income", ())
    )
    said: dict[str, Any] = {name: euros(value) if name in AMOUNTS else value for name, value in stated.items()}
    earned = total([one.amount for one in income], "EUR")
    said |= {"income": income, "total_income": earned}
    said.setdefault("result", zero("EUR"))
    said.setdefault("expenses", earned - said["result"])
    if "ties" in stated and stated["ties"] is not None:
        said["ties"] = tuple(OfficeTie(TieKind(one["kind"]), one["office"], one["count"]) for one in stated["ties"])
    if "audit_opinion" in stated:
        said["audit_opinion"] = AuditOpinion(stated["audit_opinion"])
    return Figures(ended_on=date(year, 12, 31), **said)
