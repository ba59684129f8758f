"""How the bank's statements are taken in and held against the ledger; nothing here commits."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import orjson

from budget.db import bank, fiscal_years, ledger, payees, payment_feed, payments, store
from budget.domain import mismatch as domain
from budget.domain import payment_return
from budget.domain.advance_return import take_back_advance
from budget.domain.bank_statement import BankStatement
from budget.domain.events import stating_available
from budget.domain.funds import Funds
from budget.domain.ledger import Cause
from budget.domain.mismatch import Mismatch
from budget.domain.payment_fact import Fact
from budget.domain.payment_order import OrderKind, Payment
from budget.domain.payment_return import CameBack
from budget.domain.reconciliation import Finding, Outcome, ReconciledStatement, differing, reconcile
from budget.usecases import advances
from budget.usecases.commands import settle_waiting
from budget.usecases.entering import enter
from budget.usecases.payments import raise_order
from shared.kernel.access import Actor
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.platform.database import to_document
from shared.platform.work import Work
from shared.rules.pack import pack_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenStatement(ReconciledStatement):
    """A statement, and whether it is taken in now."""

    now: bool


@dataclass(frozen=True, slots=True)
class _Run:
    """What was found in a statement that is taken in now."""

    id: UUID
    statement: BankStatement
    findings: Sequence[Finding]

    def payments(self, outcome: Outcome) -> list[UUID]:
        return [one.payment for one in self.findings if one.outcome is outcome and one.payment]


async def take(work: Work, actor: Actor, statements: Sequence[BankStatement]) -> Sequence[TakenStatement]:
    """Take statements in, all or none, the earliest first, and hold them against the ledger.

    Raises:
        NotAllowed: statement-of-another-account, and exists-with-different-content, if the bank's id is known.
    """
    await bank.lock_bank(work.connection)
    own = await payees.find_payee(work.connection, actor.organisation)
    in_order = sorted(statements, key=lambda one: one.closed_on)
    if own is None or not all(own.known_as(statement.account) for statement in in_order):
        raise NotAllowed(
            "statement-of-another-account",
            "The statement is of an account that is none of the organisation's.",
            satisfied_by="A statement of the confirmed account of the paying organisation.",
        )
    entered = {(one.account, one.id): await _enter(work, actor.person, one) for one in in_order}
    runs = [run for run in entered.values() if run is not None]
    await _take_back(work, runs)
    for run in runs:
        await resolve_missing(work, run.payments(Outcome.MATCHED))
        await report(work, actor.person, run.id, [(None, one) for one in run.findings])
    if runs:
        await _compare_ledger(work, actor.person, runs[-1])
    for run in runs:
        await payment_feed.add_facts(work.connection, Fact.CONFIRMED, run.payments(Outcome.MATCHED), work.now)
        await payment_feed.add_facts(work.connection, Fact.RETURNED, run.payments(Outcome.RETURNED), work.now)
    return [await _taken(work, one, now=entered[one.account, one.id] is not None) for one in in_order]


async def _taken(work: Work, statement: BankStatement, *, now: bool) -> TakenStatement:
    identifier = _identifier(statement)
    outcomes = await bank.outcomes_of(work.connection, [identifier])
    return TakenStatement(id=identifier, statement=statement, now=now, outcomes=outcomes[identifier])


async def explain(work: Work, identifier: UUID, explanation: str, by: str) -> Mismatch:
    """Settle a difference by what a second person found out."""
    before = await bank.mismatch(work.connection, identifier)
    after, events = domain.explain(before, explanation, by)
    await bank.save_mismatch(work.connection, before.version, after)
    await work.record(events)
    return after


async def _enter(work: Work, by: str, statement: BankStatement) -> _Run | None:
    """Keep a statement and what is found in it; None if it was taken in before."""
    identifier, currency = _identifier(statement), statement.opening.currency
    digest = hashlib.sha256(orjson.dumps(to_document(statement), option=orjson.OPT_SORT_KEYS)).digest()
    known = await bank.find_statement(work.connection, identifier)
    if known is None:
        findings = reconcile(statement, await bank.sent_from(work.connection, statement))
        await bank.add_statement(work.connection, identifier, statement, digest, at=work.now, by=by)
        await bank.add_findings(work.connection, identifier, currency, findings)
        return _Run(identifier, statement, findings)
    if known != digest:
        raise NotAllowed(
            "exists-with-different-content",
            "A statement with this id was taken in with another content.",
            satisfied_by="The statement as the bank made it first, or one with another id.",
        )
    return None


def _identifier(statement: BankStatement) -> UUID:
    return derived_id("bank-statement", statement.account, statement.id)


async def _take_back(work: Work, runs: Sequence[_Run]) -> None:
    """Undo what came back."""
    returned = {
        one.payment: (run.id, one.return_reason)
        for run in runs
        for one in run.findings
        if one.outcome is Outcome.RETURNED and one.payment
    }
    await take_back(work, returned)


async def take_back(work: Work, returned: Mapping[UUID, tuple[UUID, str | None]], *, rejected: bool = False) -> None:
    """Undo payments by what the bank said, with its reasons; processes are locked in the order of their names."""
    await fiscal_years.hold(work.connection)
    found = await payments.payments_of(work.connection, returned)
    for payment in sorted(found, key=lambda one: (one.ocid, one.id)):
        statement, reason = returned[payment.id]
        cause = Cause(statement, work.now)
        await store.lock_process(work.connection, payment.ocid)
        order = await payments.order(work.connection, payment.order, lock=True)
        funds = await store.process(work.connection, payment.ocid)
        reopened, events = payment_return.reopen(order, payment, reason, cause, rejected=rejected)
        await payments.save_order(work.connection, order.version, replace(reopened, line=funds.line))
        await work.record(events)
        undo = _undo_advance if order.kind is OrderKind.ADVANCE else _undo
        await undo(work, funds, payment, cause)


async def _undo(work: Work, funds: Funds, payment: Payment, cause: Cause) -> None:
    after, transfers = payment_return.take_back(funds, payment, cause)
    await store.save_process(work.connection, funds.version, after)
    await ledger.post(work.connection, transfers)
    if payment.line != funds.line:
        await _carry_over(work, funds, payment_return.came_back(payment), cause)


async def _undo_advance(work: Work, funds: Funds, payment: Payment, cause: Cause) -> None:
    pack = pack_of(funds.commitment(payment.contract).contract)
    undone = take_back_advance(funds, payment, pack, cause)
    await enter(work, funds, (undone.funds, undone.transfers, undone.events))
    for back in undone.over:
        await _carry_over(work, undone.funds, back, cause)
    for fresh in undone.orders:
        await raise_order(work, fresh)
    await advances.follow(work, undone.funds, payment.contract)
    await settle_waiting(work, undone.funds)


async def _carry_over(work: Work, funds: Funds, back: CameBack, cause: Cause) -> None:
    """Owe from the line that the process is on now what came back to the line of a closed year."""
    onto = (await ledger.lines_for_change(work.connection, [funds.line]))[funds.line]
    line, transfers, events = payment_return.carry_over(funds, back, onto, cause)
    left = await ledger.post(work.connection, transfers)
    year = await fiscal_years.find(work.connection, line.fiscal_year)
    await ledger.save_line(work.connection, line, line.next_opening(year))
    available = left[line.id] if line.id in left else await ledger.available(work.connection, line)
    await work.record(stating_available(events, available))


async def resolve_missing(work: Work, confirmed: Sequence[UUID]) -> None:
    """Settle what was missing and is not any more."""
    missing = [derived_id("mismatch", Outcome.MISSING, payment) for payment in confirmed]
    for before in (await bank.known_mismatches(work.connection, missing)).values():
        after, events = domain.resolve(before)
        if events:
            await bank.save_mismatch(work.connection, before.version, after)
            await work.record(events)


async def _compare_ledger(work: Work, by: str, run: _Run) -> None:
    """Report the contracting processes of which ledger, orders and payments say different things."""
    differences = differing(await bank.accounts(work.connection), run.statement.closed_on)
    await report(work, by, run.id, differences)


async def report(work: Work, by: str, statement: UUID, found: Sequence[tuple[str | None, Finding]]) -> None:
    """Report each difference once, however many runs find it."""
    differences = [(ocid, one) for ocid, one in found if one.outcome not in domain.SETTLED]
    identifiers = {domain.mismatch_id(finding, statement) for _, finding in differences}
    known = await bank.known_mismatches(work.connection, identifiers)
    paid = await payments.payments_of(work.connection, [one.payment for _, one in differences if one.payment])
    by_id = {one.id: one for one in paid}
    for ocid, finding in differences:
        if domain.mismatch_id(finding, statement) in known:
            continue
        payment = by_id.get(finding.payment) if finding.payment else None
        mismatch, events = domain.found(
            finding,
            statement,
            ocid=payment.ocid if payment else ocid,
            contract=payment.contract if payment else None,
            at=work.now,
            by=by,
        )
        await bank.save_mismatch(work.connection, 0, mismatch)
        await work.record(events)
