"""Cases against providers, and from what a provider is kept by them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from provider_registry.api.case_schemas import (
    AppealBody,
    AppealDecisionBody,
    CaseDecisionBody,
    CaseView,
    HearingBody,
    ReplyBody,
    ReportBody,
    RestrictionsView,
    SelfCleaningBody,
    SettlementBody,
    case_view,
    scope_view,
)
from provider_registry.api.deps import CurrentPack, OrganisationPath
from provider_registry.domain.case import Case
from provider_registry.domain.case_parts import Body, Report
from provider_registry.usecases import cases
from shared.contracts.fields import Moment
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, etag
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.reading import Now, Reading
from shared.rules.pack import pack_in_force

router = APIRouter(tags=["cases"], route_class=CommandRoute)

Known = Annotated[Actor | None, Depends(known)]
At = Annotated[Moment | None, Query(description="The instant that is asked about; now where none is named.")]


@router.post("/v1/providers/{organisation}/cases", status_code=201)
async def report_case(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: ReportBody,
    own: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("case.report")],
) -> CaseView:
    """Write down, with evidence, what a provider is said to have done; a draft is seen by who writes it alone."""
    pack = pack_in_force(body.pack, work.now.date()) if body.pack is not None else own
    report = Report(
        by=Body(actor.person, actor.organisation),
        at=work.now,
        facts=body.facts,
        evidence=tuple(body.evidence),
        event_day=body.event_day,
        fine=body.fine,
        last_day=body.last_day,
    )
    draft = await cases.report(work, organisation, report, pack, kind=body.kind, ground=body.ground, scopes=body.scopes)
    response.headers["Location"] = f"v1/cases/{draft.id}"
    return _shown(draft, actor, response)


@router.post("/v1/cases/{case}/notice")
async def notify_provider(
    work: CurrentWork, case: UUID, response: Response, actor: Annotated[Actor, allow("case.notify")]
) -> CaseView:
    """Tell the provider of a case, which may now reply."""
    return _shown(await cases.notify(work, actor, case), actor, response)


@router.post("/v1/cases/{case}/withdrawal")
async def withdraw_case(
    work: CurrentWork, case: UUID, response: Response, actor: Annotated[Actor, allow("case.withdraw")]
) -> CaseView:
    """Take a case back, as the body that reported it."""
    return _shown(await cases.withdraw(work, actor, case), actor, response)


@router.post("/v1/cases/{case}/reply")
async def reply_to_case(
    work: CurrentWork, case: UUID, body: ReplyBody, response: Response, actor: Annotated[Actor, allow("case.reply")]
) -> CaseView:
    """Reply as the provider, within the time that the rule pack gives."""
    return _shown(await cases.reply(work, actor, case, body.statement, tuple(body.evidence)), actor, response)


@router.post("/v1/cases/{case}/decision")
async def decide_case(
    work: CurrentWork,
    case: UUID,
    body: CaseDecisionBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("case.decide")],
) -> CaseView:
    """Decide as another body, once the provider has replied or the time for it is over."""
    decided = await cases.decide(
        work,
        actor,
        case,
        version=version,
        upheld=body.upheld,
        reasons=body.reasons,
        last_day=body.last_day,
        likely_to_recur=body.likely_to_recur,
    )
    return _shown(decided, actor, response)


@router.post("/v1/cases/{case}/settlement")
async def settle_case(
    work: CurrentWork,
    case: UUID,
    body: SettlementBody,
    response: Response,
    actor: Annotated[Actor, allow("case.settle")],
) -> CaseView:
    """End, on evidence, what counts until it is settled."""
    return _shown(await cases.settle(work, actor, case, tuple(body.evidence)), actor, response)


@router.post("/v1/cases/{case}/appeal")
async def appeal_case(
    work: CurrentWork, case: UUID, body: AppealBody, response: Response, actor: Annotated[Actor, allow("case.appeal")]
) -> CaseView:
    """Appeal as the provider; what was decided holds meanwhile."""
    return _shown(await cases.appeal(work, actor, case, body.grounds), actor, response)


@router.post("/v1/cases/{case}/appeal/decision")
async def decide_appeal(
    work: CurrentWork,
    case: UUID,
    body: AppealDecisionBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("case.decide-appeal")],
) -> CaseView:
    """Decide an appeal as a body that has decided nothing in the case before."""
    decided = await cases.decide_appeal(work, actor, case, version=version, upheld=body.upheld, reasons=body.reasons)
    return _shown(decided, actor, response)


@router.post("/v1/cases/{case}/self-cleaning")
async def offer_self_cleaning(
    work: CurrentWork,
    case: UUID,
    body: SelfCleaningBody,
    response: Response,
    actor: Annotated[Actor, allow("case.offer-self-cleaning")],
) -> CaseView:
    """Show as the provider what was done so that it does not happen again."""
    offered = await cases.offer_self_cleaning(work, actor, case, body.measures, tuple(body.evidence))
    return _shown(offered, actor, response)


@router.post("/v1/cases/{case}/self-cleaning/decision")
async def hear_self_cleaning(
    work: CurrentWork,
    case: UUID,
    body: HearingBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("case.hear-self-cleaning")],
) -> CaseView:
    """Decide with reasons whether the provider has cleaned itself; if it has, the case keeps it from nothing more."""
    heard = await cases.hear_self_cleaning(
        work, actor, case, version=version, accepted=body.accepted, reasons=body.reasons
    )
    return _shown(heard, actor, response)


@router.get("/v1/cases/{case}", dependencies=[public()])
async def show_case(connection: Reading, case: UUID, actor: Known, response: Response) -> CaseView:
    """Show a case; what was written in it is shown to the parties alone."""
    return _shown(await cases.case(connection, case, actor), actor, response)


@router.get("/v1/providers/{organisation}/cases", dependencies=[public()])
async def list_cases(
    connection: Reading, organisation: OrganisationPath, actor: Known, after: AfterId, limit: Limit = 50
) -> Page[CaseView]:
    """List the cases that a provider was told of, oldest first."""
    found = await cases.told_of(connection, organisation, after, limit + 1)
    return page((case_view(one, actor) for one in found), limit)


@router.get("/v1/providers/{organisation}/restrictions", dependencies=[public()])
async def show_restrictions(
    connection: Reading, organisation: OrganisationPath, now: Now, at: At = None
) -> RestrictionsView:
    """Show from what a provider is kept, or was at an instant: new tenders, new orders, payments."""
    instant = at or now
    found = await cases.restricted(connection, organisation, instant)
    scopes = {purpose.value: scope_view(those) for purpose, those in found.items()}
    return RestrictionsView(organisation=organisation, at=instant, **scopes)


def _shown(case: Case, actor: Actor | None, response: Response) -> CaseView:
    response.headers["ETag"] = etag(case.version)
    return case_view(case, actor)
