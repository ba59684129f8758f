"""What happens to supervisors."""

from datetime import date

from evaluation.db import supervisors as store
from evaluation.domain import supervisor as domain
from evaluation.domain.policy import POLICY
from evaluation.domain.supervisor import Supervisor
from evaluation.domain.supervisor_data import InspectionBodyType
from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import Forbidden, expect_version
from shared.platform.work import Work


async def accredit(
    work: Work,
    actor: Actor,
    *,
    organisation: str,
    name: str,
    inspection_body_type: InspectionBodyType,
    valid_until: date,
) -> Supervisor:
    """Put an inspection body on the register."""
    _not_own(actor, organisation)
    supervisor, events = domain.accredit(
        organisation=organisation,
        name=name,
        inspection_body_type=inspection_body_type,
        valid_until=valid_until,
        on=work.now.date(),
    )
    await store.add(work.connection, supervisor)
    await work.record(events)
    return supervisor


async def renew(
    work: Work,
    actor: Actor,
    organisation: str,
    *,
    version: int,
    name: str,
    inspection_body_type: InspectionBodyType,
    valid_until: date,
) -> Supervisor:
    """Accredit an inspection body anew."""
    _not_own(actor, organisation)
    before = await store.supervisor(work.connection, organisation, lock=True)
    expect_version(version, before.version)
    renewed, events = before.renew(
        name=name, inspection_body_type=inspection_body_type, valid_until=valid_until, on=work.now.date()
    )
    await store.save(work.connection, before, renewed)
    await work.record(events)
    return renewed


async def declare_conflict(work: Work, actor: Actor, organisation: str, conflict: str) -> Supervisor:
    """Declare, as the supervisor itself, a tie to another organisation."""
    before = await store.supervisor(work.connection, organisation, lock=True)
    permit_relation(POLICY, "supervisor.declare-conflict", actor, before.organisation)
    declared, events = before.declare_conflict(conflict)
    await store.save(work.connection, before, declared)
    await work.record(events)
    return declared


def _not_own(actor: Actor, organisation: str) -> None:
    if actor.organisation == organisation:
        raise Forbidden("own-accreditation", "No organisation accredits itself.")
