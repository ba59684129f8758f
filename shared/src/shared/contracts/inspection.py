"""Topic `inspection`: how the service is delivered, seen by a third party."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts.event import Data, EventData, Organisation
from shared.contracts.fields import DecimalText, Instant, LongText, OrganisationId, ShortText
from shared.contracts.subject import OfContract

OWNER = "evaluation"


class SkippedSupervisor(Data):
    """A supervisor the draw passed over, and the rule it did so by."""

    supervisor: OrganisationId
    rule: ShortText


class Kpi(Data):
    """A key performance indicator, its target and what was observed."""

    id: ShortText
    title: ShortText
    direction: ShortText
    target: DecimalText
    observed: DecimalText


class Finding(Data):
    """Something that is not as agreed."""

    severity: ShortText
    text: LongText


class Measurement(Data):
    """What a supervisor measured of one indicator."""

    kpi: ShortText
    value: DecimalText


class SupervisorAccredited(EventData, type="inspection.supervisor-accredited.v1", owner=OWNER, key="supervisor"):
    """An independent third party may be drawn to supervise (ISO/IEC 17020 type) until the date given."""

    supervisor: OrganisationId
    name: ShortText
    inspection_body_type: ShortText
    valid_until: date


class ConflictDeclared(EventData, type="inspection.conflict-declared.v1", owner=OWNER, key="supervisor"):
    """A supervisor declared a tie to an organisation; it is not drawn for that organisation's contracts any more."""

    supervisor: OrganisationId
    organisation: OrganisationId


class Assigned(OfContract, type="inspection.assigned.v1", owner=OWNER):
    """A supervisor was drawn; with seed and pool anybody can repeat the draw."""

    supervisor: Organisation
    pool: tuple[OrganisationId, ...]
    order: tuple[OrganisationId, ...]
    skipped: tuple[SkippedSupervisor, ...]
    seed: ShortText
    method: ShortText
    report_due: Instant


class Reported(OfContract, type="inspection.reported.v1", owner=OWNER):
    """The supervisor reported on a period."""

    period: ShortText
    inspection: UUID
    supervisor: OrganisationId
    visited_on: date
    kpis: tuple[Kpi, ...]
    findings: tuple[Finding, ...]
    acceptance_due: Instant


class PeriodGraded(OfContract, type="inspection.period-graded.v1", owner=OWNER):
    """The office accepted a period; its grade, and what was measured, decide what is paid."""

    period: ShortText
    provider: OrganisationId
    score: DecimalText
    grade: ShortText
    derivation: tuple[dict[str, Any], ...]
    kpis: tuple[Measurement, ...] | None = None


class Closed(OfContract, type="inspection.closed.v1", owner=OWNER):
    """The contract has ended, and no period of it will be graded any more."""

    not_accepted: tuple[ShortText, ...]
