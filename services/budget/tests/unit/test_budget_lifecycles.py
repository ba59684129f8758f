"""The lifecycles are what the code does: every declared act is taken, and told by the events that are declared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from budget.domain import hold as holds
from budget.domain import late_interest, mismatch, payment_return
from budget.domain.advance_payment import ask_advance, count_advance, follow
from budget.domain.bank_account import BankAccount
from budget.domain.ceiling import CeilingsState, ceilings_of
from budget.domain.ceiling_events import Limit
from budget.domain.contract_change import terminate
from budget.domain.events import stating_available
from budget.domain.fiscal_year import YearState, calendar_year
from budget.domain.hold import Hold, HoldState, Proposal
from budget.domain.invoice import enter_invoice, new_invoice
from budget.domain.late_interest import ClaimState
from budget.domain.lifecycles import LIFECYCLES
from budget.domain.mismatch import MismatchState
from budget.domain.payee_account import AccountState, payee_account
from budget.domain.payment import accept_period
from budget.domain.payment_order import OrderState, PaymentOrder, approve, pay, raised
from budget.domain.policy import POLICY
from budget.domain.reconciliation import Finding, Outcome
from budget.domain.reservation import ReservationRequest, ReservationState, reserve
from budget.domain.revision import RevisionKind, RevisionState, propose
from budget.domain.revision_events import Move
from budget.messaging.publish import published
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.kernel.lifecycle import Lifecycle
from shared.rules.late_interest import LateInterest
from shared.rules.pack import load_pack

PACK = load_pack("model")
AFTER_2026 = datetime(2027, 1, 5, tzinfo=UTC)
YEAR = calendar_year(2026)
STATES = {
    "revision": RevisionState,
    "fiscal-year": YearState,
    "ceilings": CeilingsState,
    "reservation": ReservationState,
    "payment-order": OrderState,
    "hold": HoldState,
    "interest-claim": ClaimState,
    "payee-account": AccountState,
    "mismatch": MismatchState,
}


class Step(NamedTuple):
    """One act that was taken; it begins an object where there was none before."""

    action: str
    before: str | None
    after: str
    events: Sequence[DomainEvent] = ()


def of_revision(case: Any) -> Iterator[Step]:
    move = Move(case.line().id, case.eur(5))
    proposed, told = propose(
        derived_id("revision"), RevisionKind.SUPPLEMENTARY, (move,), reason="More.", decision="1", by="olga", at=case.at
    )
    yield Step("", None, proposed.state, told)
    approved = proposed.approve(by="pia", at=case.at)
    _, _, revised = case.line().revise(
        revision=proposed.id, kind="supplementary", amount=move.amount, reason="More.", year=YEAR, at=case.at
    )
    yield Step("approve", proposed.state, approved.state, stating_available(revised, case.eur(5)))
    rejected, told_so = proposed.reject(by="olga", reason="Not needed.", at=case.at)
    yield Step("reject", proposed.state, rejected.state, told_so)


def of_fiscal_year(_: Any) -> Iterator[Step]:
    declared, told = YEAR.declare(
        starts=date(2026, 1, 1), ends=date(2026, 12, 31), time_zone="UTC", policy=YEAR.policy, in_use=False
    )
    yield Step("declare", YEAR.state, declared.state, told)
    proposed, proposal = declared.propose_closing(by="olga", at=AFTER_2026)
    yield Step("propose closing", declared.state, proposed.state, proposal)
    closed, closing = proposed.close(by="pia", at=AFTER_2026)
    yield Step("close", proposed.state, closed.state, closing)
    rejected, rejection = proposed.reject_closing(reason="Not yet.")
    yield Step("reject closing", proposed.state, rejected.state, rejection)


def of_ceilings(case: Any) -> Iterator[Step]:
    none, line = ceilings_of(case.line()), case.line()
    for known in (none, replace(none, limits=(Limit(2027, case.eur(5)),))):
        proposed, told = known.propose([Limit(2028, case.eur(9))], line, by="olga", at=case.at)
        yield Step("propose", known.state, proposed.state, told)
        again, _ = proposed.propose([Limit(2029, case.eur(9))], line, by="olga", at=case.at)
        yield Step("propose", proposed.state, again.state)
        approved, set_so = proposed.approve(line, by="pia")
        yield Step("approve", proposed.state, approved.state, set_so)
        rejected, dropped = proposed.reject(line, reason="Too much.")
        yield Step("reject", proposed.state, rejected.state, dropped)


def of_reservation(case: Any) -> Iterator[Step]:
    request = ReservationRequest(
        id=derived_id("rent"),
        line=case.line().id,
        amount=case.eur(100),
        purpose="Rent",
        expires_at=case.at.replace(month=12),
    )
    made, _, told = reserve(request, case.line(), case.at)
    yield Step("reserve", "requested", made.state, told)
    released, _, given_back = made.release("The rent was waived.", case.at)
    yield Step("release", made.state, released.state, given_back)
    expired, _, lapsed = made.expire(AFTER_2026)
    yield Step("expire", made.state, expired.state, lapsed)


def of_payment_order(case: Any) -> Iterator[Step]:
    _, fresh = owed(case)
    due, told = raised(fresh)
    yield Step("", None, due.state, told)
    bill = new_invoice(due, number="1", amount=due.amount, received_at=case.at, by="olga", facts={})
    invoiced, billed = enter_invoice(due, bill, PACK, at=case.at, acceleration=1)
    yield Step("invoice", due.state, invoiced.state, billed)
    approved, approval = approve(due, by="olga", at=case.at)
    yield Step("approve", due.state, approved.state, approval)
    later, _ = enter_invoice(approved, bill, PACK, at=case.at, acceleration=1)
    yield Step("invoice", approved.state, later.state)
    for amount in (case.eur(1), approved.amount):
        paid, made, payment = pay(approved, derived_id("payment"), amount, reference=None, by="tom", at=case.at)
        yield Step("pay", approved.state, paid.state, payment)
        back, returned = payment_return.reopen(paid, made, "AC04", case.cause())
        yield Step("return", paid.state, back.state, returned)
    yield from _of_an_advance(case)


def _of_an_advance(case: Any) -> Iterator[Step]:
    """Pay a part in advance before the contract ends, and let the bank return it after that."""
    told = {"reason": "Vans.", "by": "olga", "pack": PACK, "cause": case.cause(9)}
    funds, due = ask_advance(case.committed(), case.line(), case.contract_id, case.eur(2), **told)
    over = terminate(funds, case.contract_id, case.cause(10))[0].contracts[0]
    yield Step("withdraw", due.state, follow(due, over, PACK, case.cause()).state)
    approved, _ = approve(due, by="pia", at=case.at)
    paid, made, payment = pay(approved, derived_id("payment"), case.eur(1), reference=None, by="tom", at=case.at)
    yield Step("pay", approved.state, paid.state, payment)
    over = terminate(count_advance(funds, made)[0], case.contract_id, case.cause(10))[0].contracts[0]
    withdrawn = follow(paid, over, PACK, case.cause())
    yield Step("withdraw", paid.state, withdrawn.state)
    back, returned = payment_return.reopen(withdrawn, made, "AC04", case.cause())
    yield Step("return", withdrawn.state, back.state, returned)


def of_hold(case: Any) -> Iterator[Step]:
    held, told = withheld(case)
    yield Step("", None, held.state, told)
    appealed, contested = holds.appeal(held, "Not us.", at=case.at, pack=PACK, acceleration=1)
    yield Step("appeal", held.state, appealed.state, contested)
    for known in (held, appealed):
        for kind, act in (("release", "release"), ("forfeiture", "forfeit")):
            for part in (known.rest, case.eur(1)):
                proposed, _ = holds.propose(known, _proposal(kind, part), PACK)
                yield Step("propose", known.state, proposed.state)
                yield Step("refuse", proposed.state, holds.refuse(proposed, by="pia", pack=PACK)[0].state)
                decided, _, decision = holds.confirm(proposed, by="pia", at=AFTER_2026, pack=PACK)
                yield Step(act, proposed.state, decided.state, decision)
                if decided.rest.minor:
                    other, rest = ("release", "release") if act == "forfeit" else ("forfeiture", "forfeit")
                    last, _ = holds.propose(decided, _proposal(other, decided.rest), PACK)
                    yield Step(rest, last.state, holds.confirm(last, by="pia", at=AFTER_2026, pack=PACK)[0].state)


def of_interest_claim(case: Any) -> Iterator[Step]:
    funds, due = owed(case)
    approved, _ = approve(due, by="olga", at=case.at)
    _, made, _ = pay(approved, derived_id("payment"), case.eur(1), reference=None, by="tom", at=case.at)
    claim = late_interest.new_claim(due, made)
    yield Step("", None, claim.state)
    nothing = case.eur(0)
    for worth in (None, nothing, case.eur(10)):
        interest = LateInterest(worth, 5, (), () if worth else ("rate 2026-H1",))
        assessed = late_interest.assess(claim, interest, nothing)
        yield Step("assess", claim.state, assessed.state)
    for state in (ClaimState.UNRESOLVED, ClaimState.UNFUNDED):
        known = replace(assessed, state=state)
        yield Step("drop", state, late_interest.drop(known).state)
        for again in (interest, LateInterest(None, 5, ()), LateInterest(nothing, 0, ())):
            yield Step("assess", state, late_interest.assess(known, again, nothing).state)
    _, _, order, ordered = late_interest.owe_interest(funds, assessed, due, interest, case.at, case.cause())
    yield Step("order", assessed.state, ordered.state, raised(order)[1])


def of_payee_account(case: Any) -> Iterator[Step]:
    first, second = (BankAccount(name="Oarsmen", number=number, bic="DEUTDEFF") for number in ("1", "2"))
    none = payee_account("org-oarsmen")
    proposed = none.propose(first, by="olga", at=case.at, due_at=case.at)
    confirmed = proposed.confirm(by="pia", at=case.at)
    for known, account in ((none, first), (proposed, second), (confirmed, second)):
        asked = known.propose(account, by="olga", at=case.at, due_at=case.at)
        yield Step("propose", known.state, asked.state)
        yield Step("confirm", asked.state, asked.confirm(by="pia", at=case.at).state)
        yield Step("reject", asked.state, asked.reject("Not theirs.", by="pia", at=case.at).state)


def of_mismatch(case: Any) -> Iterator[Step]:
    finding = Finding(outcome=Outcome.UNKNOWN_ENTRY, day=date(2026, 3, 2), reference="E-1", found=case.eur(1))
    known, told = mismatch.found(finding, UUID(int=1), ocid=None, contract=None, at=case.at, by="olga")
    yield Step("", None, known.state, told)
    explained, explanation = mismatch.explain(known, "A fee.", "pia")
    yield Step("explain", known.state, explained.state, explanation)
    resolved, resolution = mismatch.resolve(known)
    yield Step("resolve", known.state, resolved.state, resolution)


STEPS: dict[str, Callable[[Any], Iterator[Step]]] = {
    "revision": of_revision,
    "fiscal-year": of_fiscal_year,
    "ceilings": of_ceilings,
    "reservation": of_reservation,
    "payment-order": of_payment_order,
    "hold": of_hold,
    "interest-claim": of_interest_claim,
    "payee-account": of_payee_account,
    "mismatch": of_mismatch,
}
# Claimed under its id by the ledger's answer, in the statement that finds no money: no step of the domain.
BY_THE_LEDGER = {("reservation", "reserve", "requested", "refused")}


def owed(case: Any) -> tuple[Any, PaymentOrder]:
    accepted = accept_period(case.committed(), case.graded("2026-01", "A"), PACK, case.cause(3))
    assert accepted.order is not None
    return accepted.funds, accepted.order


def withheld(case: Any) -> tuple[Hold, Sequence[DomainEvent]]:
    accepted = accept_period(case.committed(), case.graded("2026-01", "D"), PACK, case.cause(3))
    (hold,) = accepted.holds
    return hold, [event for event in accepted.events if published(event).TYPE == "budget.held.v1"]


def _proposal(kind: Any, amount: Any) -> Proposal:
    return Proposal(kind, amount, "It was mended.", "olga", AFTER_2026)


def of(cycle: Lifecycle) -> str:
    return cycle.object


@pytest.mark.parametrize("cycle", LIFECYCLES, ids=of)
def test_lifecycle_has_the_states_that_the_object_has(cycle: Lifecycle) -> None:
    asked = {cycle.initial} if cycle.object == "reservation" else set()
    assert set(cycle.states) - asked == set(STATES[cycle.object])


@pytest.mark.parametrize("cycle", LIFECYCLES, ids=of)
def test_acts_lead_where_they_are_declared_to_lead_and_nowhere_else(case: Any, cycle: Lifecycle) -> None:
    taken = {(one.action, one.before, str(one.after)) for one in STEPS[cycle.object](case) if one.before is not None}
    left = {action for action, row in cycle.transitions.items()} - {action for action, _, _ in taken}
    assert left == set(), "an act that nothing takes"
    for row in cycle.transitions.values():
        mine = [(before, after) for action, before, after in taken if action == row.action]
        by_ledger = {after for kind, action, _, after in BY_THE_LEDGER if (kind, action) == (cycle.object, row.action)}
        assert {before for before, _ in mine} == row.before
        assert {after for _, after in mine} | by_ledger == row.after


@pytest.mark.parametrize("cycle", LIFECYCLES, ids=of)
def test_acts_are_told_by_exactly_the_events_that_are_declared(case: Any, cycle: Lifecycle) -> None:
    told: dict[str, set[str]] = {"": set(), **{action: set() for action in cycle.transitions}}
    for step in STEPS[cycle.object](case):
        told[step.action] |= {published(event).TYPE for event in step.events}
    declared = {"": set(cycle.events), **{action: set(row.events) for action, row in cycle.transitions.items()}}
    assert told == declared


@pytest.mark.parametrize("cycle", LIFECYCLES, ids=of)
def test_acts_are_of_persons_whose_role_the_policy_knows(cycle: Lifecycle) -> None:
    roles = {role for entry in POLICY.values() for role in entry.roles}
    others = ("clock", "bank", "later statement", "contract's end")
    for row in cycle.transitions.values():
        assert any(role in row.actor for role in roles) or row.actor.startswith(others)
