"""What lapsed, or was left to a later year's budget, is funded anew when that year is opened."""

from dataclasses import replace

from budget.domain.fiscal_year import FiscalYear
from budget.domain.funds import Change, Funds
from budget.domain.funds_data import State
from budget.domain.ledger import Cause, Stage
from budget.domain.year_events import FundsRenewed, RenewalRefused
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money, zero


def renew(funds: Funds, year: FiscalYear, cause: Cause) -> Change:
    """Set aside and bind it; whether the line has it, the ledger decides."""
    asked = funds.needed_of(year.year)
    bound = asked - (funds.lapsed or zero(asked.currency))
    contracts = tuple(
        replace(
            one,
            committed=one.committed + one.due_of(year.year),
            memos=tuple(memo for memo in one.memos if memo.year > year.year),
        )
        for one in funds.contracts
    )
    after = replace(
        funds,
        version=funds.version + 1,
        state=State.COMMITTED if contracts else State.RESERVED,
        reserved=funds.reserved + (asked - bound),
        lapsed=None,
        renewal=None,
        contracts=contracts,
    )
    here = Cause(derived_id("year-opening", year.id, funds.id, funds.version), cause.at)
    reason = f"Funded by the budget of {year.year}."
    moves = ((Stage.AVAILABLE, Stage.RESERVED, asked), (Stage.RESERVED, Stage.COMMITTED, bound))
    transfers = tuple(
        after.move(here, from_stage, to_stage, amount, reason) for from_stage, to_stage, amount in moves if amount.minor
    )
    event = FundsRenewed(
        aggregate=funds.id,
        version=after.version,
        ocid=funds.ocid,
        line=funds.line,
        fiscal_year=year.year,
        reserved=asked - bound,
        committed=bound,
    )
    return after, transfers, (event,)


def refuse_renewal(funds: Funds, year: FiscalYear, refusal: NotAllowed, available: Money) -> Change:
    """Say why a process is not funded by this year's budget; it goes on waiting."""
    refused = replace(funds, version=funds.version + 1)
    event = RenewalRefused(
        aggregate=funds.id,
        version=refused.version,
        ocid=funds.ocid,
        line=funds.line,
        fiscal_year=year.year,
        requested=funds.needed_of(year.year),
        available=available,
        code=refusal.code,
        reason=refusal.detail,
    )
    return refused, (), (event,)
