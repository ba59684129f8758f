"""What an event is about: fields that all events about the same thing begin with; its process or provider orders it."""

from uuid import UUID

from shared.contracts.event import EventData
from shared.contracts.fields import Ocid, OrganisationId, ShortText


class OfProcess(EventData, key="ocid"):
    """About a contracting process."""

    ocid: Ocid


class OfTender(OfProcess):
    """About a tender."""

    tender: UUID


class OfLot(OfTender):
    """About one lot of a tender."""

    lot: ShortText


class OfBid(OfTender):
    """About a bid in one lot."""

    bid: UUID
    lot: ShortText


class OfChallenge(OfTender):
    """About a challenge of a tender's step."""

    challenge: UUID


class OfAward(OfTender):
    """About an award."""

    award: UUID


class OfFramework(OfTender):
    """About a framework agreement."""

    framework: UUID


class OfCompetition(OfFramework):
    """About a competition under a framework agreement."""

    competition: UUID


class OfContract(OfProcess):
    """About a contract."""

    contract: UUID


class OfChange(OfContract):
    """About a change of a contract."""

    change: UUID


class OfProvider(EventData, key="provider"):
    """About a provider."""

    provider: OrganisationId


class OfCase(OfProvider):
    """About a case against a provider."""

    case: UUID
