"""One outsourced service from the plan to its first graded period, as the other services publish it."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import appropriation, audit, award, budget, contract, inspection, provider, tender
from shared.contracts.event import EventData, Organisation
from shared.kernel.money import Money

sys.path.insert(0, str(Path(__file__).parent))  # for the procedure that only these tests have

OCID = "ocds-cxswn1-0001"
PLAN, TENDER, LINE = UUID(int=1), UUID(int=2), UUID(int=3)
AWARD, CONTRACT, BID_A, BID_B = UUID(int=4), UUID(int=5), UUID(int=6), UUID(int=7)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
BUYER = Organisation(id="county", name="County Social Office")
WINNER = Organisation(id="silver-oak", name="Silver Oak Association")
LOSER = Organisation(id="fastcare", name="FastCare Ltd")
SERVICE = tender.Service(code="A0301", title="Home care for the elderly")
PACK = tender.PinnedPack(id="model", version="1")

Journey = Sequence[tuple[str, EventData]]


def eur(euros: int) -> Money:
    return Money(euros * 100, "EUR")


@pytest.fixture(scope="session")
def imported() -> Callable[..., audit.ProcessImported]:
    """Return what makes a process of another publisher."""

    def process(ocid: str, title: str | None = "Uniformes", **changed: Any) -> audit.ProcessImported:
        return audit.ProcessImported(
            **{
                "ocid": ocid, "title": title, "status": "complete",
                "buyer": audit.ExternalParty(id="DO-UC-140", name="Ministerio"), "procurement_method": "open",
                "category": "goods", "estimate": audit.PublishedAmount(amount="1000", currency="DOP"),
                "awards": (audit.PublishedAmount(amount="900.125", currency="DOP"),),
                "contracts": (audit.PublishedAmount(amount="900", currency="DOP"),),
                "suppliers": (audit.ExternalParty(id="9", name="Textil"),),
                "published": datetime(2021, 10, 29, 13, 35, 0, 301_169, UTC),
                "closes": None, "awarded": None, "signed": None,
                "bids": 3, "release": "c" * 64, "originals": ("d" * 64,), "notes": ("/tender/status: not a code",),
                **changed,
            }
        )  # fmt: skip

    return process


@pytest.fixture(scope="session")
def portal_journey() -> Journey:
    return (*_until_published(), *_until_signed(), *_until_paid())


def _until_published() -> Journey:
    asked = tender.FundingRequested(
        ocid=OCID, tender=TENDER, plan=PLAN, title="Home care 2026", buyer=BUYER, budget_line=LINE,
        amount=eur(1_200_000), answer_due=START + timedelta(days=5),
    )  # fmt: skip
    published = tender.Published(
        ocid=OCID, tender=TENDER, plan=PLAN, title="Home care 2026", description="Visits & meals.", buyer=BUYER,
        service=SERVICE, value=eur(1_200_000), lots=(),
        criteria=(
            tender.Criterion(id="price", title="Price", kind="price", weight=Decimal(40)),
            tender.Criterion(id="concept", title="Care concept", kind="quality", weight=Decimal(40)),
            tender.Criterion(id="staff", title="Trained staff", kind="quality", weight=Decimal(20)),
        ),
        delivery=tender.Delivery(start=date(2026, 5, 1), end=date(2026, 12, 31), periods=2),
        published_at=START, closes_at=START + timedelta(days=30), pack=PACK, acceleration=1,
    )  # fmt: skip
    return (
        ("provider-registry", provider.ProviderRegistered(
            provider="silver-oak", name="Silver Oak Association", legal_form="association",
            identifier=provider.Identifier(scheme="XX-REG", id="77"))),
        ("provider-registry", provider.ProviderVerified(
            provider="silver-oak", name="Silver Oak Association", legal_form="association", verified_at=START,
            valid_until=date(2027, 3, 2))),
        ("budget", appropriation.Appropriated(
            line=LINE, code="31-05", title="Social services", fiscal_year=2026, amount=eur(5_000_000),
            available=eur(5_000_000))),
        ("tender", tender.Planned(
            plan=PLAN, title="Home care", buyer=BUYER, service=SERVICE, estimate=eur(1_200_000), budget_line=LINE)),
        ("tender", asked),
        ("budget", budget.Reserved(
            ocid=OCID, tender=TENDER, line=LINE, amount=eur(1_200_000), available=eur(3_800_000))),
        ("tender", published),
    )  # fmt: skip


def _until_signed() -> Journey:
    bids = tuple(
        tender.OpenedBid(bid=bid, bidder=bidder, received_at=START + timedelta(days=20), digest=digit * 64,
                         price=price, valid=True, reason=None)
        for bid, bidder, digit, price in ((BID_A, WINNER, "a", eur(1_050_000)), (BID_B, LOSER, "b", eur(1_000_000)))
    )  # fmt: skip
    # 40 * 1,000,000 / 1,050,000 = 800/21 = 38.0952; 40 * 90 / 100 = 36; 20 * 90 / 100 = 18; together 92.0952.
    ranking = (
        award.RankedBid(bid=BID_A, bidder=WINNER, rank=1, price=eur(1_050_000), price_points=Decimal("38.0952"),
                        quality_points={"concept": Decimal("36.0000"), "staff": Decimal("18.0000")},
                        total=Decimal("92.0952")),
        award.RankedBid(bid=BID_B, bidder=LOSER, rank=2, price=eur(1_000_000), price_points=Decimal("40.0000"),
                        quality_points={"concept": Decimal("20.0000"), "staff": Decimal("10.0000")},
                        total=Decimal("70.0000")),
    )  # fmt: skip
    steps = (
        {"step": "price-points", "bid": str(BID_A), "criterion": "price", "share": "20/21", "exact": "800/21"},
        {"step": "price-points", "bid": str(BID_B), "criterion": "price", "share": "1", "exact": "40"},
        {"step": "total", "bid": str(BID_A), "sum": "800/21 + 36 + 18", "exact": "1934/21"},
    )
    milestones = tuple(
        contract.Milestone(period=f"period-{number}", start=date(2026, 5 + 4 * (number - 1), 1),
                           end=date(2026, 8 + 4 * (number - 1), 31), amount=eur(525_000))
        for number in (1, 2)
    )  # fmt: skip
    return (
        ("tender", tender.Opened(ocid=OCID, tender=TENDER, opened_at=START + timedelta(days=30), bids=bids)),
        ("tender", award.Proposed(
            ocid=OCID, tender=TENDER, award=AWARD, supplier=WINNER, value=eur(1_050_000), ranking=ranking,
            formula="lowest-over-price", derivation=steps, standstill_ends_at=START + timedelta(days=45))),
        ("tender", award.Confirmed(
            ocid=OCID, tender=TENDER, award=AWARD, contract=CONTRACT, supplier=WINNER, value=eur(1_050_000),
            signature_due=START + timedelta(days=60))),
        ("tender", contract.Signed(
            ocid=OCID, tender=TENDER, award=AWARD, contract=CONTRACT, title="Home care 2026", buyer=BUYER,
            supplier=WINNER, service=SERVICE, value=eur(1_050_000), milestones=milestones,
            signed_at=START + timedelta(days=50), pack=PACK, acceleration=1)),
        ("budget", budget.Committed(ocid=OCID, contract=CONTRACT, line=LINE, amount=eur(1_050_000))),
        ("budget", budget.Released(
            ocid=OCID, line=LINE, amount=eur(150_000), available=eur(3_950_000), reason="The contract is below.")),
    )  # fmt: skip


def _until_paid() -> Journey:
    return (
        ("evaluation", inspection.SupervisorAccredited(
            supervisor="eye-ltd", name="Eye Ltd", inspection_body_type="A", valid_until=date(2028, 1, 1))),
        ("evaluation", inspection.Assigned(
            ocid=OCID, contract=CONTRACT, supervisor=Organisation(id="eye-ltd", name="Eye Ltd"),
            pool=("eye-ltd", "near-ltd"), order=("near-ltd", "eye-ltd"),
            skipped=(inspection.SkippedSupervisor(supervisor="near-ltd", rule="supervisor-independent"),),
            seed="5eed" * 16, method="vrs", report_due=START + timedelta(days=120))),
        ("evaluation", inspection.Reported(
            ocid=OCID, contract=CONTRACT, period="period-1", inspection=UUID(int=8), supervisor="eye-ltd",
            visited_on=date(2026, 8, 1),
            kpis=(inspection.Kpi(id="visits", title="Visits made", direction="higher", target=Decimal(100),
                                 observed=Decimal(86)),),
            findings=(inspection.Finding(severity="minor", text="Two visits began late."),),
            acceptance_due=START + timedelta(days=140))),
        ("evaluation", inspection.PeriodGraded(
            ocid=OCID, contract=CONTRACT, period="period-1", provider="silver-oak", score=Decimal("84.00"), grade="B",
            derivation=({"step": "score", "expression": "max(0, 86 - 2), half up", "score": "84.00"},))),
        # 525,000 at a share of 0.95: 498,750 is paid and 26,250 is held.
        ("budget", budget.Accrued(ocid=OCID, contract=CONTRACT, period="period-1", amount=eur(525_000))),
        ("budget", budget.Paid(
            ocid=OCID, contract=CONTRACT, period="period-1", payment=UUID(int=9), payee="silver-oak",
            amount=eur(498_750), grade="B", share=Decimal("0.95"), paid_at=START + timedelta(days=150))),
        ("budget", budget.Held(
            ocid=OCID, contract=CONTRACT, period="period-1", payee="silver-oak", amount=eur(26_250), grade="B",
            reason="Held until the findings are mended.")),
        ("provider-registry", provider.RecordUpdated(
            provider="silver-oak", contracts=1, periods_graded=1, rated=False, mean_score=None, latest_grade="B",
            latest_ocid=OCID)),
    )  # fmt: skip
