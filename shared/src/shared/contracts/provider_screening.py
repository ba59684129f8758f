"""Topic `provider`: which lists providers are held against, and what is found; never whose name is like an entry."""

from datetime import date
from uuid import UUID

from shared.contracts.event import EventData
from shared.contracts.fields import Sha256, ShortText
from shared.contracts.subject import OfProvider

OWNER = "provider-registry"


class ScreeningListEntered(EventData, type="provider.screening-list-entered.v1", owner=OWNER, key="list"):
    """An edition of a list was entered; every provider is held against it."""

    list: UUID
    publisher: ShortText
    title: ShortText
    day: date
    digest: Sha256
    entries: int


class MatchFound(OfProvider, type="provider.match-found.v1", owner=OWNER):
    """An entry of a list may mean a provider; a person says whether it does."""

    match: UUID
    publisher: ShortText
    title: ShortText
    part: ShortText
    similarity: int


class MatchDecided(OfProvider, type="provider.match-decided.v1", owner=OWNER):
    """Whether an entry of a list means a provider was decided; a confirmed match leads to a case."""

    match: UUID
    outcome: ShortText
    case: UUID | None
