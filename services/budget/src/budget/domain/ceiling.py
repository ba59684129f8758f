"""Ceilings: up to how much contracts of a line may promise of later years' budgets, by the word of two persons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from budget.domain.ceiling_events import CeilingsProposed, CeilingsRejected, CeilingsSet, Limit
from budget.domain.fiscal_year import DECISION_TERM, FiscalYear
from budget.domain.funds import Funds
from budget.domain.funds_data import Memo, Milestone
from budget.domain.line import Line
from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money, zero


class CeilingsState(StrEnum):
    """Tell ceilings of which some wait for a second person from those in force, and from none."""

    NONE = "none"
    PROPOSED = "proposed"
    IN_FORCE = "in-force"


CEILINGS = lifecycle(
    "ceilings",
    CeilingsState.NONE,
    transition(
        "propose", "none proposed in-force", "proposed", "finance-officer", events="budget.ceilings-proposed.v1"
    ),
    transition("approve", "proposed", "in-force", "another finance-officer", events="budget.ceilings-set.v1"),
    transition("reject", "proposed", "none in-force", "finance-officer", events="budget.ceilings-rejected.v1"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """The ceilings of a line's code and currency; version 0 is a code that has none, whose contracts bind all at once.

    Shape: limits by year, ascending; total is of all later years together, beside them.
    Source: IMF, multi-year commitments: an annual limit that the legislature approves.
    """

    id: UUID
    version: int
    code: str
    currency: str
    limits: tuple[Limit, ...] = ()
    proposed: tuple[Limit, ...] = ()
    proposed_by: str | None = None
    due_at: datetime | None = None
    total: Money | None = None
    proposed_total: Money | None = None

    @property
    def state(self) -> CeilingsState:
        """Where the ceilings stand; those in force go on while others are proposed."""
        if self.proposed_by is not None:
            return CeilingsState.PROPOSED
        return CeilingsState.IN_FORCE if self.limits else CeilingsState.NONE

    def propose(
        self, limits: Sequence[Limit], line: Line, *, total: Money | None = None, by: str, at: datetime
    ) -> tuple["Ceilings", tuple[CeilingsProposed, ...]]:
        """Put ceilings forward, for another person to decide on; a later proposal takes the place of an earlier one.

        Raises:
            NotAllowed: fiscal-year-closed.
            Invalid: ceilings-missing, ceiling-repeated, ceiling-not-later, ceiling-negative, currencies-differ.
        """
        line.admit()
        if not limits and (total is None or not self.limits):
            raise Invalid("ceilings-missing", "A total stands beside the ceilings of years.", pointer="/body/ceilings")
        years = [limit.year for limit in limits]
        if len(set(years)) < len(years):
            raise Invalid("ceiling-repeated", "A year occurs twice.", pointer="/body/ceilings")
        if any(year <= line.fiscal_year for year in years):
            raise Invalid("ceiling-not-later", "A ceiling is of a year after the line's.", pointer="/body/ceilings")
        for limit in limits:
            self._check(limit.amount, "/body/ceilings")
        if total is not None:
            self._check(total, "/body/total")
        proposed = replace(
            self,
            version=self.version + 1,
            proposed=tuple(sorted(limits, key=lambda limit: limit.year)),
            proposed_total=total,
            proposed_by=by,
            due_at=at + DECISION_TERM,
        )
        CEILINGS.move("propose", self.state, proposed.state)
        event = CeilingsProposed(
            aggregate=self.id,
            version=proposed.version,
            line=line.id,
            code=self.code,
            limits=proposed.proposed,
            total=total,
            due_at=at + DECISION_TERM,
        )
        return proposed, (event,)

    def approve(self, line: Line, *, by: str) -> tuple["Ceilings", tuple[CeilingsSet, ...]]:
        """Put the proposed ceilings in the place of those for the same years, and the total in that of the total.

        Whether they hold, the database decides.

        Raises:
            NotAllowed: ceilings-not-proposed.
            Forbidden: second-person-needed.
        """
        different_persons(self._proposer(), by, "Setting ceilings")
        limits = {limit.year: limit for limit in (*self.limits, *self.proposed)}
        total = self.total if self.proposed_total is None else self.proposed_total
        approved = replace(self._decided(), limits=tuple(limits[year] for year in sorted(limits)), total=total)
        CEILINGS.move("approve", self.state, approved.state)
        event = CeilingsSet(
            aggregate=self.id,
            version=approved.version,
            line=line.id,
            code=self.code,
            limits=approved.limits,
            total=approved.total,
        )
        return approved, (event,)

    def reject(self, line: Line, *, reason: str) -> tuple["Ceilings", tuple[CeilingsRejected, ...]]:
        """Drop the proposed ceilings; whoever proposed them may.

        Raises:
            NotAllowed: ceilings-not-proposed.
        """
        self._proposer()
        rejected = self._decided()
        CEILINGS.move("reject", self.state, rejected.state)
        event = CeilingsRejected(
            aggregate=self.id, version=rejected.version, line=line.id, code=self.code, reason=reason
        )
        return rejected, (event,)

    def _proposer(self) -> str:
        if self.proposed_by is None:
            raise NotAllowed("ceilings-not-proposed", "No ceilings are proposed.", satisfied_by="A proposal of some.")
        return self.proposed_by

    def _decided(self) -> "Ceilings":
        return replace(self, version=self.version + 1, proposed=(), proposed_total=None, proposed_by=None, due_at=None)

    def _check(self, amount: Money, pointer: str) -> None:
        if amount.minor < 0:
            raise Invalid("ceiling-negative", "A ceiling is nothing or more.", pointer=pointer)
        if amount.currency != self.currency:
            raise Invalid("currencies-differ", "A ceiling is in the line's currency.", pointer=pointer)


def ceilings_of(line: Line) -> Ceilings:
    """Begin the ceilings of a line's code."""
    return Ceilings(
        id=derived_id("ceilings", line.code, line.currency), version=0, code=line.code, currency=line.currency
    )


