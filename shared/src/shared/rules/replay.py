"""What a replay takes and finds: procedures that were decided under one rule pack, decided again under another."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from shared.rules.criteria import Criterion
from shared.rules.gates import Stage
from shared.rules.pack import RulePack
from shared.rules.result import RuleResult

Outcome = Literal["unchanged", "other-winner", "draw", "unsuccessful", "went-on"]


@dataclass(frozen=True, slots=True)
class DecidedBid:
    """Hold a bid as it was ranked.

    Units: price in the lot's currency; scores from 0 to 100, by criterion; deduction is a share of the price; total as
    it was published, with four decimals.
    """

    id: str
    bidder: str
    price: Decimal
    scores: Mapping[str, Decimal]
    deduction: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLot:
    """Hold a lot whose award was confirmed, as the public events tell of it.

    Units: amounts in the currency's main unit.
    Shape: lot is none where the events name none; received is how many bids were opened, none where no event tells.
    """

    ocid: str
    title: str
    lot: str | None
    currency: str
    estimate: Decimal
    method: str
    pack: str
    pack_version: str
    criteria: tuple[Criterion, ...]
    formula: str
    parameters: Mapping[str, Decimal]
    bids: tuple[DecidedBid, ...]
    received: int | None
    winner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedLot:
    """Hold a lot that a count gate ended; gate is the rule's id, stage its own, count how many bids there were."""

    ocid: str
    title: str
    lot: str | None
    method: str
    gate: str
    stage: Stage
    count: int


@dataclass(frozen=True, slots=True)
class NotReplayed:
    """Say what could not be decided again, and why."""

    ocid: str
    title: str
    lot: str | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Terms:
    """State what is decided by.

    Units: of the formula's parameters ceiling, floor and k are shares of each lot's estimate (k for each point of
    quality), since an amount that fits one lot fits no other; the qualities are from 0 to 100.
    """

    pack: RulePack
    parameters: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class ReplayedBid:
    """Hold a bid's place after the replay.

    Units: total with four decimals, in points or in money as the formula has it.
    """

    id: str
    rank: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Name a bid so low that its bidder would be asked, and the rules that say so."""

    bid: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedLot:
    """Hold what would have become of a lot.

    Shape: winner is none where the lot would have been unsuccessful, or where a lot would have to be drawn among
    candidates; inquiries_before is none where the pack that the lot was decided under is not known here; assumptions
    say what the replay had to change or suppose. formula is the name of what the bids were compared by.
    """

    decided: DecidedLot
    outcome: Outcome
    winner: str | None
    candidates: tuple[str, ...]
    formula: str
    ranking: tuple[ReplayedBid, ...]
    gates: tuple[RuleResult, ...]
    inquiries: tuple[Inquiry, ...]
    inquiries_before: tuple[Inquiry, ...] | None
    price_weight_before: Decimal
    price_weight: Fraction
    assumptions: tuple[str, ...]

    def bid(self, identifier: str) -> DecidedBid:
        """Return a bid by its id."""
        return next(bid for bid in self.decided.bids if bid.id == identifier)

    @property
    def price_before(self) -> Decimal:
        """The price that was awarded."""
        return self.bid(self.decided.winner).price

    @property
    def price_after(self) -> Decimal | None:
        """The price that would have been awarded, none without a winner."""
        return None if self.winner is None else self.bid(self.winner).price


@dataclass(frozen=True, slots=True)
class ReplayedEnd:
    """Hold what would have become of a lot that a count gate ended; its bids stayed sealed, so nobody can rank them."""

    ended: EndedLot
    outcome: Outcome
    gate: RuleResult


@dataclass(frozen=True, slots=True)
class Replay:
    """Hold the replay of many lots under the same terms."""

    terms: Terms
    lots: tuple[ReplayedLot, ...]
    ended: tuple[ReplayedEnd, ...]
    not_replayed: tuple[NotReplayed, ...]
