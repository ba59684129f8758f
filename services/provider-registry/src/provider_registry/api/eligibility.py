"""Whether a provider is eligible, and why."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from provider_registry.api.cases import At
from provider_registry.api.deps import CurrentPack, OrganisationPath
from provider_registry.domain.eligibility import Answer
from provider_registry.domain.finding import Finding, Purpose
from provider_registry.usecases import eligibility
from shared.contracts.fields import Instant
from shared.platform.access import public
from shared.platform.commands import CommandRoute
from shared.platform.reading import Now, Reading
from shared.rules.result import Verdict

router = APIRouter(tags=["eligibility"], route_class=CommandRoute)

PackName = Annotated[
    str | None, Query(max_length=100, description="The rule pack; the registry's own where none is named.")
]
ForPurpose = Annotated[Purpose, Query(alias="for", description="New tenders, new orders, or payments.")]


class FindingView(BaseModel):
    """One thing that speaks for or against the provider: `until` is the first instant at which it does not."""

    code: str
    verdict: Verdict
    text: str
    rule: str | None
    source: str | None
    evidence: list[str]
    since: Instant | None
    until: Instant | None
    missing: list[str]


class EligibilityView(BaseModel):
    """The answer: `next_change` is the first instant at which it may be another by itself."""

    organisation: str
    pack: str
    pack_version: str
    purpose: Purpose
    at: Instant
    eligible: bool
    findings: list[FindingView]
    next_change: Instant | None


@router.get("/v1/providers/{organisation}/eligibility", dependencies=[public()])
async def show_eligibility(
    connection: Reading,
    organisation: OrganisationPath,
    now: Now,
    own: CurrentPack,
    pack: PackName = None,
    at: At = None,
    purpose: ForPurpose = Purpose.TENDERS,
) -> EligibilityView:
    """Answer, with each reason, whether a provider is eligible, or was at an instant by what was known then."""
    found = await eligibility.eligible(connection, organisation, pack or own.id, purpose, at or now)
    return _view(found)


def _view(found: Answer) -> EligibilityView:
    return EligibilityView(
        organisation=found.organisation,
        pack=found.pack,
        pack_version=found.pack_version,
        purpose=found.purpose,
        at=found.at,
        eligible=found.eligible,
        findings=[finding_view(one) for one in found.findings],
        next_change=found.next_change,
    )


def finding_view(one: Finding) -> FindingView:
    """Show one finding."""
    return FindingView(
        code=one.code,
        verdict=one.verdict,
        text=one.text,
        rule=one.reference.rule if one.reference else None,
        source=one.reference.source if one.reference else None,
        evidence=list(one.evidence),
        since=one.since,
        until=one.until,
        missing=list(one.missing),
    )
