"""The parties of the demonstration. Everybody knows their secrets, so only the one-box gives tokens for them."""

from dataclasses import dataclass

DEMO_SECRET = "demo"  # noqa: S105 - known to everybody on purpose; services outside the one-box refuse its issuer


@dataclass(frozen=True, slots=True)
class Person:
    """A client of the token issuer: one person of one organisation."""

    client_id: str
    organisation: str
    organisation_name: str
    roles: tuple[str, ...]


OFFICE = ("office-harbour-county", "Harbour County, Office for Social Services")
REGISTRY = ("registry-harbour-county", "Harbour County, Provider Registry")
FINANCE = ("finance-harbour-county", "Harbour County, Finance Office")
SUPERVISION = ("supervision-harbour-county", "Harbour County, Supervision Office")
AUDIT = ("audit-harbour-county", "Harbour County, Audit Office")
SANCTIONS = ("sanctions-harbour-county", "Harbour County, Sanctions Office")
SANCTIONS_BOARD = ("sanctions-board-harbour", "Harbour Region, Sanctions Board")
REVIEW = ("review-chamber-harbour", "Harbour Region, Review Chamber")
OPERATIONS = ("operations-harbour-county", "Harbour County, IT Operations")

PEOPLE = (
    Person("registry-officer-1", *REGISTRY, ("registry-officer",)),
    Person("registry-officer-2", *REGISTRY, ("registry-officer",)),
    Person("procurement-officer", *OFFICE, ("procurement-officer",)),
    Person("procurement-head", *OFFICE, ("procurement-head",)),
    Person("programme-officer-1", *OFFICE, ("programme-officer",)),
    Person("programme-officer-2", *OFFICE, ("programme-officer",)),
    Person("contract-manager", *OFFICE, ("contract-manager",)),
    Person("expert-1", "institute-tidewater", "Tidewater Institute for Social Research", ("panel-member",)),
    Person("expert-2", "college-northbank", "Northbank College of Nursing", ("panel-member",)),
    Person("expert-3", "association-carers", "Association of Family Carers", ("panel-member",)),
    Person("expert-4", "clinic-eastpier", "Eastpier Clinic for the Elderly", ("panel-member",)),
    Person("expert-5", "union-public-service", "Public Service Union", ("panel-member",)),
    Person("finance-officer", *FINANCE, ("finance-officer",)),
    Person("finance-officer-2", *FINANCE, ("finance-officer",)),
    Person("treasurer", *FINANCE, ("treasurer",)),
    Person("accreditation-officer", *SUPERVISION, ("accreditation-officer",)),
    Person("supervision-coordinator", *SUPERVISION, ("supervision-coordinator",)),
    Person("supervisor-1", "supervisor-lighthouse", "Lighthouse Inspection", ("supervisor",)),
    Person("supervisor-2", "supervisor-beacon", "Beacon Quality Assurance", ("supervisor",)),
    Person("supervisor-3", "supervisor-sounding", "Sounding Line Evaluation", ("supervisor",)),
    Person("sanctions-officer", *SANCTIONS, ("sanctions-officer",)),
    Person("sanctions-officer-2", *SANCTIONS, ("sanctions-officer",)),
    Person("sanctions-authority", *SANCTIONS_BOARD, ("sanctions-authority",)),
    Person("sanctions-review", *REVIEW, ("sanctions-authority",)),
    Person("auditor", *AUDIT, ("auditor",)),
    Person("operator-1", *OPERATIONS, ("operator",)),
    Person("operator-2", *OPERATIONS, ("operator",)),
    Person("importer", *OPERATIONS, ("importer",)),
    Person("identity-administrator", *OPERATIONS, ("identity-administrator",)),
)
ENROLLABLE = frozenset({"provider", "supervisor"})
"""Roles that the identity administrator may give to a new client; offices are the operator's to set up."""
DEMO_OPERATORS = tuple(person.client_id for person in PEOPLE if "operator" in person.roles)
"""Who operates the one-box: two, since some things need a second person."""
