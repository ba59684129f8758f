"""A procedure of three lots: one is contracted after a first award fell, one was drawn, one ended without an award."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.contracts import award, budget, contract, tender
from shared.contracts.event import EventData, Organisation
from shared.kernel.money import Money

OCID = "ocds-cxswn1-0002"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PLAN, TENDER, LINE = UUID(int=11), UUID(int=12), UUID(int=3)
NORTH_A, NORTH_B, NORTH_C, SOUTH_A, SOUTH_B, EAST_B = (UUID(int=number) for number in range(21, 27))
FIRST, SECOND, DRAWN = UUID(int=31), UUID(int=32), UUID(int=33)
UNSIGNED, SIGNED = UUID(int=41), UUID(int=42)
BUYER = Organisation(id="county", name="County Social Office")
OAK = Organisation(id="silver-oak", name="Silver Oak Association")
FAST = Organisation(id="fastcare", name="FastCare Ltd")
BRIGHT = Organisation(id="bright", name="Bright Days Cooperative")
SERVICE = tender.Service(code="A0301", title="Home care for the elderly")
PACK = tender.PinnedPack(id="model", version="1")
BEACON = "be" * 32
OF: dict[str, Any] = {"ocid": OCID, "tender": TENDER}

Journey = Sequence[tuple[str, EventData]]


def eur(euros: int) -> Money:
    return Money(euros * 100, "EUR")


def journey() -> Journey:
    return (*_until_opened(), *_until_priced(), *_north(), *_south())


def opened_bid(
    bid: UUID, bidder: Organisation, lot: str, price: int | None = None, reason: str | None = None
) -> tender.OpenedBid:
    return tender.OpenedBid(
        bid=bid, bidder=bidder, lot=lot, received_at=START + timedelta(days=20), digest=f"{bid.int:02x}" * 32,
        price=eur(price) if price else None, valid=reason is None, reason=reason,
        rule="bid-within-estimate" if reason else None, source="Coxswain model pack" if reason else None,
    )  # fmt: skip


def _until_opened() -> Journey:
    lots = (
        ("north", "North of the river", 400_000),
        ("south", "South of the river", 300_000),
        ("east", "East", 200_000),
    )
    return (
        ("tender", tender.FundingRequested(
            **OF, plan=PLAN, title="Home care in three districts", buyer=BUYER, budget_line=LINE, amount=eur(900_000),
            answer_due=START)),
        ("budget", budget.Reserved(**OF, line=LINE, amount=eur(900_000), available=eur(4_100_000))),
        ("tender", tender.Published(
            **OF, plan=PLAN, title="Home care in three districts", description="Visits and meals.", buyer=BUYER,
            service=SERVICE, value=eur(900_000),
            lots=tuple(tender.Lot(id=lot, title=title, value=eur(value)) for lot, title, value in lots),
            criteria=(tender.Criterion(id="price", title="Price", kind="price", weight=Decimal(40)),
                      tender.Criterion(id="concept", title="Care concept", kind="quality", weight=Decimal(60))),
            delivery=tender.Delivery(start=date(2026, 5, 1), end=date(2026, 12, 31), periods=2),
            published_at=START, closes_at=START + timedelta(days=30), pack=PACK, acceleration=1)),
        ("tender", tender.Opened(
            **OF, opened_at=START + timedelta(days=30),
            bids=(opened_bid(NORTH_A, OAK, "north"), opened_bid(NORTH_B, FAST, "north"),
                  opened_bid(NORTH_C, BRIGHT, "north"), opened_bid(SOUTH_A, OAK, "south"),
                  opened_bid(SOUTH_B, FAST, "south"), opened_bid(EAST_B, FAST, "east")))),
    )  # fmt: skip


def _until_priced() -> Journey:
    return (
        ("tender", tender.BidExcluded(
            **OF, bid=NORTH_C, lot="north", bidder=BRIGHT, reason="No proof of insurance was handed in.",
            rule="qualification.insurance", source="Coxswain model pack")),
        ("tender", tender.BidsQualified(**OF, qualified=(NORTH_A, NORTH_B, SOUTH_A, SOUTH_B, EAST_B))),
        ("tender", tender.PricesOpened(
            **OF, opened_at=START + timedelta(days=40),
            bids=(opened_bid(NORTH_A, OAK, "north", 380_000), opened_bid(NORTH_B, FAST, "north", 250_000),
                  opened_bid(SOUTH_A, OAK, "south", 299_999), opened_bid(SOUTH_B, FAST, "south", 299_999),
                  opened_bid(EAST_B, FAST, "east", 250_000, "The price is above the lot's value.")))),
        ("tender", tender.LotUnsuccessful(
            **OF, lot="east", amount=eur(200_000), reason="There are fewer bids than the rule asks for.",
            rule="gate.responsive.minimum-bids", source="Coxswain model pack")),
        ("budget", budget.Released(
            ocid=OCID, line=LINE, amount=eur(200_000), available=eur(4_300_000), reason="A lot ended.")),
    )  # fmt: skip


def _north() -> Journey:
    period = {"start": date(2026, 5, 1), "end": date(2026, 8, 31)}
    milestones = tuple(contract.Milestone(period=name, amount=eur(190_000), **period) for name in ("1", "2"))
    return (
        ("tender", award.PriceExplanationRequested(
            **OF, bid=NORTH_B, lot="north", bidder=FAST, triggers=("abnormally-low.below-estimate",),
            due_at=START + timedelta(days=45))),
        ("tender", award.PriceExplained(**OF, bid=NORTH_B, lot="north", explained_at=START + timedelta(days=42))),
        ("tender", award.PriceExplanationDecided(
            **OF, bid=NORTH_B, lot="north", accepted=True, reason="The routes are short.")),
        ("tender", _proposed(FIRST, "north", FAST, 250_000, ((NORTH_B, FAST, 250_000), (NORTH_A, OAK, 380_000)))),
        ("tender", award.Confirmed(
            **OF, lot="north", award=FIRST, contract=UNSIGNED, supplier=FAST, value=eur(250_000),
            signature_due=START + timedelta(days=60))),
        ("tender", contract.Generated(
            ocid=OCID, award=FIRST, contract=UNSIGNED, buyer=BUYER, supplier=FAST, value=eur(250_000),
            milestones=milestones, signature_due=START + timedelta(days=60))),
        ("tender", award.Cancelled(
            **OF, lot="north", award=FIRST, bid=NORTH_B, supplier=FAST, reason="FastCare Ltd did not sign in time.")),
        ("tender", _proposed(SECOND, "north", OAK, 380_000, ((NORTH_A, OAK, 380_000),))),
        ("tender", award.Confirmed(
            **OF, lot="north", award=SECOND, contract=SIGNED, supplier=OAK, value=eur(380_000),
            signature_due=START + timedelta(days=90))),
        ("tender", contract.Signed(
            **OF, award=SECOND, contract=SIGNED, title="Home care in three districts: North of the river", buyer=BUYER,
            supplier=OAK, service=SERVICE, value=eur(380_000), milestones=milestones,
            signed_at=START + timedelta(days=80), pack=PACK, acceleration=1)),
        ("budget", budget.Committed(ocid=OCID, contract=SIGNED, line=LINE, amount=eur(380_000))),
    )  # fmt: skip


def _south() -> Journey:
    return (
        ("tender", award.DeficiencyNotified(
            **OF, bid=SOUTH_B, lot="south", bidder=FAST, what="The annex on training is missing.",
            due_at=START + timedelta(days=48))),
        ("tender", award.DeficiencyCorrected(
            **OF, bid=SOUTH_B, lot="south", digest="c0" * 32, corrected_at=START + timedelta(days=46))),
        ("tender", award.TieDrawAnnounced(
            **OF, lot="south", bids=(SOUTH_A, SOUTH_B), source="The lottery of 1 May", not_before=START)),
        ("tender", award.TieDrawn(
            **OF, lot="south", source="The lottery of 1 May", randomness=BEACON, order=(SOUTH_B, SOUTH_A))),
        ("tender", _proposed(DRAWN, "south", FAST, 299_999, ((SOUTH_B, FAST, 299_999), (SOUTH_A, OAK, 299_999)))),
    )  # fmt: skip


def _proposed(
    identifier: UUID, lot: str, supplier: Organisation, value: int, places: Sequence[tuple[UUID, Organisation, int]]
) -> award.Proposed:
    ranking = tuple(
        award.RankedBid(
            bid=bid, bidder=bidder, rank=rank, price=eur(price), price_points=Decimal("40.0000"),
            quality_points={"concept": Decimal("54.0000")}, total=Decimal("94.0000"))
        for rank, (bid, bidder, price) in enumerate(places, start=1)
    )  # fmt: skip
    steps = tuple({"step": "total", "bid": str(bid), "sum": "40 + 54", "exact": "94"} for bid, _, _ in places)
    return award.Proposed(
        **OF, lot=lot, award=identifier, supplier=supplier, value=eur(value), ranking=ranking,
        formula="lowest-over-price", derivation=steps, standstill_ends_at=START + timedelta(days=55),
    )  # fmt: skip
