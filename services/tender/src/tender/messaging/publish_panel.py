"""The events of panels, as the others read them."""

from collections.abc import Sequence
from typing import Any

from shared.contracts import panel as contract
from shared.contracts.event import EventData
from shared.kernel import draw as selection
from shared.kernel.beacon import Beacon
from tender.domain import panel_events as domain
from tender.domain.panel_parts import Closing, Skip


def published(event: domain.PanelEvent) -> EventData:
    """Write an event of a panel in the published language."""
    of: dict[str, Any] = {"ocid": event.ocid, "tender": event.tender}
    match event:
        case domain.PoolClosed():
            return contract.PanelPoolClosed(
                **of, **_closing(event.closing), representatives=event.representatives, reason=event.closing.reason
            )
        case domain.PanelDrawn():
            drawn = event.draw
            return contract.PanelDrawn(
                **of,
                **_closing(drawn.closing),
                randomness=drawn.randomness,
                signature=drawn.signature,
                numbers=drawn.numbers,
                code=drawn.code,
                order=drawn.order,
                selected=drawn.selected,
                skipped=_skipped(drawn.skipped),
                drawn_at=drawn.drawn_at,
            )
        case domain.PanelAppointed():
            return contract.PanelAppointed(
                **of, members=event.members, representatives=event.representatives, reason=event.reason
            )
        case domain.MemberReplaced():
            change = event.substitution
            return contract.PanelMemberReplaced(
                **of,
                left=change.left,
                because=change.because,
                rule=change.rule,
                source=change.source,
                substitute=change.substitute,
                iteration=change.iteration,
                skipped=_skipped(change.skipped),
            )
        case domain.ScoresRevealed() | domain.ScoresLocked() | domain.RoundOpened():
            return _scores(event, of)
    raise TypeError(type(event).__name__)


def _scores(event: domain.ScoresRevealed | domain.ScoresLocked | domain.RoundOpened, of: dict[str, Any]) -> EventData:
    match event:
        case domain.ScoresRevealed():
            return contract.ScoresRevealed(
                **of,
                round=event.round,
                scores=tuple(
                    contract.PanelScore(member=one.member, bid=one.bid, criterion=one.criterion, value=one.value)
                    for one in event.scores
                ),
            )
        case domain.ScoresLocked():
            return contract.ScoresLocked(
                **of,
                round=event.round,
                scores=tuple(
                    contract.FinalScore(
                        bid=one.bid,
                        criterion=one.criterion,
                        mean=one.mean,
                        value=one.value,
                        ground=one.ground,
                        reason=one.reason,
                    )
                    for one in event.scores
                ),
                signatures=tuple(
                    contract.ReportSignature(member=one.member, vote=one.vote, reasons=one.reasons)
                    for one in event.signatures
                ),
            )
        case domain.RoundOpened():
            return contract.PanelRoundOpened(**of, round=event.round, reason=event.reason)


def _closing(closing: Closing) -> dict[str, Any]:
    return {
        "method": selection.METHOD,
        "pool": closing.pool,
        "commitment": closing.commitment,
        "iteration": closing.iteration,
        "beacon": _beacon(closing.beacon),
        "places": closing.places,
        "closed_at": closing.closed_at,
    }


def _beacon(beacon: Beacon) -> contract.Beacon:
    return contract.Beacon(
        source=beacon.source, at=beacon.at, chain=beacon.chain, round=beacon.round, records=beacon.records
    )


def _skipped(skips: Sequence[Skip]) -> tuple[contract.SkippedLabel, ...]:
    return tuple(contract.SkippedLabel(label=skip.label, rule=skip.rule, source=skip.source) for skip in skips)
