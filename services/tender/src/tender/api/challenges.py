"""Challenges: question, answer, complaint, decision."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from shared.contracts.fields import Instant, LongText, Sha256
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.reading import Reading
from shared.platform.work import Work
from tender.api.schemas import Code, PartyView, Request, View
from tender.domain.challenge import Challenge, ChallengeStatus, Ground, Matter, Remedy, Statement
from tender.domain.challenge_parties import Insight
from tender.usecases import challenges

router = APIRouter(tags=["challenges"], route_class=CommandRoute)

Challenger = Annotated[Actor, allow("challenge.raise")]
Decider = Annotated[Actor, allow("challenge.decide")]
Reader = Annotated[Actor | None, Depends(known)]


class ChallengeBody(Request):
    """What is challenged, for which lot if for one, why, and what is asked for; evidence by its digests."""

    relates_to: Matter
    lot: Code | None = None
    ground: Ground
    arguments: LongText
    evidence: Annotated[list[Sha256], Field(max_length=50)]
    remedies: Annotated[list[Remedy], Field(min_length=1, max_length=len(Remedy))]


class AnswerBody(Request):
    """The office's answer, which concedes nothing."""

    answer: LongText


class ConcessionBody(Request):
    """The office's answer, and how what was wrong is put right, which is done at once."""

    answer: LongText
    remedy: Remedy = Remedy.NONE


class ComplaintBody(Request):
    arguments: LongText


class AdmissionBody(Request):
    admitted: bool
    reason: LongText


class DecisionBody(Request):
    """The decision; what is ordered is done at once, for the lot of the challenge or for all."""

    upheld: bool
    reason: LongText
    remedy: Remedy


class ChallengeView(View):
    """A challenge; who raised it is named after the opening, what is argued is read by the parties and who decides."""

    id: UUID
    ocid: str
    tender: UUID
    challenger: PartyView | None
    relates_to: Matter
    lot: str | None
    ground: Ground
    remedies: list[Remedy]
    status: ChallengeStatus
    raised_at: Instant
    due_at: Instant | None
    complaint_until: Instant
    decision: str | None
    remedy: Remedy | None
    arguments: str | None = None
    evidence: list[Sha256] | None = None
    answer: str | None = None
    complaint: str | None = None


@router.post("/v1/tenders/{tender_id}/challenges", status_code=201)
async def raise_challenge(
    work: CurrentWork, tender_id: UUID, body: ChallengeBody, response: Response, actor: Challenger
) -> ChallengeView:
    """Challenge the documents, the opening, the qualification, the evaluation or the award, in time."""
    statement = Statement(
        relates_to=body.relates_to,
        lot=body.lot,
        ground=body.ground,
        arguments=body.arguments,
        evidence=tuple(body.evidence),
        remedies=tuple(body.remedies),
    )
    challenge = await challenges.raise_question(work, actor, tender_id, statement)
    response.headers["Location"] = f"v1/challenges/{challenge.id}"
    return await _seen(work, challenge, actor)


@router.post("/v1/challenges/{challenge_id}/answer")
async def answer_challenge(
    work: CurrentWork, challenge_id: UUID, body: AnswerBody, actor: Annotated[Actor, allow("challenge.answer")]
) -> ChallengeView:
    """Answer a challenge as the office that buys, without conceding it."""
    challenge = await challenges.answer(work, actor, challenge_id, body.answer, conceded=False, remedy=Remedy.NONE)
    return await _seen(work, challenge, actor)


@router.post("/v1/challenges/{challenge_id}/concession")
async def concede_challenge(
    work: CurrentWork, challenge_id: UUID, body: ConcessionBody, actor: Annotated[Actor, allow("challenge.concede")]
) -> ChallengeView:
    """Concede a challenge as the head of the office that buys: nobody else takes back what the office decided."""
    challenge = await challenges.answer(work, actor, challenge_id, body.answer, conceded=True, remedy=body.remedy)
    return await _seen(work, challenge, actor)


@router.post("/v1/challenges/{challenge_id}/complaint")
async def file_complaint(
    work: CurrentWork, challenge_id: UUID, body: ComplaintBody, actor: Challenger
) -> ChallengeView:
    """Take the answer, or its absence, to the body that decides complaints."""
    return await _seen(work, await challenges.complain(work, actor, challenge_id, body.arguments), actor)


@router.post("/v1/challenges/{challenge_id}/withdrawal")
async def withdraw_challenge(work: CurrentWork, challenge_id: UUID, actor: Challenger) -> ChallengeView:
    """Give one's own challenge up."""
    return await _seen(work, await challenges.withdraw(work, actor, challenge_id), actor)


@router.post("/v1/challenges/{challenge_id}/admission")
async def admit_complaint(work: CurrentWork, challenge_id: UUID, body: AdmissionBody, actor: Decider) -> ChallengeView:
    """Decide whether a complaint is looked into."""
    return await _seen(
        work, await challenges.admit(work, actor, challenge_id, body.reason, admitted=body.admitted), actor
    )


@router.post("/v1/challenges/{challenge_id}/decision")
async def decide_complaint(work: CurrentWork, challenge_id: UUID, body: DecisionBody, actor: Decider) -> ChallengeView:
    """Decide a complaint as a body that has no part in the procedure."""
    challenge = await challenges.decide(work, actor, challenge_id, body.reason, upheld=body.upheld, remedy=body.remedy)
    return await _seen(work, challenge, actor)


@router.get("/v1/tenders/{tender_id}/challenges", dependencies=[public()])
async def list_challenges(connection: Reading, tender_id: UUID, actor: Reader) -> list[ChallengeView]:
    """List the challenges of a procedure."""
    return [_shown(*item) for item in await challenges.listed(connection, tender_id, actor)]


@router.get("/v1/challenges/{challenge_id}", dependencies=[public()])
async def show_challenge(connection: Reading, challenge_id: UUID, actor: Reader) -> ChallengeView:
    """Show a challenge."""
    return _shown(*await challenges.one(connection, challenge_id, actor))


async def _seen(work: Work, challenge: Challenge, actor: Actor) -> ChallengeView:
    return _shown(*await challenges.seen(work.connection, challenge, actor))


def _shown(challenge: Challenge, insight: Insight) -> ChallengeView:
    said, parties = challenge.statement, insight.arguments
    return ChallengeView(
        id=challenge.id,
        ocid=challenge.ocid,
        tender=challenge.tender,
        challenger=PartyView.model_validate(challenge.challenger) if insight.challenger else None,
        relates_to=said.relates_to,
        lot=said.lot,
        ground=said.ground,
        remedies=list(said.remedies),
        status=challenge.status,
        raised_at=challenge.raised_at,
        due_at=challenge.due_at,
        complaint_until=challenge.complaint_until,
        decision=challenge.decision,
        remedy=challenge.remedy,
        arguments=said.arguments if parties else None,
        evidence=list(said.evidence) if parties else None,
        answer=challenge.answer if parties else None,
        complaint=challenge.complaint if parties else None,
    )
