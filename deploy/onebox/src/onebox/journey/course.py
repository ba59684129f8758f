"""What the legs of the journey share."""

import hashlib
from datetime import datetime
from typing import Any

import httpx

from onebox.journey.log import Log
from onebox.journey.parties import PATIENCE, Feeds, Party
from onebox.people import DEMO_SECRET, PEOPLE
from shared.kernel.clock import SystemClock
from shared.kernel.ids import opaque_id

DAY_AS_SECOND = 86_400


class Course:
    """The parties, the feeds, the log, and what has come of it so far."""

    def __init__(
        self, http: httpx.AsyncClient, log: Log, url: str, *, accelerate: bool, patience: float = PATIENCE
    ) -> None:
        self.http, self.log, self.url = http, log, url
        self.acceleration = DAY_AS_SECOND if accelerate else 1
        self.feeds = Feeds(http, patience)
        self.run = opaque_id().hex[:8]
        self.parties = {
            person.client_id: self.joined(person.client_id, person.client_id, DEMO_SECRET) for person in PEOPLE
        }
        self.facts: dict[str, Any] = {}

    def joined(self, name: str, client_id: str, secret: str) -> Party:
        """Make a party of a client."""
        return Party(name, client_id, secret, self.http, self.feeds.patience)

    def party(self, name: str) -> Party:
        """Return a party."""
        return self.parties[name]


def digest(text: str) -> str:
    """Return a document's digest."""
    return hashlib.sha256(text.encode()).hexdigest()


def today() -> datetime:
    """Return the present instant, as a client sees it."""
    return SystemClock().now()
