"""What should become of the money of contracting processes, as a clerk with a pencil would keep it."""

from collections import Counter
from dataclasses import dataclass, field

PERCENT = {"A": 100, "B": 95, "C": 80, "D": 0}  # rules.payment-by-grade of the model pack
MOST_CONTRACTS = 3


@dataclass
class Model:
    """One line's money."""

    granted: int = 0
    available: int = 0
    state: dict[int, str] = field(default_factory=dict)
    at: dict[int, Counter[str]] = field(default_factory=dict)
    # By process and contract; what was accepted stands below zero.
    periods: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    pending: dict[tuple[int, int], list[int] | None] = field(default_factory=dict)
    closed: set[tuple[int, int]] = field(default_factory=set)
    # By process and contract: what was asked for, paid and recovered of each advance.
    advances: dict[tuple[int, int], list[Counter[str]]] = field(default_factory=dict)

    def outstanding(self, who: int, number: int) -> int:
        return sum(one["paid"] - one["recovered"] - one["repaid"] for one in self.advances.get((who, number), []))

    def advanceable(self, who: int, number: int) -> int:
        """What is to be delivered, now and once a pending change is signed, and was not paid yet."""
        parts = [self.periods[who, number], self.pending[who, number] or self.periods[who, number]]
        return min(sum(each for each in some if each > 0) for some in parts) - self.outstanding(who, number)

    def ask_advance(self, who: int, number: int, amount: int) -> bool:
        if (who, number) not in self.periods or (who, number) in self.closed:
            return False
        known = self.advances.setdefault((who, number), [])
        value = sum(map(abs, self.periods[who, number]))
        unpaid = sum(one["asked"] - one["paid"] for one in known)
        limit = (value * 3 + 5) // 10  # rules.payment.advance of the model pack
        if sum(one["asked"] for one in known) + amount > limit or unpaid + amount > self.advanceable(who, number):
            return False
        known.append(Counter(asked=amount))
        return True

    def pay_advance(self, who: int, number: int, place: int, amount: int) -> bool:
        one = self.advances[who, number][place]
        if (who, number) in self.closed or not 0 < amount <= one["asked"] - one["paid"]:
            return False
        if amount > self.advanceable(who, number):
            return False
        one["paid"] += amount
        self.at[who].update({"committed": -amount, "advance": amount})
        return True

    def repay(self, who: int, number: int, place: int, amount: int) -> bool:
        """Take back what nothing will recover: after the end, or once all is delivered."""
        one = self.advances[who, number][place]
        over = (who, number) in self.closed or all(each < 0 for each in self.periods[who, number])
        if not over or not 0 < amount <= one["paid"] - one["recovered"] - one["repaid"]:
            return False
        one["repaid"] += amount
        self.at[who]["advance"] -= amount
        self.available += amount
        return True

    def recover(self, who: int, number: int, due: int, payable: int, free: int) -> int:
        """Recover in proportion, all with the last period, and at least what is not bound any more."""
        known = self.advances.get((who, number), [])
        left = [one["paid"] - one["recovered"] - one["repaid"] for one in known]
        value = sum(map(abs, self.periods[who, number]))
        advanced = sum(one["paid"] - one["repaid"] for one in known)
        last = all(each < 0 for each in self.periods[who, number])
        share = sum(left) if last else (2 * payable * advanced + value) // (2 * value)
        whole = amount = min(sum(left), due, max(share, due - free))
        for one, each in zip(known, left, strict=True):
            one["recovered"] += min(amount, each)
            amount -= min(amount, each)
        return whole

    def grant(self, amount: int) -> None:
        self.granted += amount
        self.available += amount

    def ask(self, who: int, amount: int) -> bool:
        if self.state.get(who, "unfunded") != "unfunded" or amount > self.available:
            return False
        self.available -= amount
        self.state[who], self.at[who] = "reserved", Counter(reserved=amount)
        return True

    def end(self, who: int, amount: int | None = None) -> bool:
        """Give back a lot's amount, or all that is reserved."""
        reserved = self.at.get(who, Counter())["reserved"]
        amount = reserved if amount is None else amount
        if not reserved or amount > reserved:
            return False
        self.available += amount
        self.at[who]["reserved"] -= amount
        if self.state[who] == "reserved" and amount == reserved:
            self.state[who] = "released"
        return True

    def sign(self, who: int, parts: list[int], release: int | None) -> bool:
        reserved = self.at.get(who, Counter())["reserved"]
        value, number = sum(parts), self.signed(who)
        rest = reserved - value if release is None else release
        if not reserved or number == MOST_CONTRACTS or rest < 0 or value + rest > reserved:
            return False
        self.available += rest
        self.state[who] = "committed"
        self.at[who].update({"reserved": -value - rest, "committed": value})
        self.periods[who, number], self.pending[who, number] = list(parts), None
        return True

    def signed(self, who: int) -> int:
        return sum(process == who for process, _ in self.periods)

    def grade(self, who: int, number: int, period: int, grade: str) -> bool:
        periods = self.periods.get((who, number), [])
        if (who, number) in self.closed or period >= len(periods) or periods[period] <= 0:
            return False
        pending = self.pending[who, number]
        if pending is not None and (period >= len(pending) or pending[period] != periods[period]):
            return False
        free = self.advanceable(who, number)
        due, periods[period] = periods[period], -periods[period]
        if pending is not None:
            pending[period] = -due
        payable = (due * PERCENT[grade] + 50) // 100
        recovered = self.recover(who, number, due, payable, free)
        owed = max(0, payable - recovered)
        parts = {"accrued": owed, "held": due - owed - recovered, "paid": recovered}
        self.at[who].update({"committed": recovered - due, "advance": -recovered, **parts})
        return True

    def pay(self, who: int, owed: int, amount: int) -> bool:
        """Pay of what an order still owes."""
        if not 0 < amount <= owed:
            return False
        self.at[who].update({"accrued": -amount, "paid": amount})
        return True

    def change(self, who: int, number: int, parts: list[int]) -> bool:
        """Bind what a change adds; accepted periods, which are below zero here, come first in both and are the same."""
        periods = self.periods.get((who, number))
        if periods is None or (who, number) in self.closed or self.pending[who, number] is not None:
            return False
        added = max(0, sum(map(abs, parts)) - sum(map(abs, periods)))
        if sum(each for each in parts if each > 0) < self.outstanding(who, number):
            return False
        if added > self.available:
            return False
        self.available -= added
        self.at[who]["committed"] += added
        self.pending[who, number] = list(parts)
        return True

    def resolve(self, who: int, number: int, *, signed: bool) -> bool:
        parts = self.pending.get((who, number))
        if parts is None:
            return False
        before, after = sum(map(abs, self.periods[who, number])), sum(map(abs, parts))
        freed = max(0, before - after) if signed else max(0, after - before)
        self.available += freed
        self.at[who]["committed"] -= freed
        if signed:
            self.periods[who, number] = parts
        self.pending[who, number] = None
        return True

    def close(self, who: int, number: int) -> bool:
        if (who, number) not in self.periods or (who, number) in self.closed:
            return False
        pending = self.pending[who, number] or []
        now = self.periods[who, number]
        addition = max(0, sum(map(abs, pending)) - sum(map(abs, now))) if pending else 0
        freed = sum(amount for amount in now if amount > 0) + addition - self.outstanding(who, number)
        self.available += freed
        self.at[who]["committed"] -= freed
        self.pending[who, number] = None
        self.closed.add((who, number))
        for one in self.advances.get((who, number), []):
            one["asked"] = one["paid"]
        return True
