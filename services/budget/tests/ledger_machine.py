"""The ledger against a clerk with a pencil: whatever is entered in whatever order, both say the same of every unit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Protocol
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from budget.domain.ledger import Cause, Stage, Transfer, changes, reversal, transfer
from budget.domain.line import Line, new_line
from budget.domain.reservation import ReservationRequest
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

AT = datetime(2026, 3, 2, tzinfo=UTC)
EXPIRED = AT + timedelta(days=2)
AMOUNTS = st.integers(1, 100)
LINES = [
    "appropriated -> available, unallotted",
    "unallotted -> available, appropriated, released",
    "available -> appropriated, reserved, released",
    "reserved -> available, committed",
    "committed -> available, accrued, advance, released",
    "advance -> paid, committed, available, released",
    "accrued -> paid, held, available, released",
    "held -> accrued, available, released",
]
_runs = count()


class Clerk:
    """What should be."""

    WAYS = frozenset(
        (start, end) for start, _, ends in (line.partition(" -> ") for line in LINES) for end in ends.split(", ")
    )

    def __init__(self) -> None:
        self.at: Counter[tuple[UUID, str]] = Counter()
        self.entered: dict[UUID, Transfer] = {}
        self.undone: set[UUID] = set()
        self.asked: dict[UUID, ReservationRequest] = {}
        self.answered: dict[UUID, str] = {}

    def enter(self, entries: Sequence[Transfer]) -> bool:
        after, seen, undone = Counter(self.at), dict(self.entered), set(self.undone)
        for one in entries:
            way = (one.from_stage.value, one.to_stage.value)
            if (
                one.id in seen
                or one.reverses in undone
                or (way if one.reverses is None else way[::-1]) not in self.WAYS
            ):
                return False
            seen[one.id] = one
            undone |= {one.reverses} - {None}
            for stage, amount in zip(way, (-one.amount.minor, one.amount.minor), strict=True):
                after[one.line, stage] += -amount if stage == "appropriated" else amount
        if min(after.values(), default=0) < 0:
            return False
        self.at, self.entered, self.undone = after, seen, undone
        return True

    def ask(self, request: ReservationRequest, lines: Sequence[UUID]) -> str:
        if request.id in self.asked:
            first = self.asked[request.id]
            for name in ("line", "amount", "purpose", "expires_at"):
                if getattr(first, name) != getattr(request, name):
                    return f"exists-with-different-{name.replace('_', '-')}"
            return "exists" if self.answered[request.id] in {"created", "ended"} else "id-already-failed"
        self.asked[request.id] = request
        self.answered[request.id] = "created"
        if request.line not in lines:
            self.answered[request.id] = "line-unknown"
        elif self.at[request.line, "available"] < request.amount.minor:
            self.answered[request.id] = "insufficient-funds"
        else:
            self.shift(request, "available", "reserved")
        return self.answered[request.id]

    def end(self, identifier: UUID) -> bool:
        """Give a reservation back, unless somebody has committed what it set aside."""
        request = self.asked[identifier]
        if self.answered[identifier] != "created" or self.at[request.line, "reserved"] < request.amount.minor:
            return False
        self.answered[identifier] = "ended"
        self.shift(request, "reserved", "available")
        return True

    def shift(self, request: ReservationRequest, start: str, end: str) -> None:
        self.at[request.line, start] -= request.amount.minor
        self.at[request.line, end] += request.amount.minor


class Books(Protocol):
    """A ledger under test."""

    def open(self, line: Line) -> None: ...
    def enter(self, entries: Sequence[Transfer]) -> bool: ...
    def ask(self, request: ReservationRequest) -> str: ...
    def end(self, identifier: UUID, *, expired: bool) -> bool: ...
    def balances(self) -> dict[tuple[UUID, Stage], int]: ...
    def transfers(self) -> list[Transfer]: ...


class Ledger(RuleBasedStateMachine):
    """Every rule does the same to the books and to the clerk, and holds the answers to each other."""

    def __init__(self, books: Books) -> None:
        super().__init__()
        self.books, self.clerk = books, Clerk()
        self.lines: list[Line] = []
        self.run, self.numbers = next(_runs), count()

    @initialize()
    def begin(self) -> None:
        self.open_line()
        self.move(self.lines[0], (Stage.APPROPRIATED, Stage.AVAILABLE), 200)

    @precondition(lambda self: len(self.lines) < 3)
    @rule()
    def open_line(self) -> None:
        line = new_line(code=f"run-{self.run}-{len(self.lines)}", title="Care", fiscal_year=2026, currency="EUR")
        self.books.open(line)
        self.lines.append(line)

    @rule(data=st.data(), amount=AMOUNTS, quarter=st.booleans())
    def appropriate(self, data: Any, amount: int, quarter: bool) -> None:
        self.move(self.line(data), (Stage.APPROPRIATED, Stage.UNALLOTTED if quarter else Stage.AVAILABLE), amount)

    @rule(data=st.data(), amount=AMOUNTS)
    def reserve(self, data: Any, amount: int) -> None:
        self.move(self.line(data), (Stage.AVAILABLE, Stage.RESERVED), amount)

    @rule(data=st.data(), amount=AMOUNTS)
    def commit(self, data: Any, amount: int) -> None:
        self.move(self.line(data), (Stage.RESERVED, Stage.COMMITTED), amount)

    @rule(data=st.data(), amount=AMOUNTS)
    def accrue(self, data: Any, amount: int) -> None:
        self.move(self.line(data), (Stage.COMMITTED, Stage.ACCRUED), amount)

    @rule(data=st.data(), amount=AMOUNTS, back=st.booleans())
    def hold(self, data: Any, amount: int, back: bool) -> None:
        way = (Stage.ACCRUED, Stage.HELD)
        self.move(self.line(data), way[::-1] if back else way, amount)

    @rule(data=st.data(), amount=AMOUNTS)
    def pay(self, data: Any, amount: int) -> None:
        self.move(self.line(data), (Stage.ACCRUED, Stage.PAID), amount)

    @rule(data=st.data(), amount=AMOUNTS)
    def pay_in_advance(self, data: Any, amount: int) -> None:
        line = self.line(data)
        self.move(line, (Stage.COMMITTED, Stage.ADVANCE), amount)
        self.move(line, (Stage.ADVANCE, Stage.PAID), amount // 2 or 1)

    @rule(data=st.data(), amount=AMOUNTS, start=st.sampled_from(Stage), end=st.sampled_from(Stage))
    def take_any_way(self, data: Any, amount: int, start: Stage, end: Stage) -> None:
        """Release, reduce, lapse; and what is no way at all."""
        if start is not end:
            self.move(self.line(data), (start, end), amount)

    @rule(data=st.data(), amounts=st.lists(AMOUNTS, min_size=2, max_size=4))
    def link(self, data: Any, amounts: list[int]) -> None:
        """Carry amounts from line to line, all or none."""
        cause, entries = self.cause(), []
        for number, amount in enumerate(amounts):
            way = (Stage.APPROPRIATED, Stage.AVAILABLE) if number % 2 else (Stage.AVAILABLE, Stage.RELEASED)
            entry = replace(self.entry(self.line(data), way, amount), cause=cause.event, chain=cause.event)
            entries.append(entry)
        self.enter(entries)

    @precondition(lambda self: self.clerk.entered)
    @rule(data=st.data())
    def reverse(self, data: Any) -> None:
        entered = self.earlier(data)
        if entered.reverses is None:
            self.enter([reversal(entered, self.cause(), "A mistake.")])
        else:
            try:
                reversal(entered, self.cause(), "A mistake.")
            except NotAllowed:
                return
            raise AssertionError("A reversal was reversed.")

    @precondition(lambda self: self.clerk.entered)
    @rule(data=st.data(), more=st.integers(0, 1))
    def enter_again(self, data: Any, more: int) -> None:
        entered = self.earlier(data)
        assert not self.enter([replace(entered, amount=Money(entered.amount.minor + more, "EUR"))])

    @rule(data=st.data(), amount=AMOUNTS, expires=st.booleans(), known=st.integers(0, 9))
    def ask(self, data: Any, amount: int, expires: bool, known: int) -> None:
        line = self.line(data).id if known else derived_id("no-line")
        due = AT + timedelta(days=1) if expires else None
        identifier = derived_id("reservation", self.run, next(self.numbers))
        self.answer(
            ReservationRequest(id=identifier, line=line, amount=Money(amount, "EUR"), purpose="Rent", expires_at=due)
        )

    @precondition(lambda self: self.clerk.asked)
    @rule(data=st.data(), changed=st.sampled_from(["", "amount", "purpose", "expires_at", "line"]))
    def ask_again(self, data: Any, changed: str) -> None:
        first = self.clerk.asked[data.draw(st.sampled_from(list(self.clerk.asked)))]
        other = {
            "amount": first.amount + Money(1, "EUR"),
            "purpose": "Salaries",
            "expires_at": EXPIRED,
            "line": derived_id("other"),
        }
        self.answer(replace(first, **{changed: other[changed]}) if changed else first)

    @precondition(lambda self: self.clerk.asked)
    @rule(data=st.data())
    def end(self, data: Any) -> None:
        """Release a reservation; where it may expire, let it expire."""
        identifier = data.draw(st.sampled_from(list(self.clerk.asked)))
        expired = self.clerk.asked[identifier].expires_at is not None
        assert self.books.end(identifier, expired=expired) == self.clerk.end(identifier)

    @invariant()
    def every_balance_is_as_the_clerk_has_it(self) -> None:
        balances = self.books.balances()
        assert min(balances.values(), default=0) >= 0
        assert +Counter(balances) == +self.clerk.at
        for line in self.lines:
            assert balances[line.id, Stage.APPROPRIATED] == sum(
                amount for (at, stage), amount in balances.items() if at == line.id and stage is not Stage.APPROPRIATED
            )

    @invariant()
    def balances_are_what_the_transfers_add_up_to(self) -> None:
        entered = self.books.transfers()
        assert len({one.id for one in entered}) == len(entered)
        reversals = [one.reverses for one in entered if one.reverses]
        assert len(set(reversals)) == len(reversals)
        folded = {(line, stage): amount for line, stage, amount in changes(entered)}
        assert +Counter(folded) == +Counter(self.books.balances())

    def line(self, data: Any) -> Line:
        return data.draw(st.sampled_from(self.lines))

    def earlier(self, data: Any) -> Transfer:
        return data.draw(st.sampled_from(list(self.clerk.entered.values())))

    def cause(self) -> Cause:
        return Cause(derived_id("cause", self.run, next(self.numbers)), AT)

    def entry(self, line: Line, way: tuple[Stage, Stage], amount: int) -> Transfer:
        start, end = way
        return transfer(
            self.cause(),
            ocid="ocds-test",
            line=line.id,
            from_stage=start,
            to_stage=end,
            amount=Money(amount, "EUR"),
            reason="Because.",
        )

    def move(self, line: Line, way: tuple[Stage, Stage], amount: int) -> None:
        self.enter([self.entry(line, way, amount)])

    def enter(self, entries: Sequence[Transfer]) -> bool:
        entered = self.books.enter(entries)
        assert entered == self.clerk.enter(entries)
        return entered

    def answer(self, request: ReservationRequest) -> None:
        assert self.books.ask(request) == self.clerk.ask(request, [line.id for line in self.lines])
