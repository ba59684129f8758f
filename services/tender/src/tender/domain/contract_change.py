"""A change of a contract: proposed, funded by the budget, approved by a second person, signed by both sides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

from shared.kernel.access import different_persons
from shared.kernel.calendar import years
from shared.kernel.errors import Invalid, NotAllowed, NotFound
from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money, total, zero
from shared.rules.checks import check_rule
from shared.rules.facts import Facts, FactValue
from shared.rules.pack import RulePack
from shared.rules.result import require
from tender.domain.contract import CONTRACT, Contract
from tender.domain.contract_events import Changed, ChangeFailed, ChangeRequested
from tender.domain.contract_parts import Change, ChangeStatus, Document, Option, Term
from tender.domain.contract_terms import add_months, amount_fact, check_term
from tender.domain.parts import Milestone

CHANGE = lifecycle(
    "change",
    ChangeStatus.FUNDING_REQUESTED,
    transition("fund", "funding-requested", "funded", "budget"),
    transition("refuse", "funding-requested", "refused", "budget"),
    transition("approve", "funded", "approved", "buyer"),
    transition("sign-as-supplier", "approved", "supplier-signed", "supplier"),
    transition("sign-as-buyer", "supplier-signed", "active", "buyer"),
    transition(
        "withdraw", "funding-requested funded approved supplier-signed", "withdrawn", "buyer, or the contract's end"
    ),
)
OPTION = "option"
SECOND_PERSON = "second-person.contract"
_PENDING_CAP = "contract-change.pending-cap"
_SIGNING = "contract-change.signing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an office wants to change.

    Shape: milestones replace all periods from the start of the first of them on; without any, the difference is spread
    over the periods that have not ended, and a new end is that of the last period.
    """

    ground: str
    reason: str
    difference: Money
    end: date | None = None
    milestones: tuple[Milestone, ...] = ()
    documents: tuple[Document, ...] = ()


def propose_change(
    contract: Contract,
    wish: Wish,
    *,
    identifier: UUID,
    by: str,
    at: datetime,
    pack: RulePack,
    option: str | None = None,
) -> tuple[Contract, tuple[ChangeRequested, ...]]:
    """Propose a change that every applicable rule allows, and ask the budget for its funds.

    Raises:
        NotAllowed: contract-not-active, no-period-left, facts-missing, contract-term-too-long; of each rule of the
            pack on changes, its id with dashes for dots.
        Invalid: currencies-differ, change-empty, value-not-positive, and what the periods do not hold to.
    """
    CONTRACT.admit("change", contract.status)
    value = contract.value + wish.difference
    if value.minor <= 0:
        raise Invalid("value-not-positive", "A contract is worth something.", pointer="/body/difference")
    milestones = _milestones(contract, wish, value, contract.day(at, pack))
    if milestones == contract.milestones and not wish.documents:
        raise Invalid("change-empty", "A change changes the value, the term, the periods or a document.")
    due = pack.ends_at("funding-answer", at, contract.acceleration)
    change = Change(
        id=identifier,
        ground=wish.ground,
        reason=wish.reason,
        difference=wish.difference,
        end=milestones[-1].end,
        milestones=milestones,
        documents=wish.documents,
        proposed_by=by,
        proposed_at=at,
        due_at=due,
        option=option,
    )
    _hold(contract, change, pack, contract.day(at, pack))
    after = replace(contract, version=contract.version + 1, changes=(*contract.changes, change))
    event = ChangeRequested(**_told(after, change, value), answer_due=due)
    return after, (event,)


