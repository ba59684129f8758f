"""From private sheets to the scores that the ranking takes: revealed at once, agreed on, signed, locked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from shared.kernel.errors import Forbidden, Invalid, NotAllowed
from shared.rules.facts import FactValue
from shared.rules.pack import RulePack
from tender.domain.award import Score, ScoreSheet, check_levels
from tender.domain.panel import Panel, scoring_due
from tender.domain.panel_conflicts import undeclared
from tender.domain.panel_events import RoundOpened, ScoresLocked, ScoresRevealed
from tender.domain.panel_obstacles import hold_to
from tender.domain.panel_parts import LIFECYCLE, Agreed, FinalScore, MemberScore, PanelStatus, Signature, Vote
from tender.domain.parts import Status
from tender.domain.portions import portions, size_told
from tender.domain.roles import Part, take_part
from tender.domain.tender import Tender
from tender.domain.withheld import Withheld, final_content, is_public, scores_content, withhold

_FOUR_PLACES = Decimal("0.0001")
CHANGES = "committee.score-changes"


def may_score(panel: Panel, tender: Tender, person: str, organisation: str, pack: RulePack) -> None:
    """Admit a member's sheet; whoever has taken another part in the procedure since does not score.

    Raises:
        Forbidden: not-on-panel; roles-incompatible, also where the organisation it speaks for bids.
        NotAllowed: declaration-missing, panel-not-seated.
    """
    seat = panel.member(person)
    if seat.ties is None:
        raise NotAllowed(
            "declaration-missing",
            "Nobody scores before declaring their interests.",
            reference=pack.reference("committee.conflicts-declared"),
            satisfied_by="Your declaration of interests.",
        )
    take_part(Part(person, organisation, "committee-member"), panel.parts(tender), tender, pack)
    LIFECYCLE.admit("reveal", panel.status)


def may_reveal(panel: Panel, tender: Tender, person: str, scored: Sequence[str], pack: RulePack) -> None:
    """Admit the revelation of all sheets at once.

    Raises:
        Forbidden: not-on-panel, not-chair.
        NotAllowed: tender-not-evaluation, panel-not-seated, declarations-missing; sheets-missing, without saying whose.
    """
    tender.expect(Status.EVALUATION)
    _chair(panel, person)
    LIFECYCLE.admit("reveal", panel.status)
    missing = Fraction(undeclared(panel))
    facts = {"committee.members_without_declaration": missing}
    hold_to(facts, pack, "declarations-missing", "Not every member has declared their interests.")
    if not {seat.person for seat in panel.members} <= set(scored):
        raise NotAllowed(
            "sheets-missing",
            "Scores are revealed once every member has submitted a sheet.",
            satisfied_by="The sheets of all members.",
        )


def reveal(
    panel: Panel, tender: Tender, person: str, sheets: Sequence[ScoreSheet], *, at: datetime, pack: RulePack, salt: str
) -> tuple[Panel, tuple[ScoresRevealed, ...]]:
    """Reveal all sheets at once, and lock them; the salt is that of their digest, where they are not public.

    Raises:
        Forbidden, NotAllowed: what may_reveal() refuses.
    """
    may_reveal(panel, tender, person, [sheet.member for sheet in sheets], pack)
    labels = {seat.person: seat.label for seat in panel.members}
    scores = tuple(
        MemberScore(labels[sheet.member], score.bid, score.criterion, score.value)
        for sheet in sorted(sheets, key=lambda sheet: str(labels.get(sheet.member)))
        if sheet.member in labels
        for score in sheet.scores
    )
    withheld = None if is_public(pack) else withhold(scores_content(scores), salt)
    told = portions(scores if withheld is None else (), size_told)
    after = replace(
        panel,
        version=panel.version + len(told),
        status=LIFECYCLE.move("reveal", panel.status, PanelStatus.REVEALED),
        due_at=_signing_due(tender, at, pack),
        scores=scores,
    )
    return after, tuple(
        ScoresRevealed(
            **panel.of(panel.version + part),
            round=panel.round,
            scores=given,
            scored=len(scores),
            **_sealed(withheld),
            part=part,
            parts=len(told),
        )
        for part, given in enumerate(told, 1)
    )


def agree(
    panel: Panel, person: str, agreed: Sequence[Agreed], *, at: datetime, tender: Tender, pack: RulePack
) -> Panel:
    """Set the scores that the panel agreed on in place of the mean; whoever has signed signs anew.

    Raises:
        Forbidden: not-on-panel, not-chair.
        NotAllowed: panel-not-revealed, score-change-without-ground.
        Invalid: score-unknown, score-out-of-range, score-between-levels.
    """
    tender.expect(Status.EVALUATION)
    _chair(panel, person)
    LIFECYCLE.admit("agree-scores", panel.status)
    given = [(one.bid, one.criterion) for one in agreed]
    means = mean_scores(panel)
    if len(given) != len(set(given)) or not set(given) <= set(means):
        raise Invalid("score-unknown", "A score is agreed on once, of a bid and a criterion that were scored.")
    for one in agreed:
        if not 0 <= one.value <= 100 or one.value != _rounded(one.value):
            raise Invalid("score-out-of-range", "A score is a number from 0 to 100, with four decimals at most.")
    differing = [one for one in agreed if one.value != means[one.bid, one.criterion]]
    check_levels(tender, ((one.criterion, one.value) for one in differing))
    for one in differing:
        _check_ground(one, pack)
    return replace(
        panel,
        version=panel.version + 1,
        agreed=tuple(agreed),
        signatures=(),
        due_at=_signing_due(tender, at, pack),
    )


def sign(panel: Panel, person: str, vote: Vote, reasons: str | None, *, tender: Tender, pack: RulePack) -> Panel:
    """Sign the report, or dissent with reasons.

    Raises:
        Forbidden: not-on-panel.
        NotAllowed: panel-not-revealed, signed.
        Invalid: dissent-without-reasons.
    """
    tender.expect(Status.EVALUATION)
    seat = panel.member(person)
    LIFECYCLE.admit("sign", panel.status)
    if any(signature.member == seat.label for signature in panel.signatures):
        raise NotAllowed("signed", "You have signed the report, or dissented.")
    if vote == "dissented" and reasons is None:
        raise Invalid(
            "dissent-without-reasons",
            "Who dissents says why.",
            reference=pack.reference("committee.decision"),
            satisfied_by="The reasons.",
            pointer="/body/reasons",
        )
    signature = Signature(seat.label, vote, reasons if vote == "dissented" else None)
    return replace(panel, version=panel.version + 1, signatures=(*panel.signatures, signature))


def lock(
    panel: Panel, person: str, *, at: datetime, tender: Tender, pack: RulePack, salt: str
) -> tuple[Panel, tuple[ScoresLocked, ...]]:
    """Make the scores final, by the majority; who is silent when the term has passed has agreed.

    Where scores are not public, no argument about them is either: how members voted is told without their reasons.

    Raises:
        Forbidden: not-on-panel, not-chair.
        NotAllowed: panel-not-revealed, signatures-missing, majority-dissents.
    """
    tender.expect(Status.EVALUATION)
    _chair(panel, person)
    LIFECYCLE.admit("lock", panel.status)
    answered = {signature.member for signature in panel.signatures}
    silent = [seat.label for seat in panel.members if seat.label not in answered]
    if silent and (panel.due_at is None or at < panel.due_at):
        raise NotAllowed(
            "signatures-missing",
            "Not every member has signed the report or dissented, and the term for it runs.",
            reference=pack.reference("committee.report-signing"),
            satisfied_by="Every member's signature or dissent, or the end of the term.",
        )
    signatures = (*panel.signatures, *(Signature(label, "silent") for label in silent))
    dissents = sum(signature.vote == "dissented" for signature in signatures)
    if 2 * dissents >= len(signatures):
        raise NotAllowed(
            "majority-dissents",
            "The majority does not stand behind the scores.",
            reference=pack.reference("committee.decision"),
            satisfied_by="Other agreed scores, signed by the majority.",
        )
    final = final_scores(panel)
    withheld = None if is_public(pack) else withhold(final_content(final, signatures), salt)
    public: list[FinalScore | Signature] = [*final, *signatures] if withheld is None else [*voted(signatures)]
    told = portions(public, size_told)
    after = replace(
        panel,
        version=panel.version + len(told),
        status=LIFECYCLE.move("lock", panel.status, PanelStatus.LOCKED),
        due_at=None,
        signatures=signatures,
        final=final,
    )
    return after, tuple(
        ScoresLocked(
            **panel.of(panel.version + part),
            round=panel.round,
            scores=tuple(item for item in items if isinstance(item, FinalScore)),
            signatures=tuple(item for item in items if isinstance(item, Signature)),
            scored=len(final),
            **_sealed(withheld),
            part=part,
            parts=len(told),
        )
        for part, items in enumerate(told, 1)
    )


def open_round(
    panel: Panel, tender: Tender, reason: str, *, at: datetime, pack: RulePack
) -> tuple[Panel, tuple[RoundOpened, ...]]:
    """Let the panel score anew; what it gave in the rounds before stays as it was given.

    Raises:
        NotAllowed: tender-not-evaluation, panel-not-seated; round-not-ordered, unless the procedure was sent back.
    """
    tender.expect(Status.EVALUATION)
    LIFECYCLE.admit("open-round", panel.status)
    if panel.round >= tender.round:
        raise NotAllowed(
            "round-not-ordered",
            "The panel scores anew only where the procedure was sent back.",
            satisfied_by="A challenge that was upheld or conceded.",
        )
    version = panel.version + 1
    after = replace(
        panel,
        version=version,
        status=LIFECYCLE.move("open-round", panel.status, PanelStatus.SEATED),
        due_at=scoring_due(tender, at, pack),
        round=tender.round,
        scores=(),
        agreed=(),
        signatures=(),
        final=(),
    )
    return after, (RoundOpened(**panel.of(version), round=after.round, reason=reason),)


def mean_scores(panel: Panel) -> dict[tuple[UUID, str], Decimal]:
    """Return each score's mean over the members, four decimals half up."""
    values: dict[tuple[UUID, str], list[Decimal]] = {}
    for score in panel.scores:
        values.setdefault((score.bid, score.criterion), []).append(score.value)
    return {of: _mean(given) for of, given in values.items()}


