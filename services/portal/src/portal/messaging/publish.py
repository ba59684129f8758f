"""The portal publishes nothing yet: it only shows what the others published."""

from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent


def published(event: DomainEvent) -> EventData:
    """Refuse, as there is no event of the portal."""
    raise TypeError(type(event).__name__)
