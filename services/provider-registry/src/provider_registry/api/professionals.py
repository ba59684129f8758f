"""Professionals of providers; who they are their employers see, and everybody how many."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from provider_registry.api.deps import CurrentPack, OrganisationPath
from provider_registry.api.professional_schemas import (
    CertificateBody,
    CountBody,
    CountView,
    DepartureBody,
    EmploymentBody,
    HoursBody,
    HoursView,
    MoveBody,
    OrganisationCount,
    ProfessionalView,
    SkillBody,
    UndecidedHoursView,
)
from provider_registry.usecases import professionals
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.reading import Now, Reading
from shared.platform.rule_routes import QuestionRoute

router = APIRouter(tags=["professionals"], route_class=CommandRoute)
questions = APIRouter(tags=["professionals"], route_class=QuestionRoute)

ProfessionalPath = Annotated[UUID, Path(description="The professional's id.")]
Entering = Annotated[Actor, allow("professional.enter")]
Deciding = Annotated[Actor, allow("professional.decide-hours")]
Insight = Annotated[Actor, allow("evidence.read")]


@router.post("/v1/providers/{organisation}/professionals", status_code=201)
async def employ_professional(
    work: CurrentWork, organisation: OrganisationPath, body: EmploymentBody, pack: CurrentPack, actor: Entering
) -> ProfessionalView:
    """Enter a person whom the organisation employs."""
    entered = await professionals.employ(work, actor, organisation, body.name, body.since, pack)
    return ProfessionalView.model_validate(entered)


@router.post("/v1/providers/{organisation}/professionals/moves", status_code=201)
async def take_over_professional(
    work: CurrentWork, organisation: OrganisationPath, body: MoveBody, pack: CurrentPack, actor: Entering
) -> ProfessionalView:
    """Take over, as the next employer, the person who holds a certificate; practice and certificates come along."""
    moved = await professionals.move(work, actor, organisation, body.issuer, body.number, body.since, pack)
    return ProfessionalView.model_validate(moved)


@router.get("/v1/providers/{organisation}/professionals")
async def list_professionals(
    connection: Reading, organisation: OrganisationPath, actor: Insight
) -> list[ProfessionalView]:
    """List the professionals of an organisation."""
    found = await professionals.of(connection, actor, organisation)
    return [ProfessionalView.model_validate(one) for one in found]


@router.get("/v1/providers/{organisation}/undecided-hours")
async def list_undecided_hours(
    connection: Reading, organisation: OrganisationPath, actor: Insight
) -> list[UndecidedHoursView]:
    """List the hours that an organisation, as the employer of the time, has not decided on."""
    return [
        UndecidedHoursView(professional=one.id, name=one.name, hours=HoursView.model_validate(hours))
        for one, hours in await professionals.undecided_hours(connection, actor, organisation)
    ]


@router.post("/v1/professionals/{professional}/departure")
async def end_employment(
    work: CurrentWork, professional: ProfessionalPath, body: DepartureBody, pack: CurrentPack, actor: Entering
) -> ProfessionalView:
    """End the employment with its last day."""
    return ProfessionalView.model_validate(await professionals.leave(work, actor, professional, body.until, pack))


@router.post("/v1/professionals/{professional}/certificates")
async def enter_certificate(
    work: CurrentWork, professional: ProfessionalPath, body: CertificateBody, pack: CurrentPack, actor: Entering
) -> ProfessionalView:
    """Enter a certificate; it counts once an officer has confirmed it."""
    certificate = body.certificate(actor.person)
    return ProfessionalView.model_validate(await professionals.certify(work, actor, professional, certificate, pack))


@router.post("/v1/professionals/{professional}/certificates/{certificate}/confirmation")
async def confirm_certificate(
    work: CurrentWork,
    professional: ProfessionalPath,
    certificate: Annotated[UUID, Path(description="The certificate's id.")],
    pack: CurrentPack,
    actor: Annotated[Actor, allow("professional.confirm-certificate")],
) -> ProfessionalView:
    """Confirm, as an officer who did not enter it, that a certificate is genuine."""
    confirmed = await professionals.confirm_certificate(work, actor, professional, certificate, pack)
    return ProfessionalView.model_validate(confirmed)


@router.post("/v1/professionals/{professional}/hours")
async def log_hours(
    work: CurrentWork, professional: ProfessionalPath, body: HoursBody, pack: CurrentPack, actor: Entering
) -> ProfessionalView:
    """Log hours of practice; they count once the employer of that time has confirmed them."""
    logged = await professionals.log_hours(work, actor, professional, body.first_day, body.last_day, body.hours, pack)
    return ProfessionalView.model_validate(logged)


@router.post("/v1/professionals/{professional}/hours/{hours}/confirmation")
async def confirm_hours(
    work: CurrentWork, professional: ProfessionalPath, hours: UUID, pack: CurrentPack, actor: Deciding
) -> HoursView:
    """Confirm hours as the employer of that time, another person than who logged them."""
    decided = await professionals.decide_hours(work, actor, professional, hours, pack, confirmed=True)
    return HoursView.model_validate(decided)


@router.post("/v1/professionals/{professional}/hours/{hours}/rejection")
async def reject_hours(
    work: CurrentWork, professional: ProfessionalPath, hours: UUID, pack: CurrentPack, actor: Deciding
) -> HoursView:
    """Say as the employer of that time that hours were not worked."""
    decided = await professionals.decide_hours(work, actor, professional, hours, pack, confirmed=False)
    return HoursView.model_validate(decided)


@router.post("/v1/professionals/{professional}/skills")
async def note_assessment(
    work: CurrentWork, professional: ProfessionalPath, body: SkillBody, pack: CurrentPack, actor: Entering
) -> ProfessionalView:
    """Note how an assessment of a skill came out."""
    assessed = await professionals.assess(work, actor, professional, body.assessment(), pack)
    return ProfessionalView.model_validate(assessed)


@questions.post("/v1/professionals/count", dependencies=[public()])
async def count_professionals(connection: Reading, now: Now, pack: CurrentPack, body: CountBody) -> CountView:
    """Answer in numbers whether organisations together have at least so many professionals with a certificate."""
    at = body.at or now
    organisations = list(dict.fromkeys(body.organisations))
    counted = await professionals.answer(
        connection, body.question(), organisations, at=at, now=now, on=pack.calendar.day_of(at)
    )
    total = sum(counted.values())
    return CountView(
        at=at,
        organisations=[OrganisationCount(organisation=name, professionals=counted[name]) for name in organisations],
        professionals=total,
        at_least=body.at_least,
        satisfied=total >= body.at_least,
    )
