"""A budget line: what the legislature granted for a purpose in a fiscal year."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from budget.domain.events import LineAppropriated
from budget.domain.ledger import Stage, Transfer
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money, zero


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the budget; version 0 is the line before its first appropriation."""

    id: UUID
    version: int
    code: str
    title: str
    fiscal_year: int
    appropriated: Money

    @property
    def currency(self) -> str:
        """The one currency of the line."""
        return self.appropriated.currency

    def appropriate(
        self, *, title: str, amount: Money, at: datetime
    ) -> tuple["Line", tuple[Transfer, ...], tuple[LineAppropriated, ...]]:
        """Grant an amount; a further one adds to what was granted before.

        Raises:
            NotAllowed: line-title-differs.
            Invalid: amount-too-large, if the line's total does not fit.
        """
        if title != self.title:
            raise NotAllowed(
                "line-title-differs",
                "This line of the fiscal year has another title.",
                satisfied_by="The title of the line's first appropriation.",
            )
        version = self.version + 1
        appropriated = replace(self, version=version, appropriated=self.appropriated + amount)
        granted = Transfer(
            id=derived_id("appropriation", self.id, version),
            line=self.id,
            from_stage=Stage.APPROPRIATED,
            to_stage=Stage.AVAILABLE,
            amount=amount,
            reason="Granted by the legislature." if self.version == 0 else "Granted in addition by the legislature.",
            at=at,
        )
        event = LineAppropriated(
            aggregate=self.id,
            version=version,
            code=self.code,
            title=self.title,
            fiscal_year=self.fiscal_year,
            amount=amount,
        )
        return appropriated, (granted,), (event,)


def new_line(*, code: str, title: str, fiscal_year: int, currency: str) -> Line:
    """Begin a line; code, fiscal year and currency give its id, so that there is one of each."""
    identifier = derived_id("budget-line", code, fiscal_year, currency)
    return Line(identifier, 0, code, title, fiscal_year, zero(currency))