def exercise_option(
    contract: Contract, option_id: str, *, identifier: UUID, reason: str, by: str, at: datetime, pack: RulePack
) -> tuple[Contract, tuple[ChangeRequested, ...]]:
    """Begin to exercise an option: a change that the contract foresaw, so that no cap but the term's holds it.

    Raises:
        NotFound: option-unknown.
        NotAllowed: option-exercised, option-expired, and what propose_change() refuses.
    """
    option = next((one for one in contract.options if one.id == option_id), None)
    if option is None:
        raise NotFound("option-unknown", "The contract has no such option.")
    if option.change is not None:
        raise NotAllowed("option-exercised", "The option is exercised.")
    _not_expired(contract, option, at, pack)
    last = contract.milestones[-1]
    renewal = Milestone(
        period=str(len(contract.milestones) + 1),
        start=date.fromordinal(last.end.toordinal() + 1),
        end=date.fromordinal(add_months(date.fromordinal(last.end.toordinal() + 1), option.months).toordinal() - 1),
        amount=option.value,
    )
    wish = Wish(ground=OPTION, reason=reason, difference=option.value, milestones=(renewal,))
    after, events = propose_change(contract, wish, identifier=identifier, by=by, at=at, pack=pack, option=option.id)
    options = tuple(replace(one, change=identifier) if one.id == option.id else one for one in after.options)
    return replace(after, options=options), events


def fund_change(contract: Contract, change_id: UUID, *, at: datetime, pack: RulePack) -> Contract:
    """Take the budget's word that the change has its funds; one that no longer waits for it stays as it is."""
    change = _find(contract, change_id)
    if change is None or change.status is not ChangeStatus.FUNDING_REQUESTED:
        return contract
    status = CHANGE.move("fund", change.status, ChangeStatus.FUNDED)
    return _with(contract, replace(change, status=status, due_at=_next_due(contract, at, pack)))


def refuse_change(
    contract: Contract, change_id: UUID, *, code: str, reason: str
) -> tuple[Contract, tuple[ChangeFailed, ...]]:
    """Take the budget's refusal; a change that no longer waits for it stays as it is."""
    change = _find(contract, change_id)
    if change is None or change.status is not ChangeStatus.FUNDING_REQUESTED:
        return contract, ()
    return _fail(contract, change, "refuse", ChangeStatus.REFUSED, code, reason)


def approve_change(contract: Contract, change_id: UUID, *, by: str, at: datetime, pack: RulePack) -> Contract:
    """Approve a funded change as a second person.

    Raises:
        NotFound: change-unknown.
        NotAllowed: contract-not-active, change-not-funded, option-expired.
        Forbidden: second-person-needed.
    """
    change = _current(contract, change_id)
    status = CHANGE.move("approve", change.status, ChangeStatus.APPROVED)
    second_person(change.proposed_by, by, "Approving a change", pack)
    option = next((one for one in contract.options if one.change == change.id), None)
    if option is not None:
        _not_expired(contract, option, at, pack)
    return _with(contract, replace(change, status=status, approved_by=by, due_at=_next_due(contract, at, pack)))


def sign_change_as_supplier(contract: Contract, change_id: UUID, *, at: datetime, pack: RulePack) -> Contract:
    """Sign a change first.

    Raises:
        NotFound: change-unknown.
        NotAllowed: contract-not-active, change-not-approved.
    """
    change = _current(contract, change_id)
    status = CHANGE.move("sign-as-supplier", change.status, ChangeStatus.SUPPLIER_SIGNED)
    return _with(contract, replace(change, status=status, due_at=_next_due(contract, at, pack)))


def sign_change_as_buyer(
    contract: Contract, change_id: UUID, *, at: datetime, pack: RulePack
) -> tuple[Contract, tuple[Changed, ...]]:
    """Sign a change second, and bring it into force.

    Raises:
        NotFound: change-unknown.
        NotAllowed: contract-not-active, change-not-supplier-signed, change-signed-too-early.
    """
    change = _current(contract, change_id)
    status = CHANGE.move("sign-as-buyer", change.status, ChangeStatus.ACTIVE)
    dates = [contract.signed_at, *(one.signed_at for one in contract.changes)]
    if any(signed is not None and at < signed for signed in dates):
        raise NotAllowed("change-signed-too-early", "A change is signed after the contract and the changes before it.")
    signed = replace(change, status=status, due_at=None, signed_at=at)
    after = _with(contract, signed)
    after = replace(after, value=contract.value + change.difference, milestones=change.milestones)
    after = replace(after, ends_at=after.after(change.end, pack))
    return after, (Changed(**_told(after, signed, after.value), option=change.option, signed_at=at),)


