"""Where an organisation is paid: one person enters it, another confirms it; a changed account is the classic fraud."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from budget.domain.bank_account import BankAccount
from shared.kernel.access import different_persons
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.lifecycle import lifecycle, transition


class AccountState(StrEnum):
    """Tell an account that waits for a second person from one that money goes to, and from none."""

    NONE = "none"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"


ACCOUNT = lifecycle(
    "payee-account",
    AccountState.NONE,
    transition("propose", "none proposed confirmed", "proposed", "finance-officer"),
    transition("confirm", "proposed", "confirmed", "another finance-officer"),
    transition("reject", "proposed", "none confirmed", "another finance-officer"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedAccount:
    """An account that one person has entered, and until when it is to be confirmed."""

    account: BankAccount
    by: str
    at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedAccount:
    """An account that a second person has confirmed."""

    account: BankAccount
    proposed_by: str
    confirmed_by: str
    confirmed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedAccount:
    """An account that a second person did not confirm, and why."""

    account: BankAccount
    proposed_by: str
    rejected_by: str
    rejected_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeeAccount:
    """The account of one organisation; money goes to what is confirmed, until something else is."""

    id: UUID
    version: int
    organisation: str
    confirmed: ConfirmedAccount | None = None
    proposed: ProposedAccount | None = None
    former: tuple[ConfirmedAccount, ...] = ()
    rejected: tuple[RejectedAccount, ...] = ()

    @property
    def state(self) -> AccountState:
        """Where the account stands; money goes to the one that is confirmed while another is proposed."""
        if self.proposed is not None:
            return AccountState.PROPOSED
        return AccountState.CONFIRMED if self.confirmed is not None else AccountState.NONE

    def known_as(self, identification: str) -> bool:
        """Tell whether a number is, or once was, that of the organisation's account."""
        held = (self.confirmed, *self.former) if self.confirmed else self.former
        return any(one.account.identification == identification for one in held)

    def propose(self, account: BankAccount, *, by: str, at: datetime, due_at: datetime) -> "PayeeAccount":
        """Enter an account; nothing is paid to it before it is confirmed.

        Raises:
            NotAllowed: account-unchanged.
        """
        if self.confirmed is not None and self.confirmed.account == account:
            raise NotAllowed("account-unchanged", "This is the account that is confirmed.")
        proposed = ProposedAccount(account=account, by=by, at=at, due_at=due_at)
        return self._moved("propose", replace(self, proposed=proposed))

    def confirm(self, *, by: str, at: datetime) -> "PayeeAccount":
        """Pay to the proposed account from now on.

        Raises:
            NotAllowed: account-not-proposed.
            Forbidden: second-person-needed.
        """
        proposed = self._proposed_by_another(by, "Confirming an account")
        confirmed = ConfirmedAccount(
            account=proposed.account, proposed_by=proposed.by, confirmed_by=by, confirmed_at=at
        )
        former = (*self.former, self.confirmed) if self.confirmed else self.former
        return self._moved("confirm", replace(self, confirmed=confirmed, proposed=None, former=former))

    def reject(self, reason: str, *, by: str, at: datetime) -> "PayeeAccount":
        """Do not pay to the proposed account, and say why.

        Raises:
            NotAllowed: account-not-proposed.
            Forbidden: second-person-needed.
        """
        proposed = self._proposed_by_another(by, "Rejecting an account")
        rejected = RejectedAccount(
            account=proposed.account, proposed_by=proposed.by, rejected_by=by, rejected_at=at, reason=reason
        )
        return self._moved("reject", replace(self, proposed=None, rejected=(*self.rejected, rejected)))

    def _moved(self, action: str, after: "PayeeAccount") -> "PayeeAccount":
        ACCOUNT.move(action, self.state, after.state)
        return replace(after, version=self.version + 1)

    def _proposed_by_another(self, person: str, what: str) -> ProposedAccount:
        if self.proposed is None:
            raise NotAllowed(
                "account-not-proposed",
                "No account of this organisation waits for a second person.",
                satisfied_by="An account that somebody else enters.",
            )
        different_persons(self.proposed.by, person, what)
        return self.proposed


def payee_account(organisation: str) -> PayeeAccount:
    """Begin with no account; the organisation gives the id."""
    return PayeeAccount(id=derived_id("payee-account", organisation), version=0, organisation=organisation)
