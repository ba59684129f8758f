"""What was asked about bids between their opening and the award: prices explained, deficiencies put right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.domain import types
from portal.domain.entry import Entry

_WINDOW = "deficiency-window"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Hold the inquiry into one price: what asked, whether it was explained, and what was decided."""

    bid: str
    lot: str
    requested: Entry | None
    explained: Entry | None
    decided: Entry | None


@dataclass(frozen=True, slots=True)
class Deficiency:
    """Hold what one bid lacked; excluded is the exclusion that followed, if one did."""

    bid: str
    lot: str
    notified: Entry | None
    corrected: Entry | None
    excluded: Entry | None


def inquiries(entries: Sequence[Entry]) -> tuple[Inquiry, ...]:
    """Find the inquiries into prices, in the order in which they were begun."""
    found = _cases(entries, types.EXPLANATION_REQUESTED, types.EXPLAINED, types.EXPLANATION_DECIDED)
    return tuple(
        Inquiry(
            *_about(case),
            requested=case.get(types.EXPLANATION_REQUESTED),
            explained=case.get(types.EXPLAINED),
            decided=case.get(types.EXPLANATION_DECIDED),
        )
        for case in found
    )


def deficiencies(entries: Sequence[Entry]) -> tuple[Deficiency, ...]:
    """Find what bids lacked, in the order in which their bidders were told."""
    # A bid may be excluded for other things than what it lacked.
    about = [entry for entry in entries if entry.type != types.EXCLUDED or entry.data.get("rule") == _WINDOW]
    found = _cases(about, types.DEFICIENCY_NOTIFIED, types.DEFICIENCY_CORRECTED, types.EXCLUDED)
    return tuple(
        Deficiency(
            *_about(case),
            notified=case.get(types.DEFICIENCY_NOTIFIED),
            corrected=case.get(types.DEFICIENCY_CORRECTED),
            excluded=case.get(types.EXCLUDED),
        )
        for case in found
    )


def _cases(entries: Iterable[Entry], beginning: str, *following: str) -> Sequence[Mapping[str, Entry]]:
    """Gather what follows each beginning for the same bid."""
    cases: list[dict[str, Entry]] = []
    running: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        if entry.type not in (beginning, *following):
            continue
        bid = entry.data["bid"]
        if entry.type == beginning or bid not in running:
            running[bid] = {}
            cases.append(running[bid])
        running[bid][entry.type] = entry
    return cases


def _about(case: Mapping[str, Entry]) -> tuple[str, str]:
    data = next(iter(case.values())).data
    return data["bid"], data["lot"]
