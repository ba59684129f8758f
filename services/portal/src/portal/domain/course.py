"""The course of a procedure: which event stands behind each thing that is shown of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.domain import types
from portal.domain.awards import Award, awards
from portal.domain.challenges import Challenge, challenges
from portal.domain.contracts import Contract, contracts
from portal.domain.entry import Entry, in_order, latest, of_type
from portal.domain.frameworks import Framework, frameworks
from portal.domain.lots import Lot, lots
from portal.domain.panels import Panel, panel
from portal.domain.publicity import Publicity, publicities
from portal.domain.questions import Question, questions
from portal.domain.tender import tender_as_it_stands


@dataclass(frozen=True, slots=True)
class Course:
    """Hold the latest event of each kind, the lots, and the contracts with their periods of delivery.

    Shape: entries are all events in the order of time; tender is the published tender as it stands now; bidders has the
    bidder's name of each bid that was told of; titles has the title of each lot, by the lot and by its contract, where
    there are several to be told apart; fallen are the contracts whose award was taken back.
    """

    entries: tuple[Entry, ...]
    plan: Entry | None
    funding: Entry | None
    reserved: Entry | None
    refused: Entry | None
    published: Entry | None
    amended: tuple[Entry, ...]
    questions: tuple[Question, ...]
    publicities: tuple[Publicity, ...]
    panel: Panel | None
    challenges: tuple[Challenge, ...]
    frameworks: tuple[Framework, ...]
    opened: Entry | None
    qualified: Entry | None
    prices_opened: Entry | None
    unsuccessful: Entry | None
    cancelled: Entry | None
    imported: Entry | None
    tender: Mapping[str, Any] | None
    awards: tuple[Award, ...]
    lots: tuple[Lot, ...]
    contracts: tuple[Contract, ...]
    bidders: Mapping[str, str]
    titles: Mapping[str, str]
    fallen: Collection[str]

    @property
    def ended(self) -> Entry | None:
        """Return the event that ended the procedure before a contract, if one did."""
        return self.unsuccessful or self.cancelled


def course(entries: Iterable[Entry]) -> Course:
    """Find the course of a procedure among its events, in whatever order they came."""
    ordered = in_order(entries)
    tender, told, made = tender_as_it_stands(ordered), awards(ordered), contracts(ordered)
    parts = lots(ordered, tender, told, made)
    return Course(
        entries=tuple(ordered),
        plan=latest(ordered, types.PLANNED),
        funding=latest(ordered, types.FUNDING_REQUESTED),
        reserved=latest(ordered, types.RESERVED),
        refused=latest(ordered, types.REFUSED),
        published=latest(ordered, types.PUBLISHED),
        amended=tuple(of_type(ordered, types.AMENDED)),
        questions=questions(ordered),
        publicities=publicities(ordered),
        panel=panel(ordered),
        challenges=challenges(ordered),
        frameworks=frameworks(ordered),
        opened=latest(ordered, types.OPENED),
        qualified=latest(ordered, types.QUALIFIED),
        prices_opened=latest(ordered, types.PRICES_OPENED),
        unsuccessful=latest(ordered, types.UNSUCCESSFUL),
        cancelled=latest(ordered, types.CANCELLED),
        imported=latest(ordered, types.IMPORTED),
        tender=tender,
        awards=told,
        lots=parts,
        contracts=made,
        bidders={bid.id: bid.bidder["name"] for lot in parts for bid in lot.bids},
        titles=_titles(parts),
        fallen=frozenset(award.contract for lot in parts for award in lot.fallen if award.contract),
    )


def _titles(parts: Sequence[Lot]) -> Mapping[str, str]:
    if len(parts) == 1:
        return {}
    named = {lot.id: lot.title or lot.id for lot in parts if lot.id}
    made = {
        award.contract: named[lot.id]
        for lot in parts
        if lot.id
        for award in (*lot.fallen, lot.award)
        if award and award.contract
    }
    return {**named, **made}
