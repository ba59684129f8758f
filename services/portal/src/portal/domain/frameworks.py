"""Framework agreements: who was ranked and taken in, and what was ordered under them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.domain import types
from portal.domain.awards import parts_of
from portal.domain.entry import Entry, latest, of_type


@dataclass(frozen=True, slots=True)
class Order:
    """Hold an order; returned is there if its contract was not signed."""

    contract: str
    called_off: Entry
    returned: Entry | None


@dataclass(frozen=True, slots=True)
class Framework:
    """Hold the framework agreement of a lot, its orders, and the events of it that nothing else is made of.

    Shape: spent is the event that says what all orders together are worth.
    """

    lot: str
    proposed: Entry | None
    continued: tuple[Entry, ...]
    concluded: Entry | None
    ended: Entry | None
    orders: tuple[Order, ...]
    spent: Entry | None
    further: tuple[Entry, ...]

    @property
    def ranking(self) -> Sequence[Mapping[str, Any]]:
        """Return the whole ranking, of however many events."""
        return parts_of("ranking", self.proposed, self.continued)

    @property
    def derivation(self) -> Sequence[Mapping[str, Any]]:
        """Return the whole derivation, of however many events."""
        return parts_of("derivation", self.proposed, self.continued)


def frameworks(entries: Sequence[Entry]) -> tuple[Framework, ...]:
    """Find the framework agreements of a procedure, lot by lot, the one that was proposed first first."""
    told: dict[str, list[Entry]] = {}
    lots: dict[str, str] = {}
    for entry in entries:
        if entry.type in (types.FRAMEWORK_PROPOSED, types.FRAMEWORK_CONCLUDED) or _continues(entry):
            told.setdefault(entry.data["lot"], []).append(entry)
            lots |= {entry.data["framework"]: entry.data["lot"]} if "framework" in entry.data else {}
        elif entry.data.get("framework") in lots:
            told[lots[entry.data["framework"]]].append(entry)
    return tuple(_framework(lot, events) for lot, events in told.items())


def _continues(entry: Entry) -> bool:
    # The ranking of an award names the award.
    return entry.type == types.RANKING_CONTINUED and not entry.data.get("award")


def _framework(lot: str, entries: Sequence[Entry]) -> Framework:
    returned = {entry.data["contract"]: entry for entry in of_type(entries, types.CALL_OFF_RETURNED)}
    continued = [entry for entry in entries if _continues(entry)]
    return Framework(
        lot=lot,
        continued=tuple(sorted(continued, key=lambda entry: int(entry.data["part"]))),
        proposed=latest(entries, types.FRAMEWORK_PROPOSED),
        concluded=latest(entries, types.FRAMEWORK_CONCLUDED),
        ended=latest(entries, types.FRAMEWORK_ENDED),
        orders=tuple(
            Order(entry.data["contract"], entry, returned.get(entry.data["contract"]))
            for entry in of_type(entries, types.CALLED_OFF)
        ),
        spent=latest(entries, types.CALLED_OFF, types.CALL_OFF_RETURNED),
        further=tuple(entry for entry in entries if entry.type not in _SHOWN),
    )


_SHOWN = (
    types.FRAMEWORK_PROPOSED,
    types.RANKING_CONTINUED,
    types.FRAMEWORK_CONCLUDED,
    types.FRAMEWORK_ENDED,
    types.CALLED_OFF,
    types.CALL_OFF_RETURNED,
)
