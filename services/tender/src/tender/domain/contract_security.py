"""The performance security of a contract: received before the buyer signs, returned once nothing is owed."""

from dataclasses import replace
from datetime import date, datetime

from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from tender.domain.contract import CONTRACT, Contract, ContractStatus
from tender.domain.contract_parts import Security
from tender.domain.contract_terms import check_performance_security

KINDS, RETURN = "performance-security-kinds", "performance-security-return"
_OWES_NOTHING = frozenset({ContractStatus.TERMINATED, ContractStatus.NOT_SIGNED, ContractStatus.ANNULLED})


def receive_security(
    contract: Contract, amount: Money, kind: str, *, received_on: date, today: date, pack: RulePack
) -> Contract:
    """Record what the supplier gave; nothing is published, since it is between the two sides.

    Raises:
        NotAllowed: contract-not-generated, security-not-asked-for, security-already-received, security-too-small,
            performance-security-above-cap, security-kind-not-permitted.
        Invalid: currencies-differ, date-in-future.
    """
    CONTRACT.move("receive-security", contract.status, contract.status)
    required = contract.security_required
    if required is None:
        raise NotAllowed("security-not-asked-for", "The contract asks for no performance security.")
    if contract.security is not None:
        raise NotAllowed("security-already-received", "The performance security was received.")
    _not_after_today(received_on, today)
    if kind not in pack.choice(KINDS):
        raise NotAllowed(
            "security-kind-not-permitted",
            "A performance security is not of this kind.",
            reference=pack.reference(KINDS),
            satisfied_by=f"One of: {', '.join(pack.choice(KINDS))}.",
        )
    if amount < required:
        raise NotAllowed(
            "security-too-small",
            "The security is less than the contract asks for.",
            satisfied_by="A security of the amount that the contract asks for.",
        )
    check_performance_security(amount, contract.value, pack)
    return replace(contract, version=contract.version + 1, security=Security(amount, kind, received_on))


def return_security(contract: Contract, *, returned_on: date, today: date) -> Contract:
    """Record that the supplier has its security back.

    Raises:
        NotAllowed: no-security-held, security-still-needed.
        Invalid: date-in-future, returned-before-received.
    """
    security = contract.security
    if security is None or security.returned_on is not None:
        raise NotAllowed("no-security-held", "No performance security is held.")
    if contract.status not in _OWES_NOTHING:
        raise NotAllowed(
            "security-still-needed",
            "The security is held until the contract is closed.",
            satisfied_by="The closing of the contract.",
        )
    _not_after_today(returned_on, today)
    if returned_on < security.received_on:
        raise Invalid("returned-before-received", "It is returned after it was received.", pointer="/body/returned_on")
    return replace(contract, version=contract.version + 1, security=replace(security, returned_on=returned_on))


def owe_security(contract: Contract, *, at: datetime, pack: RulePack) -> Contract:
    """Say until when a supplier that owes nothing more has its security back, where one is held."""
    if contract.security is None or contract.status not in _OWES_NOTHING:
        return contract
    return replace(contract, security_due=pack.ends_at(RETURN, at, contract.acceleration))


def _not_after_today(day: date, today: date) -> None:
    if day > today:
        raise Invalid("date-in-future", "The day is still to come.", pointer="/body")
