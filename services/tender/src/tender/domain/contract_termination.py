"""The end of a contract: by its term or before, with a handover, and closed with what was paid in all."""

from dataclasses import replace
from datetime import date, datetime

from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money
from shared.rules.checks import check_rule
from shared.rules.facts import FactValue
from shared.rules.pack import RulePack
from shared.rules.result import require
from tender.domain.contract import CONTRACT, Contract
from tender.domain.contract_change import drop_pending, second_person
from tender.domain.contract_events import Terminated, TerminationNotified
from tender.domain.contract_parts import Closing, ContractStatus, Termination
from tender.domain.contract_security import owe_security
from tender.domain.contract_suspension import resume
from tender.domain.handover import new_handover

END_OF_TERM = "end-of-term"
AGREEMENT = "agreement"
COMPLETION = "contract-handover.completion"

Outcome = tuple[Contract, tuple[DomainEvent, ...]]


def propose_termination(
    contract: Contract, *, ground: str, reason: str, last_day: date, by: str, at: datetime, pack: RulePack
) -> Contract:
    """Propose to end a contract before its term; a later proposal takes the place of an earlier one.

    Raises:
        NotAllowed: contract-not-active, facts-missing; of each rule of the pack on ends, its id with dashes for dots.
        Invalid: last-day-passed, last-day-after-term.
    """
    CONTRACT.admit("notify-termination", contract.status)
    proposed = Termination(ground=ground, reason=reason, last_day=last_day, proposed_by=by)
    _hold(contract, proposed, at, pack)
    return replace(contract, version=contract.version + 1, proposed_end=proposed)


def consent_to_termination(contract: Contract, *, at: datetime) -> Contract:
    """Agree, as the supplier, to the end that was proposed; a later proposal needs its own consent.

    Raises:
        NotAllowed: contract-not-active, termination-not-proposed, consent-not-asked-for, termination-consented.
    """
    CONTRACT.admit("notify-termination", contract.status)
    proposed = _proposed(contract)
    if proposed.ground != AGREEMENT:
        raise NotAllowed("consent-not-asked-for", "The contract does not end by agreement on this ground.")
    if proposed.consented_at is not None:
        raise NotAllowed("termination-consented", "The supplier agreed to this end.")
    return replace(contract, version=contract.version + 1, proposed_end=replace(proposed, consented_at=at))


def confirm_termination(contract: Contract, *, by: str, at: datetime, pack: RulePack) -> Outcome:
    """Settle the end of a contract as a second person; the handover begins, and a pending change fails.

    Raises:
        NotAllowed: contract-not-active, termination-not-proposed, supplier-consent-missing, and what
            propose_termination() refuses.
        Forbidden: second-person-needed.
        Invalid: last-day-passed.
    """
    CONTRACT.admit("notify-termination", contract.status)
    proposed = _proposed(contract)
    assert proposed.proposed_by is not None  # noqa: S101 - only the end of the term is proposed by nobody
    second_person(proposed.proposed_by, by, "Ending a contract", pack)
    if proposed.ground == AGREEMENT and proposed.consented_at is None:
        raise NotAllowed(
            "supplier-consent-missing",
            "An agreement takes both sides, and the supplier has not agreed.",
            reference=pack.reference("contract-termination.grounds"),
            satisfied_by="The supplier's consent to this end, or another ground.",
        )
    _hold(contract, proposed, at, pack)
    return _end(contract, replace(proposed, notified_at=at), "notify-termination", at, pack)


def propose_closing(
    contract: Contract, *, amount_paid: Money, without_handover: str | None, by: str, at: datetime, pack: RulePack
) -> Contract:
    """Propose to close a contract whose service has ended, and say what was paid in all.

    Raises:
        NotAllowed: contract-not-ending, last-day-not-passed, handover-incomplete, paid-above-value.
        Invalid: amount-negative, currencies-differ, handover-complete.
    """
    CONTRACT.admit("terminate", contract.status)
    closing = Closing(amount_paid=amount_paid, without_handover=without_handover, proposed_by=by)
    _may_close(contract, closing, at, pack)
    return replace(contract, version=contract.version + 1, closing=closing)


