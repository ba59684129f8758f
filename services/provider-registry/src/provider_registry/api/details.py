"""Who runs, owns and forms a provider, and where it has its seat."""

from typing import Annotated

from fastapi import APIRouter, Response

from provider_registry.api.deps import OrganisationPath
from provider_registry.api.detail_schemas import (
    ContactDetails,
    Members,
    Owners,
    People,
    PeopleView,
    people_view,
)
from provider_registry.api.instants import PastInstant
from provider_registry.api.schemas import ProviderView
from provider_registry.api.showing import shown
from provider_registry.usecases import details, queries
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork, RequiredIfMatch
from shared.platform.reading import Reading

router = APIRouter(tags=["providers"], route_class=CommandRoute)
Changing = Annotated[Actor, allow("provider.change")]


@router.put("/v1/providers/{organisation}/contact")
async def change_contact(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: ContactDetails,
    version: RequiredIfMatch,
    response: Response,
    actor: Changing,
) -> ProviderView:
    """Say where the organisation has its seat and whom to ask; its verification stays."""
    provider = await details.change_contact(
        work,
        actor,
        organisation,
        version=version,
        address=body.address.value() if body.address else None,
        contact=body.contact.value() if body.contact else None,
    )
    return shown(provider, response)


@router.put("/v1/providers/{organisation}/people")
async def name_people(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: People,
    version: RequiredIfMatch,
    response: Response,
    actor: Changing,
) -> ProviderView:
    """Name who has which role, those who had one before among them; its verification stays."""
    people = tuple(one.value() for one in body.people)
    return shown(await details.name_people(work, actor, organisation, version=version, people=people), response)


@router.put("/v1/providers/{organisation}/owners")
async def name_owners(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: Owners,
    version: RequiredIfMatch,
    response: Response,
    actor: Changing,
) -> ProviderView:
    """Name who owns or controls the organisation; a verification under other owners ends."""
    owners = tuple(one.value() for one in body.owners)
    return shown(await details.name_owners(work, actor, organisation, version=version, owners=owners), response)


@router.put("/v1/providers/{organisation}/members")
async def form_consortium(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: Members,
    version: RequiredIfMatch,
    response: Response,
    actor: Changing,
) -> ProviderView:
    """Name the organisations of a consortium; a verification with other members ends."""
    provider = await details.form_consortium(work, actor, organisation, version=version, members=body.values())
    return shown(provider, response)


@router.get("/v1/providers/{organisation}/people")
async def show_people(
    connection: Reading,
    organisation: OrganisationPath,
    actor: Annotated[Actor, allow("provider.read-people")],
    at: PastInstant,
) -> PeopleView:
    """Show people, owners and contact of a provider to itself, to the registry and to auditors."""
    return people_view(await queries.own_provider(connection, actor, organisation, at))
