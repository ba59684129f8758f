"""The clerk with a pencil, to whom the budget of several years is held."""

from collections import Counter
from dataclasses import dataclass, field

from budget.domain.fiscal_year import YearEndPolicy


@dataclass
class Clerk:
    """What should be: for each line what was granted, and what is free now or later; for each process, what it has.

    A line is its code and year; a process is on the line of its code and of the year that is open for it.
    """

    granted: Counter[tuple[str, int]] = field(default_factory=Counter)
    free: Counter[tuple[str, int]] = field(default_factory=Counter)
    later: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    paid: Counter[tuple[str, int]] = field(default_factory=Counter)
    given_up: Counter[tuple[str, int]] = field(default_factory=Counter)
    has: dict[int, Counter[str]] = field(default_factory=dict)
    at: dict[int, tuple[str, int]] = field(default_factory=dict)
    promised: Counter[tuple[str, int]] = field(default_factory=Counter)
    waits: dict[int, Counter[int]] = field(default_factory=dict)

    def close(self, year: int, policy: YearEndPolicy) -> None:
        for place in [place for place in self.granted if place[1] == year]:
            onto = (place[0], year + 1)
            self.given_up[place] += self.free.pop(place, 0) + sum(self.later.pop(place, []))
            for who in [who for who, where in self.at.items() if where == place]:
                has = self.has[who]
                if policy is YearEndPolicy.LAPSE:
                    self.waits[who][year + 1] += has["committed"]
                    has["lapsed"] += has["reserved"]
                    self.given_up[place] += has["reserved"] + has["committed"]
                    has["reserved"] = has["committed"] = 0
                over = has["reserved"] + has["committed"] + has["owed"] + has["held"]
                self.given_up[place] += over
                self.granted[onto] += over
                self.at[who] = onto

    def open(self, who: int, year: int) -> bool:
        due = sum(amount for each, amount in self.waits[who].items() if each <= year)
        lapsed, place = self.has[who]["lapsed"], self.at[who]
        if due + lapsed > self.free[place]:
            return False
        self.free[place] -= due + lapsed
        self.has[who]["committed"] += due
        self.has[who]["reserved"] += lapsed
        self.has[who]["lapsed"] = 0
        for each in [each for each in self.waits[who] if each <= year]:
            del self.waits[who][each]
        return True
