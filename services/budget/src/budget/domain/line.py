"""A budget line: what the legislature granted for a purpose in a fiscal year, and what was made of that since."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from budget.domain.events import LineAppropriated, LineRevised, QuarterOpened
from budget.domain.fiscal_year import QUARTERS, FiscalYear, closed
from budget.domain.grant import Grant, Source, merged
from budget.domain.ledger import Stage, Transfer
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money, total, zero


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the budget; version 0 is the line before anything was granted.

    Units: appropriated is the total now; original is what the legislature granted at first, none while it has not;
    opened counts the quarters that have begun; supplements are the sources of what supplementary budgets added.
    """

    id: UUID
    version: int
    code: str
    title: str
    fiscal_year: int
    appropriated: Money
    original: Grant | None = None
    opened: int = 0
    closed_at: datetime | None = None
    supplements: tuple[Source, ...] = ()

    @property
    def currency(self) -> str:
        """The one currency of the line."""
        return self.appropriated.currency

    def appropriate(
        self, *, title: str, grant: Grant, year: FiscalYear, at: datetime
    ) -> tuple["Line", tuple[Transfer, ...], tuple[LineAppropriated, ...]]:
        """Grant the original budget of the line; what its quarters keep for later is not available yet.

        Raises:
            NotAllowed: fiscal-year-closed, line-exists.
            Invalid: amount-too-large, if the line's total does not fit.
        """
        year.admit()
        if self.original is not None:
            raise NotAllowed(
                "line-exists",
                "The line has its original budget, which stays as the legislature granted it.",
                satisfied_by="A revision of the line, by two persons.",
            )
        version = self.version + 1
        opened = max(1, sum(year.quarter_opens_at(quarter) <= at for quarter in QUARTERS)) if grant.quarters else 0
        later = total(grant.quarters[opened:], grant.amount.currency)
        appropriated = replace(
            self,
            version=version,
            title=title,
            appropriated=self.appropriated + grant.amount,
            original=grant,
            opened=opened,
        )
        moves = (
            (Stage.AVAILABLE, grant.amount - later, "Granted by the legislature."),
            (Stage.UNALLOTTED, later, "Granted by the legislature for later quarters."),
        )
        transfers = tuple(
            self._move(self.id, Stage.APPROPRIATED, stage, amount, reason, at, version)
            for stage, amount, reason in moves
            if amount.minor
        )
        event = LineAppropriated(
            aggregate=self.id,
            version=version,
            code=self.code,
            title=title,
            fiscal_year=self.fiscal_year,
            amount=grant.amount,
            programme=grant.programme,
            sources=grant.sources,
            quarters=grant.quarters,
        )
        return appropriated, transfers, (event,)

    def admit(self) -> None:
        """Let nothing new into the books of a line that is closed.

        Raises:
            NotAllowed: fiscal-year-closed.
        """
        if self.closed_at is not None:
            raise closed()

    @property
    def quarters(self) -> tuple[Money, ...]:
        """What was granted for each quarter, if it was granted by quarters."""
        return self.original.quarters if self.original else ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where what was granted comes from, at first and by supplementary budgets, each source once."""
        return merged((*(self.original.sources if self.original else ()), *self.supplements))

    def next_opening(self, year: FiscalYear) -> datetime | None:
        """Return when the next quarter begins, if what is granted for it is not available yet."""
        awaited = self.closed_at is None and self.opened < len(self.quarters)
        return year.quarter_opens_at(self.opened + 1) if awaited else None

    def open_quarters(
        self, year: FiscalYear, now: datetime
    ) -> tuple["Line", tuple[Transfer, ...], tuple[QuarterOpened, ...]]:
        """Make available what was granted for the quarters that have begun, each at the instant it began."""
        line, transfers, events = self, list[Transfer](), list[QuarterOpened]()
        while (at := line.next_opening(year)) is not None and at <= now:
            quarter, amount = line.opened + 1, line.quarters[line.opened]
            line = replace(line, version=line.version + 1, opened=quarter)
            if amount.minor:
                reason = f"Quarter {quarter} has begun."
                transfers.append(self._move(year.id, Stage.UNALLOTTED, Stage.AVAILABLE, amount, reason, at, quarter))
                events.append(QuarterOpened(aggregate=self.id, version=line.version, quarter=quarter, amount=amount))
        return line, tuple(transfers), tuple(events)

    def revise(
        self,
        *,
        revision: UUID,
        kind: str,
        amount: Money,
        reason: str,
        year: FiscalYear,
        at: datetime,
        sources: tuple[Source, ...] = (),
    ) -> tuple["Line", tuple[Transfer, ...], tuple[LineRevised, ...]]:
        """Add to what the line has, or take from what it has available; whether it has that, the ledger decides.

        Units: an amount below zero takes.

        Raises:
            NotAllowed: fiscal-year-closed.
            Invalid: amount-too-large, if the line's total does not fit.
        """
        year.admit()
        revised = replace(
            self,
            version=self.version + 1,
            appropriated=self.appropriated + amount,
            supplements=merged((*self.supplements, *sources)),
        )
        stages = (Stage.APPROPRIATED, Stage.AVAILABLE)
        from_stage, to_stage = stages if amount.minor > 0 else stages[::-1]
        moved = self._move(revision, from_stage, to_stage, max(amount, zero(self.currency) - amount), reason, at)
        event = LineRevised(
            aggregate=self.id,
            version=revised.version,
            revision=revision,
            kind=kind,
            amount=amount,
            appropriated=revised.appropriated,
            sources=sources,
        )
        return revised, (moved,), (event,)

    def _move(
        self,
        cause: UUID,
        from_stage: Stage,
        to_stage: Stage,
        amount: Money,
        reason: str,
        at: datetime,
        number: int = 0,
    ) -> Transfer:
        return Transfer(
            id=derived_id("transfer", cause, self.id, from_stage, to_stage, number),
            line=self.id,
            from_stage=from_stage,
            to_stage=to_stage,
            amount=amount,
            reason=reason,
            at=at,
            cause=None if cause == self.id else cause,
            chain=cause,
        )


def line_id(code: str, fiscal_year: int, currency: str) -> UUID:
    """Return the id of a line: code, fiscal year and currency give it, so that there is one of each."""
    return derived_id("budget-line", code, fiscal_year, currency)


def new_line(*, code: str, title: str, fiscal_year: int, currency: str) -> Line:
    """Begin a line."""
    return Line(line_id(code, fiscal_year, currency), 0, code, title, fiscal_year, zero(currency))
