"""The registry's API."""

from typing import Annotated

from fastapi import APIRouter, Response

from provider_registry.api.deps import CurrentPack, OrganisationPath
from provider_registry.api.instants import PastInstant
from provider_registry.api.schemas import (
    Change,
    IdentifierSchemeView,
    LegalFormView,
    ProviderView,
    Refusal,
    Registration,
    Submission,
    legal_form_view,
    provider_view,
    scheme_view,
)
from provider_registry.api.showing import shown
from provider_registry.domain.identifier_schemes import identifier_schemes
from provider_registry.domain.legal_forms import legal_forms
from provider_registry.domain.provider_data import Evidence, Status
from provider_registry.usecases import commands, queries
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, RequiredIfMatch
from shared.platform.operations import OverdueItem
from shared.platform.paging import Cursor, Limit, Page, page, read_name
from shared.platform.reading import Now, Reading

router = APIRouter(tags=["providers"], route_class=CommandRoute)


@router.post("/v1/providers", status_code=201)
async def register_provider(
    work: CurrentWork,
    body: Registration,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("provider.register")],
) -> ProviderView:
    """Enter the organisation that the token speaks for."""
    provider = await commands.register(work, actor, body.entry(), pack)
    response.headers["Location"] = f"v1/providers/{provider.organisation}"
    return shown(provider, response)


@router.put("/v1/providers/{organisation}")
async def change_provider(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: Change,
    pack: CurrentPack,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("provider.change")],
) -> ProviderView:
    """Correct an entry; it is verified anew afterwards, and a name that it had is kept as a former one."""
    provider = await commands.change(
        work,
        actor,
        organisation,
        version=version,
        name=body.name,
        legal_form=body.legal_form,
        identifiers=body.identifiers(),
        pack=pack,
    )
    return shown(provider, response)


@router.post("/v1/providers/{organisation}/evidence")
async def submit_evidence(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: Submission,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("provider.submit-evidence")],
) -> ProviderView:
    """Put evidence forward to be checked by two officers."""
    evidence = tuple(Evidence(item.document_type, item.digest, item.valid_until) for item in body.evidence)
    provider = await commands.submit_evidence(work, actor, organisation, evidence, pack)
    return shown(provider, response)


@router.post("/v1/providers/{organisation}/check")
async def check_provider(
    work: CurrentWork,
    organisation: OrganisationPath,
    response: Response,
    actor: Annotated[Actor, allow("provider.check")],
) -> ProviderView:
    """Find, as the first officer, that the evidence holds."""
    return shown(await commands.check(work, actor, organisation), response)


@router.post("/v1/providers/{organisation}/verification")
async def verify_provider(
    work: CurrentWork,
    organisation: OrganisationPath,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("provider.verify")],
) -> ProviderView:
    """Verify, as the second officer; from now on the provider may bid."""
    return shown(await commands.verify(work, actor, organisation, pack), response)


@router.post("/v1/providers/{organisation}/refusal")
async def refuse_provider(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: Refusal,
    response: Response,
    _: Annotated[Actor, allow("provider.refuse")],
) -> ProviderView:
    """Send the evidence back with a reason."""
    return shown(await commands.refuse(work, organisation, body.reason), response)


@router.get("/v1/providers", dependencies=[public()])
async def list_providers(
    connection: Reading, cursor: Cursor = None, limit: Limit = 50, status: Status | None = None
) -> Page[ProviderView]:
    """List providers."""
    found = await queries.providers(connection, read_name(cursor), limit + 1, status)
    return page(map(provider_view, found), limit, by="organisation")


@router.get("/v1/providers/{organisation}", dependencies=[public()])
async def show_provider(
    connection: Reading, organisation: OrganisationPath, response: Response, at: PastInstant
) -> ProviderView:
    """Show one provider, as it is or as it was at an instant."""
    return shown(await queries.provider(connection, organisation, at), response)


@router.get("/v1/legal-forms", dependencies=[public()], tags=["reference"])
async def list_legal_forms() -> list[LegalFormView]:
    """List the legal forms that providers may have."""
    return [legal_form_view(form) for form in legal_forms().values()]


@router.get("/v1/identifier-schemes", dependencies=[public()], tags=["reference"])
async def list_identifier_schemes() -> list[IdentifierSchemeView]:
    """List the registers whose numbers are taken, by the codes of org-id.guide."""
    return [scheme_view(scheme) for scheme in identifier_schemes().values()]


@router.get("/v1/overdue", dependencies=[public()], tags=["operations"])
async def list_overdue(connection: Reading, now: Now) -> list[OverdueItem]:
    """List what has waited longer than its term."""
    return [OverdueItem.model_validate(item) for item in await queries.overdue(connection, now)]
