"""The panel that scores: its seats, how they were filled, and what it gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.domain import types
from portal.domain.entry import Entry, latest, of_type


@dataclass(frozen=True, slots=True)
class Panel:
    """Hold the panel of a procedure; its members are known by their labels alone.

    Shape: experts and representatives are the seats, none where nobody told; filled is the last draw or appointment;
    members are those who were seated and did not leave; locked are the events that tell the final scores.
    """

    pool: Entry | None
    filled: Entry | None
    replaced: tuple[Entry, ...]
    experts: int | None
    representatives: int | None
    members: tuple[str, ...]
    rounds: tuple[Entry, ...]
    revealed: Entry | None
    locked: tuple[Entry, ...]

    @property
    def scores(self) -> Sequence[Mapping[str, Any]]:
        """Return the final scores, by bid and criterion; many are told in several events."""
        return [score for entry in self.locked for score in entry.data["scores"]]


def panel(entries: Sequence[Entry]) -> Panel | None:
    """Find the panel of a procedure; none where none was formed."""
    told = of_type(entries, *types.OF_A_PANEL)
    if not told:
        return None
    # A draw that is made again draws for the seats that are still free.
    seated: dict[str, None] = {}
    for entry in told:
        if entry.type == types.PANEL_REPLACED:
            seated.pop(entry.data["left"], None)
            if entry.data.get("substitute"):
                seated[entry.data["substitute"]] = None
        elif entry.type in (types.PANEL_DRAWN, types.PANEL_APPOINTED):
            seated |= dict.fromkeys(entry.data["selected" if entry.type == types.PANEL_DRAWN else "members"])
    pool, filled = latest(told, types.PANEL_POOL_CLOSED), latest(told, types.PANEL_DRAWN, types.PANEL_APPOINTED)
    first = next(iter(of_type(told, types.PANEL_POOL_CLOSED, types.PANEL_APPOINTED)), None)
    seats = first.data if first else {}
    rounds = tuple(of_type(told, types.PANEL_ROUND_OPENED))
    scored = told[told.index(rounds[-1]) :] if rounds else told
    return Panel(
        pool=pool,
        filled=filled,
        replaced=tuple(of_type(told, types.PANEL_REPLACED)),
        experts=seats.get("places", len(seats["members"]) if "members" in seats else None),
        representatives=seats.get("representatives"),
        members=tuple(seated),
        rounds=rounds,
        # What an earlier round gave does not count any more.
        revealed=latest(scored, types.SCORES_REVEALED),
        locked=tuple(of_type(scored, types.SCORES_LOCKED)),
    )
