"""Orders, payments, files and statements in any order: the ledger paid what the bank confirms and what is outstanding.

Beside the budget stands a bank of a few lines, which books right, wrongly, twice or not at all, rejects, sends money
back, books what is nobody's, and sends its statements again. The budget knows of it what its messages say, and no more.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from budget.api.iso20022.credit_transfer import NAMESPACE, write_credit_transfers
from budget.api.iso20022.statement import read_statements
from budget.api.iso20022.status_report import read_status_report
from budget.domain import payment_order
from budget.domain.bank_account import BankAccount
from budget.domain.bank_statement import BankStatement
from budget.domain.funds import unfunded
from budget.domain.funds_data import Contract, FundingRequest, GradedPeriod, Milestone
from budget.domain.ledger import Cause, Stage, Transfer, changes
from budget.domain.line import new_line
from budget.domain.payment import accept_period, count_payment
from budget.domain.payment_file import CreditTransfer, PaymentFile, new_payment_file
from budget.domain.payment_order import OrderState, Payment, PaymentOrder
from budget.domain.payment_return import reopen, take_back
from budget.domain.payment_status import ReportedState, StatusOutcome, apply_report
from budget.domain.reconciliation import Finding, Outcome, SentPayment, reconcile
from shared.kernel.errors import DomainError, RuleReference
from shared.kernel.ids import derived_id
from shared.kernel.money import Money, total
from shared.rules.pack import load_pack
from shared.testing.depth import examples

MODEL = load_pack("model")
RULE = RuleReference("funds-reserved-before-publication", "Coxswain model pack")
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST_DAY = date(2026, 3, 2)
PAYER = BankAccount(name="City of Kingston", iban="DE89370400440532013000")
PAYEE = BankAccount(name="Oarsmen Care", iban="GB29NWBK60161331926819")
PERIODS = 6
WORTH = Money(10_000, "EUR")
CONTRACT = derived_id("test-contract")
FATES = ("right", "right", "right", "less", "left", "twice")


@dataclass
class Booked:
    """What the bank did with one payment."""

    amount: int
    exact: bool
    returned: bool = False


class Bank:
    """Keeps what it was told, and what it has booked, in cents."""

    def __init__(self) -> None:
        self.told: dict[str, int] = {}
        self.day_of: dict[str, date] = {}
        self.booked: dict[str, Booked] = {}
        self.rejected: set[str] = set()

    def receive(self, message: bytes, day: date) -> None:
        for one in fromstring(message).iter(f"{{{NAMESPACE}}}CdtTrfTxInf"):
            identifier = one.find(f".//{{{NAMESPACE}}}EndToEndId").text
            assert identifier not in self.told
            self.told[identifier] = int(Decimal(one.find(f".//{{{NAMESPACE}}}InstdAmt").text) * 100)
            self.day_of[identifier] = day

    def waiting(self) -> list[str]:
        return [one for one in self.told if one not in self.booked and one not in self.rejected]

    def confirmed(self) -> int:
        return sum(one.amount for one in self.booked.values() if one.exact and not one.returned)


class Payments(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.messages = import_module("bank_messages")
        self.numbers = count()
        self.day = FIRST_DAY
        self.bank = Bank()
        self.transfers: list[Transfer] = []
        self.balances: Counter[Stage] = Counter()
        self.orders: list[PaymentOrder] = []
        self.payments: dict[UUID, Payment] = {}
        self.files: list[PaymentFile] = []
        self.confirmed: set[UUID] = set()
        self.returned: set[UUID] = set()
        self.rejected: set[UUID] = set()
        self.last: tuple[bytes, BankStatement] | None = None

    @initialize()
    def sign(self) -> None:
        line = new_line(code="care", title="Care", fiscal_year=2026, currency="EUR")
        value = Money(WORTH.minor * PERIODS, "EUR")
        request = FundingRequest("ocds-test", derived_id("test-tender"), line.id, value)
        contract = Contract(
            id=CONTRACT, payee="org", value=value, pack="model", pack_version=MODEL.version, acceleration=1
        )
        self.balances[Stage.AVAILABLE] = value.minor
        self.funds, transfers, _ = unfunded(request).reserve(request, line, self.cause())
        self.post(transfers)
        milestones = tuple(Milestone(str(number), WORTH) for number in range(PERIODS))
        self.funds, transfers, _ = self.funds.commit(contract, milestones, RULE, self.cause())
        self.post(transfers)

    def cause(self) -> Cause:
        return Cause(derived_id("cause", next(self.numbers)), AT)

    def post(self, transfers: Sequence[Transfer]) -> None:
        for _, stage, amount in changes(transfers):
            self.balances[stage] += amount
            assert self.balances[stage] >= 0
        self.transfers += transfers

    @rule(grade=st.sampled_from("ABCD"))
    def accept(self, grade: str) -> None:
        period = next((one.period for one in self.funds.contracts[0].milestones if one.grade is None), None)
        if period is None:
            return
        graded = GradedPeriod(ocid="ocds-test", contract=CONTRACT, period=period, provider="org", grade=grade)
        self.funds, transfers, _, order, *_ = accept_period(self.funds, graded, MODEL, self.cause())
        self.post(transfers)
        if order is not None:
            self.orders.append(order)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), approver=st.sampled_from(["p-finance", "p-both"]))
    def approve(self, data: st.DataObject, approver: str) -> None:
        place = data.draw(st.integers(0, len(self.orders) - 1))
        known = self.orders[place]
        try:
            self.orders[place], _ = payment_order.approve(known, by=approver, at=AT)
        except DomainError:
            assert known.state is not OrderState.DUE
        else:
            assert known.state is OrderState.DUE

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), cents=st.integers(1, 12_000), payer=st.sampled_from(["p-treasurer", "p-both"]))
    def pay(self, data: st.DataObject, cents: int, payer: str) -> None:
        """Pay a part, all or too much, as one who may or one who approved."""
        place = data.draw(st.integers(0, len(self.orders) - 1))
        order, amount = self.orders[place], Money(cents, "EUR")
        identifier = derived_id("payment", next(self.numbers))
        allowed = order.approved_by not in {None, payer} and amount <= order.open
        try:
            paid, payment, _ = payment_order.pay(order, identifier, amount, reference=None, by=payer, at=AT)
        except DomainError:
            assert not allowed
            return
        assert allowed
        self.funds, transfers, _ = count_payment(self.funds, payment)
        self.post(transfers)
        self.orders[place], self.payments[identifier] = paid, payment

    @rule()
    def send(self) -> None:
        """Hand to the bank what stands in no file."""
        sent = self.known_as_sent()
        transfers = [
            CreditTransfer(
                payment=one.id, payee=one.payee, account=PAYEE, amount=one.amount, remittance=f"Period {one.period}"
            )
            for one in self.payments.values()
            if one.id not in sent
        ]
        if not transfers:
            return
        file = new_payment_file(
            identifier=derived_id("file", next(self.numbers)),
            at=AT,
            execution_on=self.day,
            payer="org-city",
            account=PAYER,
            currency="EUR",
            transfers=transfers,
        )
        self.files.append(file)
        self.bank.receive(write_credit_transfers(file), self.day)

    @rule(data=st.data(), unknown=st.integers(0, 2))
    def state(self, data: st.DataObject, unknown: int) -> None:
        """Let the bank book what it will, say so, and be held to it."""
        self.day += timedelta(days=1)
        movements: list[Any] = [self.movement(700, None) for _ in range(unknown)]
        expected = Counter({Outcome.UNKNOWN_ENTRY: unknown})
        touched: set[str] = set()
        for identifier in self.bank.waiting():
            fate = data.draw(st.sampled_from(FATES))
            if fate != "left":
                touched.add(identifier)
                movements += self.book(identifier, fate, expected)
        for identifier, booked in self.bank.booked.items():
            if booked.exact and data.draw(st.integers(0, 5)) == 0:
                touched.add(identifier)
                movements.append(self.send_back(identifier, booked, expected))
        overdue = {one for one, day in self.bank.day_of.items() if day < self.day and not self.is_exact(one)}
        overdue -= self.bank.rejected
        expected[Outcome.MISSING] = len(overdue - touched)
        written = self.messages.Camt(identifier=f"S-{next(self.numbers)}", movements=movements, closed_on=self.day)
        content = written.content()
        (statement,) = read_statements(content)
        findings = reconcile(statement, self.sent())
        assert +Counter(one.outcome for one in findings) == +expected
        self.take(findings)
        self.last = content, statement

    @precondition(lambda self: self.bank.waiting())
    @rule(data=st.data())
    def report(self, data: st.DataObject) -> None:
        """Let the bank reject what it will of what it has not booked, and say again what it rejected before."""
        known = [*self.bank.waiting(), *sorted(self.bank.rejected)]
        named = data.draw(st.lists(st.sampled_from(known), unique=True, min_size=1))
        told = [
            (one, "RJCT" if one in self.bank.rejected or data.draw(st.booleans()) else "ACSP", None) for one in named
        ]
        fresh = {one for one, status, _ in told if status == "RJCT"} - self.bank.rejected
        self.bank.rejected |= fresh
        content = self.messages.Report(identifier=f"R-{next(self.numbers)}", payments=told).content()
        findings = apply_report(read_status_report(content), self.reported())
        undone = [one.payment for one in findings if one.outcome is StatusOutcome.REJECTED and one.payment]
        assert sorted(one.hex for one in undone) == sorted(fresh)
        for payment in undone:
            self.undo(payment, None)
        self.rejected |= set(undone)

    @precondition(lambda self: self.last)
    @rule()
    def state_again(self) -> None:
        """The same bytes are the same statement: that is known by its id, and nothing is taken in again."""
        content, statement = self.last or (b"", None)
        assert read_statements(content) == (statement,)

    def known_as_sent(self) -> set[UUID]:
        return {one.payment for file in self.files for one in file.transfers}

    def is_exact(self, identifier: str) -> bool:
        return identifier in self.bank.booked and self.bank.booked[identifier].exact

    def book(self, identifier: str, fate: str, expected: Counter[Outcome]) -> list[Any]:
        amount = self.bank.told[identifier]
        if fate == "less" and amount > 1:
            self.bank.booked[identifier] = Booked(amount - 1, exact=False)
            expected[Outcome.AMOUNT_DIFFERS] += 1
            return [self.movement(amount - 1, identifier)]
        self.bank.booked[identifier] = Booked(amount, exact=True)
        expected[Outcome.MATCHED] += 1
        once = [self.movement(amount, identifier)]
        if fate != "twice":
            return once
        expected[Outcome.REPEATED] += 1
        return [*once, self.movement(amount, identifier)]

    def send_back(self, identifier: str, booked: Booked, expected: Counter[Outcome]) -> Any:
        """Return a payment; what came back before is told a second time."""
        expected[Outcome.REPEATED if booked.returned else Outcome.RETURNED] += 1
        booked.returned = True
        return self.movement(booked.amount, identifier, "CRDT")

    def movement(self, cents: int, identifier: str | None, direction: str = "DBIT") -> Any:
        amount = f"{cents // 100}.{cents % 100:02}"
        return self.messages.Movement(amount, identifier, direction, reference=f"E-{next(self.numbers)}")

    def sent(self) -> list[SentPayment]:
        return [
            SentPayment(
                id=one.payment,
                file=file.id,
                amount=one.amount,
                execution_on=file.execution_on,
                confirmed=one.payment in self.confirmed,
                returned=one.payment in self.returned,
                rejected=one.payment in self.rejected,
            )
            for file in self.files
            for one in file.transfers
        ]

    def reported(self) -> list[ReportedState]:
        return [
            ReportedState(
                id=one.id,
                file=one.file,
                amount=one.amount,
                confirmed=one.confirmed,
                undone=one.returned or one.rejected,
            )
            for one in self.sent()
        ]

    def take(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            if finding.outcome is Outcome.MATCHED and finding.payment:
                assert finding.payment not in self.confirmed
                self.confirmed.add(finding.payment)
            elif finding.outcome is Outcome.RETURNED and finding.payment:
                assert finding.payment not in self.returned
                self.returned.add(finding.payment)
                self.undo(finding.payment, finding.return_reason)

    def undo(self, identifier: UUID, reason: str | None) -> None:
        payment = self.payments[identifier]
        place = next(place for place, one in enumerate(self.orders) if one.id == payment.order)
        self.orders[place], _ = reopen(self.orders[place], payment, reason, self.cause())
        self.funds, transfers = take_back(self.funds, payment, self.cause())
        self.post(transfers)

    @invariant()
    def the_ledger_paid_what_the_bank_confirms_and_what_is_outstanding(self) -> None:
        made = total([one.amount for one in self.payments.values()], "EUR")
        back = total([self.payments[one].amount for one in self.returned | self.rejected], "EUR")
        paid = (made - back).minor
        open_ones = self.payments.keys() - self.confirmed - self.rejected
        outstanding = sum(self.payments[one].amount.minor for one in open_ones)
        assert self.balances[Stage.PAID] == paid == sum(order.paid.minor for order in self.orders)
        assert paid == self.bank.confirmed() + outstanding

    @invariant()
    def no_payment_is_in_two_files(self) -> None:
        sent = [one.payment for file in self.files for one in file.transfers]
        assert len(sent) == len(set(sent))
        assert all(file.control_sum == total([one.amount for one in file.transfers], "EUR") for file in self.files)

    @invariant()
    def no_more_is_paid_than_is_owed(self) -> None:
        assert all(0 <= order.paid.minor <= order.amount.minor for order in self.orders)
        assert self.balances[Stage.ACCRUED] == sum(order.open.minor for order in self.orders)
        assert all((order.state is OrderState.PAID) == (not order.open.minor) for order in self.orders)

    @invariant()
    def every_transfer_is_entered_once(self) -> None:
        assert len({one.id for one in self.transfers}) == len(self.transfers)


class SendsAgain(Payments):
    """Forgets after a while what stands in a file."""

    def known_as_sent(self) -> set[UUID]:
        return {one.payment for file in self.files[-1:] for one in file.transfers}


class KeepsReturnsPaid(Payments):
    """Takes note of a return, and leaves the ledger as it is."""

    def take(self, findings: Sequence[Finding]) -> None:
        super().take([one for one in findings if one.outcome is not Outcome.RETURNED])
        self.returned |= {one.payment for one in findings if one.outcome is Outcome.RETURNED and one.payment}


class BelievesAnyAmount(Payments):
    """Counts what the bank booked with another amount as confirmed."""

    def take(self, findings: Sequence[Finding]) -> None:
        super().take(findings)
        self.confirmed |= {one.payment for one in findings if one.outcome is Outcome.AMOUNT_DIFFERS and one.payment}


DEPTH = {"stateful_step_count": 50, "deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
TestPayments = Payments.TestCase
TestPayments.settings = settings(max_examples=examples(200), **DEPTH)


@pytest.mark.parametrize("planted", [SendsAgain, KeepsReturnsPaid, BelievesAnyAmount])
def test_a_planted_bug_is_found(planted: type[Payments]) -> None:
    quick = settings(max_examples=200, database=None, phases=[Phase.generate], report_multiple_bugs=False, **DEPTH)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(planted, settings=quick)
