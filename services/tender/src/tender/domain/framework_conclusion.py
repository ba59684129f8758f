"""How a framework agreement comes to be: from the confirmed proposal, never typed."""

from datetime import datetime
from uuid import UUID

from shared.kernel.calendar import DAY
from shared.kernel.clock import hasten
from shared.kernel.money import zero
from shared.rules.pack import RulePack
from tender.domain.framework import Framework
from tender.domain.framework_events import FrameworkConcluded, FrameworkEvent
from tender.domain.framework_parts import Member
from tender.domain.parts import FrameworkProposal
from tender.domain.tender import Tender


def conclude(
    tender: Tender, lot: str, proposal: FrameworkProposal, *, identifier: UUID, at: datetime, pack: RulePack
) -> tuple[Framework, tuple[FrameworkEvent, ...]]:
    """Make the framework agreement that the confirmed proposal says."""
    terms, of = tender.content.framework, tender.lot(lot)
    assert terms is not None  # noqa: S101 - a proposal is made for a framework agreement alone
    first = max(terms.start, pack.calendar.day_of(at))
    begins, over = (pack.calendar.end_of(day) for day in (first - DAY, terms.end))
    framework = Framework(
        id=identifier,
        version=0,
        ocid=tender.ocid,
        tender=tender.id,
        lot=lot,
        title=tender.title_of(lot),
        buyer=tender.buyer,
        service=tender.service,
        open=tender.content.procurement.method == "framework-open",
        ceiling=of.value,
        called_off=zero(of.value.currency),
        members=tuple(
            Member(supplier, rank, zero(of.value.currency)) for rank, supplier in enumerate(proposal.suppliers, 1)
        ),
        start=terms.start,
        end=terms.end,
        starts_at=hasten(at, max(begins, at), tender.acceleration),
        ends_at=hasten(at, max(over, at), tender.acceleration),
        stage_two=terms.stage_two,
        pack=tender.pack,
        pack_version=tender.pack_version,
        acceleration=tender.acceleration,
        terms=tender.content.contract_terms.of_orders,
    )
    concluded, event = framework.telling(
        FrameworkConcluded,
        lot=lot,
        title=tender.title_of(lot),
        suppliers=proposal.suppliers,
        ceiling=of.value,
        start=terms.start,
        end=terms.end,
        stage_two=terms.stage_two,
    )
    return concluded, (event,)