def later_parts(
    milestones: Sequence[Milestone], line: Line, years: Sequence[FiscalYear], ceilings: Ceilings
) -> tuple[tuple[Milestone, ...], tuple[Memo, ...]]:
    """Say which later year is to fund each period, and what that promises of each year.

    Shape: years ascend from the line's; a period belongs to the year in which its last day lies. Where there are no
    ceilings, all is bound at once.

    Raises:
        NotAllowed: ceiling-missing.
    """
    placed = tuple(replace(one, year=_later_year(one.ends, line, years)) for one in milestones)
    parts = {one.year: zero(line.currency) for one in placed if one.year is not None}
    for one in placed:
        if one.year is not None:
            parts[one.year] += one.amount
    if parts.keys() - {limit.year for limit in ceilings.limits}:
        raise NotAllowed(
            "ceiling-missing",
            "The line has no ceiling for a year in which the contract goes on.",
            satisfied_by="A ceiling for each such year, by two persons.",
        )
    return placed, tuple(Memo(year, parts[year], under_ceiling=True) for year in sorted(parts))


def promised(before: Funds | None, after: Funds) -> Mapping[int, int]:
    """Return by how much a change of a process raises or lowers what is promised of each year under its ceiling.

    Units: minor units.
    """
    change: dict[int, int] = {}
    for funds, sign in ((before, -1), (after, 1)):
        for commitment in funds.contracts if funds else ():
            for memo in commitment.memos:
                if memo.under_ceiling:
                    change[memo.year] = change.get(memo.year, 0) + sign * memo.amount.minor
    return {year: each for year, each in sorted(change.items()) if each}


def _later_year(day: date | None, line: Line, years: Sequence[FiscalYear]) -> int | None:
    # A period that does not say when it ends is bound at once.
    if day is None:
        return None
    year = next(year.year for year in years if day <= year.ends)
    return year if year > line.fiscal_year else None
