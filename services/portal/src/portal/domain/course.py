"""The course of a procedure: which event stands behind each thing that is shown of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.domain import types
from portal.domain.contracts import Contract, contracts
from portal.domain.entry import Entry, in_order, latest, of_type
from portal.domain.lots import Lot, lots
from portal.domain.questions import Question, questions
from portal.domain.tender import tender_as_it_stands


@dataclass(frozen=True, slots=True)
class Course:
    """Hold the latest event of each kind, the lots, and the contracts with their periods of delivery.

    Shape: tender is the published tender as it stands now.
    """

    plan: Entry | None
    funding: Entry | None
    reserved: Entry | None
    refused: Entry | None
    published: Entry | None
    amended: tuple[Entry, ...]
    questions: tuple[Question, ...]
    opened: Entry | None
    qualified: Entry | None
    prices_opened: Entry | None
    unsuccessful: Entry | None
    cancelled: Entry | None
    imported: Entry | None
    tender: Mapping[str, Any] | None
    lots: tuple[Lot, ...]
    contracts: tuple[Contract, ...]

    @property
    def ended(self) -> Entry | None:
        """Return the event that ended the procedure before a contract, if one did."""
        return self.unsuccessful or self.cancelled

    @property
    def bidders(self) -> Mapping[str, str]:
        """Return the bidder's name of each bid that was told of."""
        return {bid.id: bid.bidder["name"] for lot in self.lots for bid in lot.bids}

    @property
    def titles(self) -> Mapping[str, str]:
        """Return the title of each lot, by the lot and by its contract, where there are several to be told apart."""
        if len(self.lots) == 1:
            return {}
        named = {lot.id: lot.title or lot.id for lot in self.lots if lot.id}
        made = {
            award.contract: named[lot.id]
            for lot in self.lots
            if lot.id
            for award in (*lot.fallen, lot.award)
            if award and award.contract
        }
        return {**named, **made}

    @property
    def fallen(self) -> Collection[str]:
        """Return the contracts whose award was taken back."""
        return {award.contract for lot in self.lots for award in lot.fallen if award.contract}


def course(entries: Iterable[Entry]) -> Course:
    """Find the course of a procedure among its events."""
    ordered = in_order(entries)
    return Course(
        plan=latest(ordered, types.PLANNED),
        funding=latest(ordered, types.FUNDING_REQUESTED),
        reserved=latest(ordered, types.RESERVED),
        refused=latest(ordered, types.REFUSED),
        published=latest(ordered, types.PUBLISHED),
        amended=tuple(of_type(ordered, types.AMENDED)),
        questions=questions(ordered),
        opened=latest(ordered, types.OPENED),
        qualified=latest(ordered, types.QUALIFIED),
        prices_opened=latest(ordered, types.PRICES_OPENED),
        unsuccessful=latest(ordered, types.UNSUCCESSFUL),
        cancelled=latest(ordered, types.CANCELLED),
        imported=latest(ordered, types.IMPORTED),
        tender=tender_as_it_stands(ordered),
        lots=lots(ordered),
        contracts=contracts(ordered),
    )
