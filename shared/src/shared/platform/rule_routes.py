"""The rule packs, and questions put to them: for anybody, and nothing is changed by asking."""

from collections.abc import Callable, Coroutine
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.routing import APIRoute

from shared.kernel.errors import Invalid, NotAllowed, NotFound
from shared.platform import strict_json
from shared.platform.access import public
from shared.platform.problems import EdgeProblem
from shared.platform.rule_questions import (
    AbnormallyLowQuestion,
    CheckQuestion,
    DeadlineQuestion,
    PaymentQuestion,
    ScoreQuestion,
)
from shared.platform.rule_schemas import (
    AbnormallyLowAnswer,
    CheckAnswer,
    DeadlineAnswer,
    PackView,
    PaymentAnswer,
    ScoreAnswer,
    pack_view,
)
from shared.rules.pack import RulePack, available_packs, load_pack, pack_in_force
from shared.rules.questions import abnormally_low, checks, deadlines, payment, scoring

PackPath = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]
Day = Annotated[date | None, Query(description="The day that a procedure starts; without it, the newest version.")]


class QuestionRoute(APIRoute):
    """A route that answers the question in its body: it changes nothing, so it needs no Idempotency-Key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Hold the body to unambiguous JSON before the route's own handler reads it."""
        handle = super().get_route_handler()

        async def question(request: Request) -> Response:
            strict = strict_json.StrictRequest(request.scope, request.receive)
            if request.method == "POST":
                await _check_body(strict)
            return await handle(strict)

        return question


async def _check_body(request: strict_json.StrictRequest) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise EdgeProblem(415, "media-type-unsupported", "The body is read as application/json.")
    await request.json()


router = APIRouter(tags=["rules"], route_class=QuestionRoute)


@router.get("/v1/packs", dependencies=[public()])
async def list_packs() -> list[str]:
    """List the rule packs."""
    return list(available_packs())


@router.get("/v1/packs/{pack_id}", dependencies=[public()])
async def show_pack(pack_id: PackPath, on: Day = None) -> PackView:
    """Show a rule pack, every rule with its source and how far that was verified."""
    return pack_view(pack_on(pack_id, on))


# These take a while for many bids: FastAPI runs them beside the event loop.
@router.post("/v1/rules/score", dependencies=[public()])
def ask_score(document: ScoreQuestion) -> ScoreAnswer:
    """Rank bids by a formula, with the derivation of every figure."""
    return ScoreAnswer.model_validate(_answered(scoring.answer, document))


@router.post("/v1/rules/abnormally-low", dependencies=[public()])
def ask_abnormally_low(document: AbnormallyLowQuestion) -> AbnormallyLowAnswer:
    """Find the bids that are so low that their bidders have to be asked; nothing is decided by that."""
    return AbnormallyLowAnswer.model_validate(_answered(abnormally_low.answer, document))


@router.post("/v1/rules/deadline", dependencies=[public()], response_model_exclude_unset=True)
def ask_deadline(document: DeadlineQuestion) -> DeadlineAnswer:
    """Reckon the last day of a period, step by step."""
    return DeadlineAnswer.model_validate(_answered(deadlines.answer, document))


@router.post("/v1/rules/check", dependencies=[public()])
def ask_check(document: CheckQuestion) -> CheckAnswer:
    """Hold facts to every rule of a pack that can be checked on facts."""
    return CheckAnswer.model_validate(_answered(checks.answer, document))


@router.post("/v1/rules/payment", dependencies=[public()])
def ask_payment(document: PaymentQuestion) -> PaymentAnswer:
    """Settle a period's amount by a payment formula: what is paid, held and deducted, step by step."""
    return PaymentAnswer.model_validate(_answered(payment.answer, document))


def pack_on(pack_id: str, on: date | None) -> RulePack:
    """Return the version of a pack that is in force on a day, the newest if none is named.

    Raises:
        NotFound: not-found, or pack-not-in-force.
    """
    if pack_id not in available_packs():
        raise NotFound("not-found", "There is no such rule pack.")
    try:
        return load_pack(pack_id) if on is None else pack_in_force(pack_id, on)
    except NotAllowed as refusal:
        raise NotFound(refusal.code, refusal.detail, satisfied_by=refusal.satisfied_by) from refusal


def _answered(answer: Callable[[Any], dict[str, Any]], document: Any) -> dict[str, Any]:
    try:
        return answer(document)
    except Invalid as refusal:
        if refusal.pointer is None:
            raise
        raise Invalid(
            refusal.code,
            refusal.detail,
            reference=refusal.reference,
            satisfied_by=refusal.satisfied_by,
            pointer=f"/body{refusal.pointer}",
        ) from refusal
