"""Tenders to measure with: made up, of many buyers, services, values and days, each as the service keeps it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id, opaque_id
from shared.kernel.money import Money
from shared.platform.database import to_document
from tender.domain.catalogue import Service
from tender.domain.parts import AwardCriterion, Delivery, Lot, LotProgress, OpenedBid, Party, Status
from tender.domain.tender import Content, Tender

BUYERS, SERVICES, BIDS = 200, 25, 8
_STATES = (
    *(Status.COMPLETE,) * 6,
    *(Status.UNSUCCESSFUL,) * 2,
    Status.CANCELLED,
    Status.EVALUATION,
)
_BEGINNING = datetime(2020, 1, 6, 8, tzinfo=UTC)
Row = tuple[UUID, int, str, str, str | None, datetime | None, str]


def rows(number: int) -> Iterator[Row]:
    """Yield rows of the table of tenders, the oldest first; the last hundred are still open to bids."""
    patterns = [_tender(place) for place in range(BUYERS)]
    for place in range(number):
        identifier = new_id()
        active = place >= number - 100
        status = Status.ACTIVE if active else _STATES[place % len(_STATES)]
        pattern = patterns[place * 7 % BUYERS]
        closes_at = _BEGINNING + timedelta(hours=place // 2, days=30)
        value = Money(1_000_000 + place * 7_919 % 400_000_000, "EUR")
        tender = replace(
            pattern,
            id=identifier,
            ocid=f"ocds-bench-{identifier}",
            service=Service(f"service-{place * 11 % SERVICES:02}", "A service"),
            content=replace(
                pattern.content, value=value, lots=(Lot("lot-1", "All of it", value),), title=f"Home care, area {place}"
            ),
            status=status,
            closes_at=closes_at,
            published_at=closes_at - timedelta(days=30),
            bids=() if active else pattern.bids,
        )
        yield _row(tender)


def open_tender() -> Tender:
    """Make up one tender that takes bids for a day."""
    now = SystemClock().now()
    return replace(
        _tender(0),
        status=Status.ACTIVE,
        published_at=now,
        closes_at=now + timedelta(days=1),
        due_at=now + timedelta(days=2),
        opened_at=None,
        bids=(),
    )


def _row(tender: Tender) -> Row:
    document = orjson.dumps(to_document(tender)).decode()
    return tender.id, tender.version, tender.status.value, document, None, None, tender.buyer.id


def _tender(number: int) -> Tender:
    identifier, value = new_id(), Money(125_000_000, "EUR")
    quality = (AwardCriterion(f"quality-{place}", f"Quality {place}", "quality", Decimal(14)) for place in range(5))
    criteria = (AwardCriterion("price", "Price", "price", Decimal(30)), *quality)
    return Tender(
        id=identifier,
        version=6,
        ocid=f"ocds-bench-{identifier}",
        plan=new_id(),
        buyer=Party(f"office-{number:03}", f"Office {number}"),
        service=Service("service-00", "A service"),
        budget_line=new_id(),
        content=Content(
            title="Home care",
            description="Care at home for people over 70, every day of the week, in the northern districts. " * 4,
            value=value,
            lots=(Lot("lot-1", "All of it", value),),
            criteria=criteria,
            delivery=Delivery(_BEGINNING.date(), _BEGINNING.date() + timedelta(days=365), 4),
        ),
        pack="model",
        pack_version="1.0.0",
        acceleration=1,
        authors=("officer",),
        opened_at=_BEGINNING,
        lots=(LotProgress("lot-1"),),
        bids=tuple(_bid(number, place) for place in range(BIDS)),
    )


def _bid(number: int, place: int) -> OpenedBid:
    price: Any = Money(90_000_000 + number * 1_009 + place * 7_919, "EUR")
    bidder = Party(f"provider-{number}-{place}", f"Provider {place} of {number}")
    return OpenedBid(opaque_id(), "lot-1", bidder, _BEGINNING, "0" * 64, price)
