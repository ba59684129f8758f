"""What goes over the wire of the accounts of payees, to those who may read them."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints

from budget.domain.bank_account import BankAccount, ClearingMember
from budget.domain.payee_account import ConfirmedAccount, PayeeAccount, ProposedAccount
from shared.contracts.fields import Instant, LongText, OrganisationId, ShortText

Word = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class ClearingBody(BaseModel):
    """A bank's number in a national clearing system, such as GBDSC (sort code) or CNAPS."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    system: Word
    member: Word


class AccountBody(BaseModel):
    """An account: its IBAN, or another number together with its bank, by BIC or by its number in a clearing system."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name: ShortText
    iban: Word | None = None
    number: Word | None = None
    bic: Word | None = None
    clearing: ClearingBody | None = None

    def account(self) -> BankAccount:
        clearing = ClearingMember(system=self.clearing.system, member=self.clearing.member) if self.clearing else None
        return BankAccount(name=self.name, iban=self.iban, number=self.number, bic=self.bic, clearing=clearing)


class RejectionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: LongText


class ConfirmedView(BaseModel):
    account: AccountBody
    confirmed_at: Instant

    @classmethod
    def of(cls, confirmed: ConfirmedAccount) -> Self:
        return cls(account=AccountBody.model_validate(confirmed.account), confirmed_at=confirmed.confirmed_at)


class ProposedView(BaseModel):
    account: AccountBody
    proposed_at: Instant
    due_at: Instant

    @classmethod
    def of(cls, proposed: ProposedAccount) -> Self:
        account = AccountBody.model_validate(proposed.account)
        return cls(account=account, proposed_at=proposed.at, due_at=proposed.due_at)


class PayeeView(BaseModel):
    """Where an organisation is paid: money goes to what is confirmed; what is proposed waits for a second person."""

    organisation: OrganisationId
    confirmed: ConfirmedView | None
    proposed: ProposedView | None


def payee_view(payee: PayeeAccount) -> PayeeView:
    return PayeeView(
        organisation=payee.organisation,
        confirmed=ConfirmedView.of(payee.confirmed) if payee.confirmed else None,
        proposed=ProposedView.of(payee.proposed) if payee.proposed else None,
    )