def withdraw_change(contract: Contract, change_id: UUID, *, reason: str) -> tuple[Contract, tuple[ChangeFailed, ...]]:
    """Withdraw a change that is not in force.

    Raises:
        NotFound: change-unknown.
        NotAllowed: contract-not-active, change-not-funding-requested.
    """
    return _fail(contract, _current(contract, change_id), "withdraw", ChangeStatus.WITHDRAWN, "withdrawn", reason)


def drop_pending(contract: Contract) -> tuple[Contract, tuple[ChangeFailed, ...]]:
    """Let a pending change fail, since the contract ends."""
    change = contract.pending
    if change is None:
        return contract, ()
    return _fail(contract, change, "withdraw", ChangeStatus.WITHDRAWN, "contract-ending", "The contract ends.")


def original_value(contract: Contract) -> Money:
    """Return what the contract was worth before any change."""
    return contract.value - total([one.difference for one in _in_force(contract)], contract.value.currency)


def second_person(first: str, second: str, what: str, pack: RulePack) -> None:
    """Hold two steps in the life of a contract to four eyes where the pack says so.

    Raises:
        Forbidden: second-person-needed.
    """
    if pack.flag(SECOND_PERSON):
        different_persons(first, second, what, pack.reference(SECOND_PERSON))


def change_facts(contract: Contract, change: Change, pack: RulePack) -> Facts:
    """Write what the rules on changes read.

    The net total sets reductions off against additions and the other one does not, so that a reduction makes no room
    where only what was added counts; options were agreed from the start and count in neither.
    """
    nothing = zero(contract.value.currency)
    differences = [one.difference for one in (*_in_force(contract), change) if one.option is None]
    term, end = contract.term, _day_after(change.end)
    months = 12 * years(term.start, _day_after(term.end))
    facts: dict[str, FactValue] = {
        "change.proposed": True,
        "change.ground": change.ground,
        "change.value": amount_fact(change.difference),
        "change.term_months": abs(12 * years(term.start, end) - months),
        # The request for its funds makes every change public before it can be approved.
        "change.notice_published": True,
        "contract.changes_total": amount_fact(total([max(one, nothing) for one in differences], nothing.currency)),
        "contract.net_changes_total": amount_fact(total(differences, nothing.currency)),
        "contract.original_value": amount_fact(original_value(contract)),
        # Without an indexation clause the updated value is the first one.
        "contract.updated_value": amount_fact(original_value(contract)),
        "contract.value": amount_fact(contract.value),
        "contract.term_months": months,
        "contract.pending_changes": Fraction(1 + (contract.pending is not None)),
    }
    if contract.terms.regime is not None:
        facts["procedure.regime"] = contract.terms.regime
    if contract.terms.threshold is not None:
        facts["procedure.threshold"] = pack.fraction(contract.terms.threshold)
    return facts


def _hold(contract: Contract, change: Change, pack: RulePack, today: date) -> None:
    facts = change_facts(contract, change, pack)
    for rule_id in sorted(pack.rules):
        if rule_id == _PENDING_CAP or (rule_id.startswith("contract-change.") and change.option is None):
            require(check_rule(pack.rules[rule_id], facts, pack.calendar).result)
    still_open = [one for one in contract.options if one.change is None and today < one.exercise_before]
    before = add_months(contract.term.end, sum(one.months for one in still_open))
    open_months = sum(one.months for one in still_open if one.id != change.option)
    # A term that its tender was excepted for stays as it is: only one that grows longer is held to the pack again.
    if add_months(change.end, open_months) > before:
        check_term(contract.terms, start=contract.term.start, end=change.end, months=open_months, pack=pack)


