"""Supervisors over the wire."""

from datetime import date

from evaluation.api.schemas.common import Request, View
from evaluation.domain.supervisor_data import InspectionBodyType
from shared.contracts.fields import Day, OrganisationId, ShortText


class Renewal(Request):
    name: ShortText
    inspection_body_type: InspectionBodyType
    valid_until: Day


class Accreditation(Renewal):
    organisation: OrganisationId


class Conflict(Request):
    organisation: OrganisationId


class SupervisorView(View):
    """A supervisor; `conflicts` names the organisations whose contracts it is not drawn for."""

    organisation: str
    name: str
    inspection_body_type: InspectionBodyType
    valid_until: date
    conflicts: list[str]