def confirm_closing(
    contract: Contract, *, by: str, at: datetime, pack: RulePack
) -> tuple[Contract, tuple[Terminated, ...]]:
    """Close a contract as a second person; what is bound for periods that were never accepted becomes available.

    Raises:
        NotAllowed: contract-not-ending, closing-not-proposed, and what propose_closing() refuses.
        Forbidden: second-person-needed.
    """
    status = CONTRACT.move("terminate", contract.status, ContractStatus.TERMINATED)
    closing, termination = contract.closing, contract.termination
    if closing is None:
        raise NotAllowed("closing-not-proposed", "Nobody proposed to close the contract.", satisfied_by="A proposal.")
    assert termination is not None  # noqa: S101 - a contract that ends has an end
    second_person(closing.proposed_by, by, "Closing a contract", pack)
    _may_close(contract, closing, at, pack)
    closed = replace(
        contract, version=contract.version + 1, status=status, closing_due=None, amount_paid=closing.amount_paid
    )
    after = owe_security(closed, at=at, pack=pack)
    event = Terminated(
        **after.of(),
        supplier=contract.supplier,
        ground=termination.ground,
        reason=termination.reason,
        amount_paid=closing.amount_paid,
        last_day=termination.last_day,
        at=at,
        without_handover=closing.without_handover,
    )
    return after, (event,)


def let_time_act(contract: Contract, now: datetime, pack: RulePack) -> Outcome:
    """Do all that time does by itself until now: suspensions end, and so does the term."""
    events: tuple[DomainEvent, ...] = ()
    while (due := contract.clock_at) is not None and due <= now:
        happened: tuple[DomainEvent, ...]
        if contract.status is ContractStatus.SUSPENDED and contract.suspensions[-1].until == due:
            contract, happened = resume(contract, at=due)
        else:
            term = Termination(
                ground=END_OF_TERM,
                reason="The term of the contract has ended.",
                last_day=contract.term.end,
                proposed_by=None,
                notified_at=due,
            )
            contract, happened = _end(contract, term, END_OF_TERM, due, pack)
        events = (*events, *happened)
    return contract, events


def _end(contract: Contract, termination: Termination, action: str, at: datetime, pack: RulePack) -> Outcome:
    status = CONTRACT.move(action, contract.status, ContractStatus.ENDING)
    dropped, failed = drop_pending(contract)
    last_instant = contract.after(termination.last_day, pack)
    suspensions = dropped.suspensions
    if contract.status is ContractStatus.SUSPENDED:
        *earlier, last = suspensions
        suspensions = (*earlier, replace(last, ended_at=min(at, last.until)))
    after = replace(
        dropped,
        version=dropped.version + 1,
        status=status,
        suspensions=suspensions,
        proposed_end=None,
        requested_assignment=None,
        termination=termination,
        handover=contract.handover or new_handover(last_instant, pack),
        closing_due=pack.ends_at(COMPLETION, last_instant, contract.acceleration),
    )
    event = TerminationNotified(
        **after.of(),
        ground=termination.ground,
        reason=termination.reason,
        at=at,
        last_day=termination.last_day,
        consented_at=termination.consented_at,
    )
    return after, (*failed, event)


def _proposed(contract: Contract) -> Termination:
    if contract.proposed_end is None:
        raise NotAllowed(
            "termination-not-proposed", "Nobody proposed to end the contract.", satisfied_by="A proposal to end it."
        )
    return contract.proposed_end


def _hold(contract: Contract, termination: Termination, at: datetime, pack: RulePack) -> None:
    today = contract.day(at, pack)
    if termination.last_day < today:
        raise Invalid("last-day-passed", "The last day is not in the past.", pointer="/body/last_day")
    if termination.last_day > contract.term.end:
        raise Invalid("last-day-after-term", "A contract does not end after its term.", pointer="/body/last_day")
    facts: dict[str, FactValue] = {
        "termination.proposed": True,
        "termination.ground": termination.ground,
        "termination.notified": today,
        "termination.last_day": termination.last_day,
    }
    for rule_id in sorted(pack.rules):
        if rule_id.startswith("contract-termination."):
            require(check_rule(pack.rules[rule_id], facts, pack.calendar).result)


def _may_close(contract: Contract, closing: Closing, at: datetime, pack: RulePack) -> None:
    assert contract.termination is not None  # noqa: S101 - a contract that ends has an end
    if at < contract.after(contract.termination.last_day, pack):
        raise NotAllowed(
            "last-day-not-passed", "The service is still delivered.", satisfied_by="The end of the contract's last day."
        )
    if closing.amount_paid.minor < 0:
        raise Invalid("amount-negative", "What was paid is not below nothing.", pointer="/body/amount_paid")
    if closing.amount_paid > contract.value:
        raise NotAllowed(
            "paid-above-value",
            "More than the contract's value cannot have been paid.",
            satisfied_by="An amount within the contract's value.",
        )
    complete = contract.handover is not None and contract.handover.completed_at is not None
    if not complete and closing.without_handover is None:
        raise NotAllowed(
            "handover-incomplete",
            "The service was not handed over.",
            reference=pack.reference("contract-handover.items"),
            satisfied_by="The confirmation of every item, or the reason why there is no handover.",
        )
    if complete and closing.without_handover is not None:
        raise Invalid("handover-complete", "The service was handed over.", pointer="/body/without_handover")