def _milestones(contract: Contract, wish: Wish, value: Money, today: date) -> tuple[Milestone, ...]:
    if wish.milestones:
        first = min(one.start for one in wish.milestones)
        whole = (*(one for one in contract.milestones if one.start < first), *wish.milestones)
    else:
        whole = _spread(contract, wish, today)
    _check_periods(whole, contract.term, wish.end)
    if total([one.amount for one in whole], value.currency) != value:
        raise Invalid(
            "milestones-differ-from-value", "The periods add up to the new value.", pointer="/body/milestones"
        )
    return whole


def _spread(contract: Contract, wish: Wish, today: date) -> tuple[Milestone, ...]:
    *earlier, last = contract.milestones
    moved = (*earlier, replace(last, end=wish.end or last.end))
    if not wish.difference.minor:
        return moved
    left = [one.period for one in moved if one.end >= today]
    if not left:
        raise NotAllowed(
            "no-period-left",
            "All periods of the contract have ended.",
            satisfied_by="The periods that the change adds.",
        )
    parts = dict(zip(left, wish.difference.split(len(left)), strict=True))
    return tuple(replace(one, amount=one.amount + parts.get(one.period, zero(one.amount.currency))) for one in moved)


def _check_periods(periods: Sequence[Milestone], term: Term, end: date | None) -> None:
    pointer = "/body/milestones"
    if len({one.period for one in periods}) < len(periods):
        raise Invalid("milestone-repeated", "A period occurs once.", pointer=pointer)
    if any(one.amount.minor <= 0 for one in periods):
        raise Invalid("milestone-not-positive", "Every period is worth something.", pointer=pointer)
    if any(one.end < one.start for one in periods) or any(
        after.start <= before.end for before, after in pairwise(periods)
    ):
        raise Invalid("milestones-out-of-order", "One period ends before the next begins.", pointer=pointer)
    if periods[0].start != term.start:
        raise Invalid("term-start-differs", "A change leaves the first day as it is.", pointer=pointer)
    if end is not None and periods[-1].end != end:
        raise Invalid("term-end-differs", "The last period ends with the term.", pointer=pointer)


def _not_expired(contract: Contract, option: Option, at: datetime, pack: RulePack) -> None:
    if contract.day(at, pack) >= option.exercise_before:
        raise NotAllowed(
            "option-expired",
            "The day before which the option is exercised has come.",
            reference=pack.reference("contract-term.cap"),
            satisfied_by="A new procedure.",
        )


def _in_force(contract: Contract) -> tuple[Change, ...]:
    return tuple(one for one in contract.changes if one.status is ChangeStatus.ACTIVE)


def _find(contract: Contract, change_id: UUID) -> Change | None:
    return next((one for one in contract.changes if one.id == change_id), None)


def _current(contract: Contract, change_id: UUID) -> Change:
    CONTRACT.admit("change", contract.status)
    change = _find(contract, change_id)
    if change is None:
        raise NotFound("change-unknown", "The contract has no such change.")
    return change


def _with(contract: Contract, change: Change) -> Contract:
    changes = tuple(change if one.id == change.id else one for one in contract.changes)
    return replace(contract, version=contract.version + 1, changes=changes)


def _fail(
    contract: Contract, change: Change, action: str, status: ChangeStatus, code: str, reason: str
) -> tuple[Contract, tuple[ChangeFailed, ...]]:
    moved = CHANGE.move(action, change.status, status)
    failed = _with(contract, replace(change, status=moved, due_at=None, failed_because=reason))
    options = tuple(replace(one, change=None) if one.change == change.id else one for one in failed.options)
    failed = replace(failed, options=options)
    return failed, (ChangeFailed(**failed.of(), change=change.id, code=code, reason=reason),)


def _next_due(contract: Contract, at: datetime, pack: RulePack) -> datetime:
    return pack.ends_at(_SIGNING, at, contract.acceleration)


def _told(contract: Contract, change: Change, value: Money) -> dict[str, Any]:
    return {
        **contract.of(),
        "change": change.id,
        "ground": change.ground,
        "reason": change.reason,
        "difference": change.difference,
        "value": value,
        "term": Term(contract.term.start, change.end),
        "milestones": change.milestones,
        "documents": change.documents,
    }


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
