"""Appropriations, revisions, quarters, closings and openings against a clerk with a pencil: no cent is lost."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from years_clerk import Clerk

from budget.domain.ceiling import Ceilings, ceilings_of, later_parts, promised
from budget.domain.ceiling_events import Limit
from budget.domain.fiscal_year import FiscalYear, YearEndPolicy, YearState, calendar_year
from budget.domain.funds import Funds, unfunded
from budget.domain.funds_data import Contract, FundingRequest, GradedPeriod, Milestone
from budget.domain.grant import Grant
from budget.domain.ledger import Cause, Stage, Transfer, changes
from budget.domain.line import Line, line_id, new_line
from budget.domain.payment import accept_period, count_payment
from budget.domain.payment_order import PaymentOrder, approve, pay
from budget.domain.renewal import renew
from budget.domain.revision import RevisionKind, check_lines, propose
from budget.domain.revision_events import Move
from budget.domain.year_end import carry_forward, close_line, goes_on, take_over
from shared.kernel.errors import DomainError, NotAllowed, RuleReference
from shared.kernel.ids import derived_id
from shared.kernel.money import Money, zero
from shared.rules.pack import load_pack
from shared.testing.depth import examples

MODEL = load_pack("model")
PERCENT = {"A": 100, "C": 80, "D": 0}  # rules.payment-by-grade of the model pack
CODES = ("care", "roads")
FIRST = 2026
# Less than two years' ceilings together.
TOTAL = 9_000
PROCESSES = st.integers(0, 3)
TENS = st.integers(1, 500).map(lambda each: each * 10)  # shares of a tenth need no rounding
RULE = RuleReference("funds-reserved-before-publication", "Coxswain model pack")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


class Years(RuleBasedStateMachine):
    """Runs every step against the domain and against the clerk."""

    def __init__(self) -> None:
        super().__init__()
        self.clerk = Clerk()
        self.now = datetime(FIRST, 1, 2, tzinfo=UTC)
        self.years: dict[int, FiscalYear] = {}
        self.lines: dict[UUID, Line] = {}
        self.balances: Counter[tuple[UUID, Stage]] = Counter()
        self.transfers: list[Transfer] = []
        self.funds: dict[int, Funds] = {}
        self.orders: dict[int, list[PaymentOrder]] = {}
        self.limits: dict[str, Ceilings] = {}
        self.numbers = count(1)

    def cause(self) -> Cause:
        return Cause(derived_id("cause", next(self.numbers)), self.now)

    def year(self, number: int) -> FiscalYear:
        return self.years.get(number) or calendar_year(number)

    @property
    def current(self) -> int:
        """The first year whose books are open."""
        return next(number for number in range(FIRST, 2200) if self.year(number).state is not YearState.CLOSED)

    def line(self, code: str, number: int) -> Line:
        identifier = line_id(code, number, "EUR")
        return self.lines.get(identifier) or new_line(code=code, title=code, fiscal_year=number, currency="EUR")

    def post(self, transfers: tuple[Transfer, ...] | list[Transfer]) -> None:
        """Do as the database does: all changes or none, and none below zero."""
        after = Counter(self.balances)
        for line, stage, amount in changes(transfers):
            if after[line, stage] + amount < 0:
                raise NotAllowed("insufficient-funds", "Less than that.")
            after[line, stage] += amount
        self.balances = after
        self.transfers.extend(transfers)

    def tried(self, attempt: Any) -> bool:
        try:
            attempt()
        except DomainError:
            return False
        return True

    def enter(self, who: int, change: Any) -> None:
        after, transfers, *_ = change
        promises = promised(self.funds.get(who), after)
        for year, more in promises.items():
            self.clerk_promised(who, year, more)
        self.clerk_promised_in_all(who, sum(promises.values()))
        # Last, as what is posted here is not undone; what is promised, whoever tries it does.
        self.post(transfers)
        self.funds[who] = after

    def clerk_promised(self, who: int, year: int, more: int) -> None:
        """Hold what the domain says of promises to the ceiling, as the database does."""
        code = CODES[who % len(CODES)]
        limit = next(limit.amount.minor for limit in self.limits[code].limits if limit.year == year)
        assert self.clerk.promised[code, year] + more >= 0
        if self.clerk.promised[code, year] + more > limit:
            raise NotAllowed("ceiling-exceeded", "More than that.")
        self.clerk.promised[code, year] += more

    def clerk_promised_in_all(self, who: int, more: int) -> None:
        """Hold what the domain says of all years together to the total, as the database does."""
        code = CODES[who % len(CODES)]
        if (most := self.limits[code].total) and more > 0 and self.in_all(code) > most.minor:
            raise NotAllowed("ceiling-exceeded", "More than that in all.")

    def in_all(self, code: str) -> int:
        return sum(amount for (promising, _), amount in self.clerk.promised.items() if promising == code)

    @initialize(quarters=st.booleans(), amount=TENS)
    def begin(self, quarters: bool, amount: int) -> None:
        """Begin with a contract over three years on each line; only roads have ceilings, so only they promise."""
        line = self.line("roads", FIRST)
        proposed, _ = ceilings_of(line).propose(
            [Limit(FIRST + each, eur(6_000)) for each in range(1, 12)], line, total=eur(TOTAL), by="p-1", at=self.now
        )
        self.limits["roads"], _ = proposed.approve(line, by="p-2")
        self.limits["care"] = ceilings_of(self.line("care", FIRST))
        for who, code in enumerate(CODES):
            self.grant(code, 80_000, quarters=quarters)
            self.ask(who, 3 * amount)
            self.sign(who, [amount] * 3, [0, 1, 2])

    @rule(code=st.sampled_from(CODES), amount=TENS, quarters=st.booleans())
    def grant(self, code: str, amount: int, quarters: bool) -> None:
        year = self.year(self.current)
        line, parts = self.line(code, year.year), eur(amount).split(4)
        grant = Grant(amount=eur(amount), quarters=tuple(parts) if quarters else ())

        def do() -> None:
            after, transfers, _ = line.appropriate(title=code, grant=grant, year=year, at=self.now)
            self.post(transfers)
            self.lines[after.id] = after

        first = line.original is None
        assert self.tried(do) == first
        if first:
            place = (code, year.year)
            begun = max(1, sum(year.quarter_opens_at(each) <= self.now for each in (1, 2, 3, 4))) if quarters else 4
            self.clerk.granted[place] += amount
            self.clerk.free[place] += sum(each.minor for each in parts[:begun])
            self.clerk.later[place] = [each.minor for each in parts[begun:]]

    @rule(kind=st.sampled_from(RevisionKind), first=TENS, other=TENS, fits=st.booleans(), alone=st.booleans())
    def revise(self, kind: RevisionKind, first: int, other: int, fits: bool, alone: bool) -> None:
        number = self.current
        lines = [self.line(code, number) for code in CODES]
        signs = {RevisionKind.SUPPLEMENTARY: (1, 1), RevisionKind.REDUCTION: (-1, -1)}.get(kind, (1, -1))
        other = first if kind is RevisionKind.REALLOCATION and fits else other
        units = (first * signs[0], other * signs[1])
        moves = tuple(Move(line.id, eur(each)) for line, each in zip(lines, units, strict=True))

        def do() -> None:
            revision, _ = propose(
                derived_id("revision", next(self.numbers)),
                kind,
                moves,
                reason="Why.",
                decision="1",
                by="p-1",
                at=self.now,
            )
            check_lines(revision, {line.id: line for line in lines if line.id in self.lines})
            revision = revision.approve(by="p-1" if alone else "p-2", at=self.now)
            revised = [
                line.revise(
                    revision=revision.id,
                    kind=kind.value,
                    amount=move.amount,
                    reason="Why.",
                    year=self.year(number),
                    at=self.now,
                )
                for line, move in zip(lines, moves, strict=True)
            ]
            self.post([moved for _, transfers, _ in revised for moved in transfers])
            self.lines |= {line.id: line for line, _, _ in revised}

        places = [(code, number) for code in CODES]
        balanced = kind is not RevisionKind.REALLOCATION or first == other
        known = all(line.id in self.lines for line in lines)
        there = all(self.clerk.free[place] + each >= 0 for place, each in zip(places, units, strict=True))
        done = balanced and known and there and not alone
        assert self.tried(do) == done
        for place, each in zip(places, units, strict=True) if done else ():
            self.clerk.granted[place] += each
            self.clerk.free[place] += each

    @rule(months=st.integers(1, 4))
    def let_time_pass(self, months: int) -> None:
        """Open the quarters that begin, as late as the clock is."""
        passed = self.now.month - 1 + months
        self.now = self.now.replace(year=self.now.year + passed // 12, month=passed % 12 + 1)
        for line in list(self.lines.values()):
            if line.closed_at is not None:
                continue
            year = self.year(line.fiscal_year)
            after, transfers, _ = line.open_quarters(year, self.now)
            self.post(transfers)
            self.lines[line.id] = after
            place = (line.code, line.fiscal_year)
            kept = self.clerk.later.get(place, [])
            begun = sum(year.quarter_opens_at(each) <= self.now for each in (1, 2, 3, 4))
            while kept and len(kept) > 4 - begun:
                self.clerk.free[place] += kept.pop(0)

    @rule(who=PROCESSES, amount=TENS)
    def ask(self, who: int, amount: int) -> None:
        code = CODES[who % len(CODES)]
        line = self.lines.get(line_id(code, self.current, "EUR"))
        place = (code, self.current)
        identifier = line.id if line else derived_id("no-line")
        request = FundingRequest(f"ocid-{who}", derived_id("tender", who), identifier, eur(amount))
        before = self.funds.get(who, unfunded(request))
        done = self.tried(lambda: self.enter(who, before.reserve(request, line, self.cause())))
        assert done == (line is not None and who not in self.clerk.at and amount <= self.clerk.free[place])
        if done:
            self.clerk.at[who] = place
            self.clerk.has[who] = Counter(reserved=amount)
            self.clerk.waits[who] = Counter()
            self.clerk.free[place] -= amount

    @rule(who=PROCESSES, parts=st.lists(TENS, min_size=1, max_size=3), years=st.lists(st.integers(0, 2), min_size=3))
    def sign(self, who: int, parts: list[int], years: list[int]) -> None:
        """Sign a contract whose periods end this year or later."""
        funds = self.funds.get(who)
        if funds is None or funds.contracts:
            return
        line = self.line(*self.clerk.at[who])
        milestones = tuple(
            Milestone(str(number), eur(part), ends=date(line.fiscal_year + later, 12, 1))
            for number, (part, later) in enumerate(zip(parts, sorted(years), strict=False))
        )
        parts = [one.amount.minor for one in milestones]
        contract = Contract(
            id=derived_id("contract", who),
            payee="org",
            value=eur(sum(parts)),
            pack="model",
            pack_version=MODEL.version,
            acceleration=1,
        )
        has, ceilings = self.clerk.has[who], self.limits[line.code]

        def do() -> None:
            placed, memos = milestones, ()
            if ceilings.limits:
                known = [self.year(line.fiscal_year + each) for each in range(4)]
                placed, memos = later_parts(milestones, line, known, ceilings)
            self.enter(who, funds.commit(contract, placed, RULE, self.cause(), memos=memos))

        promised_before = Counter(self.clerk.promised)
        later = Counter[int]()
        for one in milestones if ceilings.limits else ():
            if one.ends and one.ends.year > line.fiscal_year:
                later[one.ends.year] += one.amount.minor
        fits = all(promised_before[line.code, year] + more <= 6_000 for year, more in later.items())
        fits = fits and (not later or self.in_all(line.code) + later.total() <= TOTAL)
        done = self.tried(do)
        assert done == (has["reserved"] > 0 and sum(parts) <= has["reserved"] and fits)
        if done:
            bound = sum(parts) - later.total()
            self.clerk.free[self.clerk.at[who]] += has["reserved"] - bound
            has["reserved"], has["committed"] = 0, bound
            self.clerk.waits[who] += later
        else:
            self.clerk.promised = promised_before

    @rule(who=PROCESSES, period=st.integers(0, 2), grade=st.sampled_from(sorted(PERCENT)))
    def accept(self, who: int, period: int, grade: str) -> None:
        funds = self.funds.get(who)
        if funds is None or not funds.contracts:
            return
        graded = GradedPeriod(
            ocid=funds.ocid, contract=derived_id("contract", who), period=str(period), provider="org", grade=grade
        )
        if funds.awaited(graded):
            return
        known = next((one for one in funds.contracts[0].milestones if one.period == str(period)), None)
        accepted: list[Any] = []

        def do() -> None:
            accepted.append(accept_period(funds, graded, MODEL, self.cause()))
            self.enter(who, accepted[0])

        done = self.tried(do)
        assert done == (known is not None and known.grade is None)
        if done and known:
            owed = known.amount.minor * PERCENT[grade] // 100
            self.clerk.has[who].subtract({"committed": known.amount.minor})
            self.clerk.has[who].update({"owed": owed, "held": known.amount.minor - owed})
            self.orders.setdefault(who, []).extend([accepted[0][3]] if accepted[0][3] else [])

    @rule(who=PROCESSES)
    def pay(self, who: int) -> None:
        """Pay what is owed longest, on whatever line it is now."""
        if not self.orders.get(who):
            return
        order, funds = self.orders[who].pop(0), self.funds[who]
        approved, _ = approve(take_over(order, funds.line), by="p-1", at=self.now)
        identifier = derived_id("payment", order.id)
        _, payment, _ = pay(approved, identifier, order.amount, reference=None, by="p-3", at=self.now)
        self.enter(who, count_payment(funds, payment))
        self.clerk.has[who].subtract({"owed": order.amount.minor})
        self.clerk.paid[self.clerk.at[who]] += order.amount.minor

    @rule(policy=st.sampled_from(YearEndPolicy))
    def close(self, policy: YearEndPolicy) -> None:
        """Close the first open year, once it is over."""
        number = self.current
        year, _ = calendar_year(number).declare(
            starts=date(number, 1, 1), ends=date(number, 12, 31), time_zone="UTC", policy=policy, in_use=True
        )
        over = self.now >= year.over_at
        if not over:
            assert not self.tried(lambda: year.propose_closing(by="p-1", at=self.now))
            return
        year, _ = year.propose_closing(by="p-1", at=self.now)
        year, _ = year.close(by="p-2", at=self.now)
        assert not self.tried(lambda: year.propose_closing(by="p-1", at=self.now))
        self.years[number] = year
        for line in [line for line in self.lines.values() if line.fiscal_year == number]:
            self.close_line(line, year)
        self.clerk.close(number, policy)

    def close_line(self, line: Line, year: FiscalYear) -> None:
        onto = self.line(line.code, year.year + 1)
        here = {who: funds for who, funds in self.funds.items() if funds.line == line.id}
        cause = Cause(year.id, self.now)
        carried = {who: carry_forward(funds, line, onto, year, cause) for who, funds in here.items() if goes_on(funds)}
        balances = {stage: eur(self.balances[line.id, stage]) for stage in Stage}
        closed = close_line(line, onto, balances, tuple(carried.values()), year, cause)
        self.post([*closed.transfers, *(one for process in carried.values() for one in process.transfers)])
        self.lines |= {closed.line.id: closed.line, closed.onto.id: closed.onto}
        self.funds |= {who: process.funds for who, process in carried.items()}

    @rule(who=PROCESSES)
    def open_year(self, who: int) -> None:
        """Let the first open year's budget fund what was left to it."""
        number = self.current
        if who not in self.clerk.at or not self.funds[who].needed_of(number).minor:
            return
        before = Counter(self.clerk.promised)
        done = self.tried(lambda: self.enter(who, renew(self.funds[who], self.year(number), self.cause())))
        assert done == self.clerk.open(who, number)
        if not done:
            self.clerk.promised = before

    @invariant()
    def no_money_appears_or_is_lost(self) -> None:
        for line in self.lines.values():
            where = sum(self.balances[line.id, stage] for stage in Stage if stage is not Stage.APPROPRIATED)
            assert self.balances[line.id, Stage.APPROPRIATED] == where == line.appropriated.minor
            adjusted = sum(
                one.amount.minor * (1 if one.from_stage is Stage.APPROPRIATED else -1)
                for one in self.transfers
                if one.line == line.id and one.cause and Stage.APPROPRIATED in {one.from_stage, one.to_stage}
            )
            assert (line.original.amount.minor if line.original else 0) + adjusted == line.appropriated.minor

    @invariant()
    def lines_are_as_the_clerk_has_them(self) -> None:
        for line in self.lines.values():
            place = (line.code, line.fiscal_year)
            here = [self.clerk.has[who] for who, where in self.clerk.at.items() if where == place]
            expected = {
                Stage.APPROPRIATED: self.clerk.granted[place],
                Stage.UNALLOTTED: sum(self.clerk.later.get(place, [])),
                Stage.AVAILABLE: self.clerk.free[place],
                Stage.RESERVED: sum(has["reserved"] for has in here),
                Stage.COMMITTED: sum(has["committed"] for has in here),
                Stage.ADVANCE: 0,
                Stage.ACCRUED: sum(has["owed"] for has in here),
                Stage.HELD: sum(has["held"] for has in here),
                Stage.PAID: self.clerk.paid[place],
                Stage.RELEASED: self.clerk.given_up[place],
            }
            assert {stage: self.balances[line.id, stage] for stage in Stage} == expected

    @invariant()
    def processes_are_as_the_clerk_has_them(self) -> None:
        for who, funds in self.funds.items():
            has = self.clerk.has[who]
            assert (funds.reserved.minor, funds.committed.minor) == (has["reserved"], has["committed"])
            assert (funds.payable.minor, funds.held.minor) == (has["owed"], has["held"])
            assert (funds.lapsed or zero("EUR")).minor == has["lapsed"]
            for contract in funds.contracts:
                assert contract.committed + contract.accrued == contract.bound
                assert contract.later.minor == self.clerk.waits[who].total()

    @invariant()
    def nothing_is_left_on_a_closed_line_and_every_transfer_happens_once(self) -> None:
        for line in self.lines.values():
            left = {stage for stage in Stage if self.balances[line.id, stage]}
            assert line.closed_at is None or left <= {Stage.APPROPRIATED, Stage.PAID, Stage.RELEASED}
        assert len({one.id for one in self.transfers}) == len(self.transfers)


TestYears = Years.TestCase
TestYears.settings = settings(
    max_examples=examples(200), stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
