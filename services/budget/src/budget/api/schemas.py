"""What goes over the wire."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from budget.domain.advance import Advance
from budget.domain.commitment import Commitment
from budget.domain.funds import Funds
from budget.domain.funds_data import State
from budget.domain.ledger import Stage, Transfer
from shared.contracts.fields import Amount, Instant


class BalancesView(BaseModel):
    """Where the money of a line is; `appropriated` is the sum of all the others."""

    model_config = ConfigDict(from_attributes=True)

    appropriated: Amount
    unallotted: Amount
    available: Amount
    reserved: Amount
    committed: Amount
    advance: Amount
    accrued: Amount
    held: Amount
    paid: Amount
    released: Amount


class TransferView(BaseModel):
    """A movement of money.

    `cause` is what caused it, mostly an event; null for an appropriation. `ocid` is null where it is of no contracting
    process. `reverses` is the earlier movement that this one undoes, and `chain` is common to those that were entered
    all or none.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: Instant
    line: UUID
    from_stage: Stage
    to_stage: Stage
    amount: Amount
    reason: str
    ocid: str | None
    cause: UUID | None
    reverses: UUID | None
    chain: UUID | None


class MilestoneView(BaseModel):
    """A period of delivery; what follows the amount is null until the period is graded.

    `recovered` is what had been paid in advance; null: nothing.
    """

    model_config = ConfigDict(from_attributes=True)

    period: str
    amount: Amount
    grade: str | None
    payable: Amount | None
    held: Amount | None
    deducted: Amount | None
    recovered: Amount | None
    derivation: list[dict[str, str]]


class MemoView(BaseModel):
    """What a contract needs of a later year's budget until that is opened: promised under a ceiling, or lapsed."""

    model_config = ConfigDict(from_attributes=True)

    year: int
    amount: Amount
    under_ceiling: bool


class AdvanceView(BaseModel):
    """What a provider is paid before delivery, by its payment order: `recovered` by accepted periods, or `repaid`.

    `outstanding` is the rest; what of it no delivery will recover is `owed_back`.
    """

    order: UUID
    payee: str
    amount: Amount
    paid: Amount
    recovered: Amount
    repaid: Amount
    outstanding: Amount
    owed_back: Amount


class ContractView(BaseModel):
    """What one contract binds; `change` is the change that has its funds and is not signed yet.

    `later` is what is not bound yet, by the year whose budget is to fund it.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    payee: str
    value: Amount
    pack: str
    pack_version: str
    committed: Amount
    advance: Amount
    accrued: Amount
    paid: Amount
    held: Amount
    change: UUID | None
    terminated: bool
    milestones: list[MilestoneView]
    later: list[MemoView]
    advances: list[AdvanceView]


class FundsView(BaseModel):
    """Money of a contracting process.

    `reserved`, `committed` and `advance` are what is at that stage now; `accrued` is all that was ever accrued, and
    `paid` and `held` are parts of it.
    `lapsed` is what was set aside in a year that is closed, and is again when the next one is opened.
    """

    ocid: str
    tender: UUID
    line: UUID
    state: State
    reserved: Amount
    committed: Amount
    advance: Amount
    accrued: Amount
    paid: Amount
    held: Amount
    contracts: list[ContractView]
    lapsed: Amount | None
    transfers: list[TransferView]


def funds_view(funds: Funds, transfers: Sequence[Transfer]) -> FundsView:
    return FundsView(
        ocid=funds.ocid,
        tender=funds.tender,
        line=funds.line,
        state=funds.state,
        reserved=funds.reserved,
        committed=funds.committed,
        advance=funds.advance,
        accrued=funds.accrued,
        paid=funds.paid,
        held=funds.held,
        contracts=[_contract_view(commitment) for commitment in funds.contracts],
        lapsed=funds.lapsed,
        transfers=[TransferView.model_validate(transfer) for transfer in transfers],
    )


def _contract_view(commitment: Commitment) -> ContractView:
    contract = commitment.contract
    return ContractView(
        id=contract.id,
        payee=contract.payee,
        value=contract.value,
        pack=contract.pack,
        pack_version=contract.pack_version,
        committed=commitment.committed,
        advance=commitment.outstanding,
        accrued=commitment.accrued,
        paid=commitment.paid,
        held=commitment.held,
        change=commitment.change.id if commitment.change else None,
        terminated=commitment.terminated,
        milestones=[MilestoneView.model_validate(milestone) for milestone in commitment.milestones],
        later=[MemoView.model_validate(memo) for memo in commitment.memos],
        advances=[advance_view(commitment, advance) for advance in commitment.advances],
    )


def advance_view(commitment: Commitment, advance: Advance) -> AdvanceView:
    """Show an advance, as it stands under its contract."""
    return AdvanceView(
        order=advance.order,
        payee=advance.payee,
        amount=advance.amount,
        paid=advance.paid,
        recovered=advance.recovered,
        repaid=advance.repaid,
        outstanding=advance.outstanding,
        owed_back=commitment.owed_back(advance),
    )
