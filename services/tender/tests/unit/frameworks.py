"""Framework agreements made by hand, with three members."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.kernel.money import Money
from shared.rules.pack import RulePack
from tender.domain.catalogue import Service
from tender.domain.framework import Framework
from tender.domain.framework_parts import Member, Order, Quote
from tender.domain.parts import Delivery, Party

MICROSECOND = timedelta(microseconds=1)
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
ENDS = datetime(2027, 7, 1, tzinfo=UTC)
NAMES = ("alder", "birch", "cedar")
DELIVERY = Delivery(date(2026, 8, 1), date(2026, 8, 31), 1)


def euros(amount: int) -> Money:
    return Money(amount * 100, "EUR")


def party(name: str) -> Party:
    return Party(name, name.title())


def order(value: Money) -> Order:
    return Order("Care in August", value, DELIVERY, "The nearest.")


def agreement(pack: RulePack, stage_two: str = "direct-choice", ceiling: int = 1000, **changes: Any) -> Framework:
    framework = Framework(
        id=UUID(int=1),
        version=1,
        ocid="ocds-coxswn-3",
        tender=UUID(int=3),
        lot="lot-1",
        title="Home care",
        buyer=Party("city", "City"),
        service=Service("elder-care.home", "Home care"),
        open=False,
        ceiling=euros(ceiling),
        called_off=euros(0),
        members=tuple(Member(party(name), rank, euros(0)) for rank, name in enumerate(NAMES, 1)),
        start=date(2026, 7, 1),
        end=date(2027, 6, 30),
        ends_at=ENDS,
        stage_two=stage_two,
        pack=pack.id,
        pack_version=pack.version,
        acceleration=1,
    )
    return replace(framework, **changes)


def called(framework: Framework, pack: RulePack, supplier: str, value: int | Money, at: datetime = NOON) -> Framework:
    worth = value if isinstance(value, Money) else euros(value)
    return framework.call_off(order(worth), supplier, contract=UUID(int=9), at=at, pack=pack)[0]


def quote(name: str, price: Money | None, minute: int = 0) -> Quote:
    return Quote(party(name), NOON + timedelta(minutes=minute), price)
