"""One procedure at each of its stages, made by hand."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from shared.kernel.events import DomainEvent
from shared.kernel.money import Money, money
from shared.rules.pack import RulePack, load_pack
from shared.testing.course import SALT
from tender.domain.award import Score, confirm_award, propose_award
from tender.domain.catalogue import Service
from tender.domain.contract import Contract, generate_contract
from tender.domain.opening import ReceivedBid, end_lots, open_bids
from tender.domain.parts import AwardCriterion, Delivery, Lot, Party, Status
from tender.domain.plan import Plan, Terms, make_plan
from tender.domain.plan_events import BudgetShare
from tender.domain.price_opening import ReleasedPrice, open_prices, sealed_prices
from tender.domain.qualification import confirm_qualification, qualify
from tender.domain.qualification_parts import Disqualification, Qualification
from tender.domain.tender import Content, Tender

sys.path.insert(0, str(Path(__file__).parent))  # for the walk that only these tests take

SERVICE = Service("elder-care.home", "Home care for older people")
BUYER = Party("city", "City social office")
VALUE = Money(125_000_000, "EUR")


@pytest.fixture(scope="session")
def pack() -> RulePack:
    return load_pack("model")


@pytest.fixture(scope="session")
def noon() -> datetime:
    """Monday the 2nd of March; the model calendar has no holidays."""
    return datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def plan(pack: RulePack, noon: datetime) -> Plan:
    terms = Terms("Home care in the north", VALUE, (BudgetShare(UUID(int=2), VALUE),))
    drafted = make_plan(
        identifier=UUID(int=1), buyer=BUYER, service=SERVICE, terms=terms, at=noon, pack=pack, authors=("olga",)
    )
    plan, _ = drafted.schedule(at=noon, source=pack.reference("service-in-catalogue"))
    return plan


@pytest.fixture(scope="session")
def content() -> Content:
    return Content(
        title="Home care in the north",
        description="Care at home for people over 70.",
        value=VALUE,
        lots=(Lot("lot-1", "All of it", VALUE),),
        criteria=(
            AwardCriterion("price", "Price", "price", Decimal(30)),
            AwardCriterion("quality", "Quality of care", "quality", Decimal(70)),
        ),
        delivery=Delivery(date(2026, 7, 1), date(2026, 9, 30), 3),
    )


@pytest.fixture(scope="session")
def draft(plan: Plan, content: Content, pack: RulePack) -> Tender:
    return Tender(
        id=UUID(int=3),
        version=1,
        ocid="ocds-coxswn-3",
        plan=plan.id,
        buyer=BUYER,
        service=SERVICE,
        budget_line=plan.budget_line,
        content=content,
        pack=pack.id,
        pack_version=pack.version,
        acceleration=1,
        authors=("olga",),
    )


@pytest.fixture(scope="session")
def requested(draft: Tender, plan: Plan, pack: RulePack, noon: datetime) -> Tender:
    tender, _ = draft.request_funding(by="hugo", at=noon, pack=pack)
    return tender


@pytest.fixture(scope="session")
def active(requested: Tender, pack: RulePack, noon: datetime) -> Tender:
    tender, _ = requested.publish(at=noon, pack=pack)
    return tender


Offer = tuple[str, str, str]
"""A bid: the lot, the bidder, the price."""


@dataclass(slots=True)
class Walk:
    """Takes a procedure step by step, and keeps everything that happened."""

    tender: Tender
    pack: RulePack
    now: datetime
    events: list[DomainEvent] = field(default_factory=list)
    offers: dict[UUID, Offer] = field(default_factory=dict)
    scores: tuple[Score, ...] = ()

    def take(self, change: tuple[Tender, Sequence[DomainEvent]]) -> Tender:
        """Take a step; its events are numbered one by one up to the version it leaves."""
        after, events = change
        assert [event.version for event in events] == list(range(after.version - len(events) + 1, after.version + 1))
        self.tender = after
        self.events += events
        return after

    def told(self, before: int = 0) -> list[str]:
        """Return the names of what happened since an event."""
        return [type(event).__name__ for event in self.events[before:]]

    def bid(self, bidder: str, lot: str = "lot-1") -> UUID:
        return next(bid for bid, offer in self.offers.items() if offer[:2] == (lot, bidder))

    def opened(self, *offers: Offer) -> "Walk":
        """Let bids come in, and open the tender at its deadline."""
        self.offers = {UUID(int=0xB1D0 + number): offer for number, offer in enumerate(offers)}
        assert self.tender.closes_at is not None
        received_at, self.now = self.now, self.tender.closes_at
        received = tuple(
            ReceivedBid(bid, lot, Party(bidder, bidder.title()), received_at, f"{bid.int:064x}")
            for bid, (lot, bidder, _) in self.offers.items()
        )
        counts: dict[str, int] = {}
        for lot, _, _ in offers:
            counts[lot] = counts.get(lot, 0) + 1
        self.take(end_lots(self.tender, "open", "opening", counts, self.pack))
        if self.tender.status is Status.ACTIVE:
            self.take(open_bids(self.tender, received, at=self.now, pack=self.pack))
        return self

    def qualified(self, *disqualified: str) -> "Walk":
        """Decide who qualifies: everybody but the bidders that are named."""
        reasons = [
            Disqualification(bid, "No licence.", "bidder-verified")
            for bid, offer in self.offers.items()
            if offer[1] in disqualified
        ]
        return self.decided(Qualification(reasons))

    def decided(self, decision: Qualification) -> "Walk":
        """Decide who qualifies, with a second person where the decision waits for one."""
        self.take(qualify(self.tender, decision, by="olga", at=self.now, pack=self.pack))
        if self.tender.qualification is not None:
            self.take(confirm_qualification(self.tender, by="hugo", at=self.now, pack=self.pack))
        return self

    def scored(self, scores: Mapping[str, str] | None = None) -> "Walk":
        """Give every bid a score of quality, by its bidder; 50 where none is named."""
        given = scores or {}
        values = [(bid, Decimal(given.get(bidder, "50"))) for bid, (_, bidder, _) in self.offers.items()]
        self.scores = tuple(Score(bid, "quality", value) for bid, value in values)
        return self

    def priced(self) -> "Walk":
        """Open the prices."""
        currency = self.tender.content.value.currency
        released = tuple(
            ReleasedPrice(bid, f'{{"price": {{"amount": "{self.offers[bid][2]}", "currency": "{currency}"}}}}'.encode())
            for bid in sealed_prices(self.tender, self.pack)
        )
        self.take(open_prices(self.tender, released, at=self.now, pack=self.pack))
        return self

    def proposed(self, lot: str = "lot-1") -> "Walk":
        """Propose the award of a lot."""
        self.take(propose_award(self.tender, lot, self.scores, by="olga", at=self.now, pack=self.pack, salt=SALT))
        return self

    def confirmed(self, lot: str = "lot-1") -> Contract:
        """Confirm the award of a lot, once the standstill has ended, and return its contract."""
        award = self.tender.progress(lot).award
        assert award is not None
        self.now = max(self.now, award.standstill_ends_at)
        identifier = UUID(int=award.id.int ^ 1)
        after, confirmed, event = confirm_award(
            self.tender, lot, by="hugo", at=self.now, pack=self.pack, contract=identifier
        )
        self.take((after, (event,)))
        contract, _ = generate_contract(after, confirmed, identifier=identifier, signature_due=event.signature_due)
        return contract


StartWalk = Callable[..., Walk]


@pytest.fixture(scope="session")
def walk(active: Tender, noon: datetime) -> StartWalk:
    """Begin a walk at the publication: by the pack, with the values of the lots."""

    def start(pack: RulePack | None = None, at: datetime = noon, currency: str = "EUR", **lots: str) -> Walk:
        rules = pack or load_pack("model")
        values = {name.replace("_", "-"): money(Decimal(value), currency) for name, value in lots.items()}
        values = values or {"lot-1": Money(VALUE.minor, currency)}
        whole = Money(sum(value.minor for value in values.values()), currency)
        content = replace(
            active.content, value=whole, lots=tuple(Lot(name, name.title(), value) for name, value in values.items())
        )
        requested = replace(
            active,
            status=Status.FUNDING_REQUESTED,
            version=2,
            content=content,
            pack=rules.id,
            pack_version=rules.version,
            lots=(),
            funded=whole,
        )
        return Walk(requested.publish(at=at, pack=rules)[0], rules, at)

    return start


@pytest.fixture(scope="session")
def cn() -> RulePack:
    """The pack with the figures of notice 2 of 2026."""
    return load_pack("cn-services", "1.2.0")