def final_scores(panel: Panel) -> tuple[FinalScore, ...]:
    """Return of each bid and criterion the mean, or what was agreed on in its place."""
    agreed = {(one.bid, one.criterion): one for one in panel.agreed}
    found = []
    for (bid, criterion), mean in mean_scores(panel).items():
        one = agreed.get((bid, criterion))
        if one is None or one.value == mean:
            found.append(FinalScore(bid, criterion, mean, mean))
        else:
            found.append(FinalScore(bid, criterion, mean, one.value, one.ground, one.reason))
    return tuple(sorted(found, key=lambda score: (str(score.bid), score.criterion)))


def ranked_scores(panel: Panel | None, tender: Tender) -> tuple[Score, ...] | None:
    """Return the scores that the ranking takes; none until the panel has locked those of this round."""
    if panel is None or panel.round != tender.round or panel.status is not PanelStatus.LOCKED:
        return None
    return tuple(Score(score.bid, score.criterion, score.value) for score in panel.final)


def voted(signatures: Sequence[Signature]) -> tuple[Signature, ...]:
    """Leave of the signatures who voted how."""
    return tuple(replace(signature, reasons=None) for signature in signatures)


def _sealed(withheld: Withheld | None) -> dict[str, Any]:
    return {"scores_digest": withheld.digest if withheld else None, "withheld": withheld}


def _chair(panel: Panel, person: str) -> None:
    if panel.member(person).label != panel.chair:
        raise Forbidden(
            "not-chair", "Only the chair of the panel may do this.", satisfied_by="The chair's own request."
        )


def _check_ground(one: Agreed, pack: RulePack) -> None:
    if CHANGES not in pack.rules:
        if not one.reason.strip():
            raise Invalid("score-change-without-reason", "Whoever changes a score says why.", pointer="/body/scores")
        return
    # A ground that is not given is none of the list.
    facts: dict[str, FactValue] = {"evaluation.score_changed": True, "evaluation.score_change_ground": one.ground or ""}
    hold_to(facts, pack, "score-change-without-ground", "Scores do not change on this ground.")


def _signing_due(tender: Tender, at: datetime, pack: RulePack) -> datetime:
    return pack.ends_at("committee.report-signing", at, tender.acceleration)


def _mean(values: Sequence[Decimal]) -> Decimal:
    return _rounded(sum(values, Decimal(0)) / len(values))


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_FOUR_PLACES, ROUND_HALF_UP)
