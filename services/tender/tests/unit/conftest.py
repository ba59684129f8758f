"""One procedure at each of its stages, made by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from shared.kernel.money import Money
from shared.rules.pack import RulePack, load_pack
from tender.domain.catalogue import Service
from tender.domain.parts import AwardCriterion, Delivery, Lot, Party
from tender.domain.plan import Plan, Terms, make_plan
from tender.domain.plan_events import BudgetShare
from tender.domain.tender import Content, Tender

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
        identifier=UUID(int=1), buyer=BUYER, service=SERVICE, terms=terms, at=noon, pack=pack, author="olga"
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
        author="olga",
    )


@pytest.fixture(scope="session")
def requested(draft: Tender, plan: Plan, pack: RulePack, noon: datetime) -> Tender:
    tender, _ = draft.request_funding(by="hugo", at=noon, pack=pack, plan=plan)
    return tender


@pytest.fixture(scope="session")
def active(requested: Tender, pack: RulePack, noon: datetime) -> Tender:
    tender, _ = requested.publish(at=noon, pack=pack)
    return tender
