"""Somebody who may do everything, and what there is to be asked about."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from shared.testing.services import RunningService

OURS, OTHER, PANEL, RIVAL = "org-1", "org-2", "org-3", "org-4"
US, COLLEAGUE = "person-1", "person-2"
AMOUNT = {"amount": "1000.00", "currency": "EUR"}
Known = Mapping[str, list[str]]
"""What a service can be asked for, by the name that paths and bodies have for it."""


class Office:
    """Sends requests as somebody who may do everything."""

    def __init__(self, service: RunningService) -> None:
        self._service = service
        roles = {role for row in service.runtime.policy.values() for role in row.roles}
        self._roles = sorted(roles)

    def headers(self, person: str = US, organisation: str = OURS) -> dict[str, str]:
        return self._service.headers(person, organisation, *self._roles)

    async def post(self, path: str, body: Any = None, *, person: str = US, organisation: str = OURS) -> Any:
        response = await self._service.client.post(path, json=body, headers=self.headers(person, organisation))
        assert response.is_success, response.text
        return response.json() if response.content else None

    async def get(self, path: str, *, person: str = US, organisation: str = OURS) -> Any:
        response = await self._service.client.get(path, headers=self.headers(person, organisation))
        assert response.is_success, response.text
        return response.json()


States = Callable[[RunningService, Office], Awaitable[list[Known]]]
"""What makes a service have something to tell, and returns it scene by scene."""
