"""The account that an organisation is paid at, or pays from."""

import re
from dataclasses import dataclass

from shared.kernel.errors import Invalid

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_NUMBER = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 /-]{0,32}[A-Za-z0-9])?")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_SYSTEM = re.compile(r"[A-Z]{5}")
_MEMBER = re.compile(r"[A-Za-z0-9]{1,28}")
_LONGEST_NAME = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingMember:
    """Name a bank by its number in a national clearing system, such as GBDSC (sort codes) or CNAPS.

    Source: ISO 20022 external code set ClearingSystemIdentification1Code.
    """

    system: str
    member: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """Say where money goes: an IBAN, or another number of an account together with its bank.

    Raises:
        Invalid: account-number-ambiguous, iban-malformed, iban-check-digits-wrong, account-number-malformed,
            bic-malformed, clearing-member-malformed, bank-missing, account-name-malformed.
    """

    name: str
    iban: str | None = None
    number: str | None = None
    bic: str | None = None
    clearing: ClearingMember | None = None

    def __post_init__(self) -> None:
        if not self.name.isprintable() or not 1 <= len(self.name.strip()) <= _LONGEST_NAME:
            raise Invalid("account-name-malformed", "The holder's name is 1 to 140 printable characters.")
        if (self.iban is None) == (self.number is None):
            raise Invalid("account-number-ambiguous", "An account is named by its IBAN or by another number.")
        if self.iban is not None:
            _check_iban(self.iban)
        elif not _NUMBER.fullmatch(self.number or ""):
            raise Invalid("account-number-malformed", "The number of an account is 1 to 34 letters and digits.")
        if self.bic is not None and not _BIC.fullmatch(self.bic):
            raise Invalid("bic-malformed", "A BIC is 8 or 11 capital letters and digits (ISO 9362).")
        self._check_clearing()

    def _check_clearing(self) -> None:
        known = self.clearing
        if known and not (_SYSTEM.fullmatch(known.system) and _MEMBER.fullmatch(known.member)):
            raise Invalid("clearing-member-malformed", "A clearing system is five capital letters, such as GBDSC.")
        if self.iban is None and self.bic is None and known is None:
            raise Invalid("bank-missing", "Without an IBAN the account's bank is named, by its BIC or clearing number.")

    @property
    def identification(self) -> str:
        """The account's number, of whichever kind."""
        return self.iban or self.number or ""


def _check_iban(iban: str) -> None:
    if not _IBAN.fullmatch(iban):
        raise Invalid("iban-malformed", "An IBAN is two letters, two digits and 11 to 30 letters and digits.")
    # ISO 7064 MOD 97-10: country and check digits go to the end, letters count from 10.
    if int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 != 1:
        raise Invalid("iban-check-digits-wrong", "The check digits of the IBAN are wrong (ISO 13616).")
