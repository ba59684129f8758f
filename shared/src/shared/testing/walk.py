"""A walk through the commands of a service that sees everybody else refused at each."""

from dataclasses import replace
from typing import Any

from shared.testing.callers import Person, expect

ROLES = {"procurement-officer", "procurement-head", "panel-member", "provider", "complaint-decider", "operator"}


class Walk:
    """Goes through a procedure, and at each step first sees everybody else refused; parties are the callers."""

    def __init__(self, parties: Any) -> None:
        self.parties = parties
        self.taken: set[tuple[str, str]] = set()

    async def step(
        self,
        route: str,
        person: Person,
        body: Any = None,
        *,
        elsewhere: tuple[Any, ...] | None = None,
        version: int | None = None,
        **of: str,
    ) -> Any:
        """Take a step; elsewhere is the refusal of the same role of another organisation, if it is refused at all."""
        path = await self.closed(route, person, body, elsewhere=elsewhere, version=version, **of)
        return await self.parties.done(route.partition(" ")[0], path, person, body, version=version)

    async def closed(
        self,
        route: str,
        person: Person,
        body: Any = None,
        *,
        elsewhere: tuple[Any, ...] | None = None,
        version: int | None = None,
        **of: str,
    ) -> str:
        """See everybody else refused, and return the step's path."""
        method, _, template = route.partition(" ")
        path = template.format(**of)
        before = await self.parties.kept()
        nobody = await self.parties.send(method, path, None, body, version=version)
        self.parties.refused(nobody, 401, "token-refused")
        expect(nobody.headers["www-authenticate"] == "Bearer", nobody)
        others = replace(person, roles=tuple(sorted(ROLES - set(person.roles))))
        wrong = await self.parties.send(method, path, others, body, version=version)
        expect(person.roles[0] in self.parties.refused(wrong, 403, "role-missing")["satisfied_by"], wrong)
        if elsewhere:
            stranger = replace(person, name="stranger", organisation="elsewhere")
            self.parties.refused(await self.parties.send(method, path, stranger, body, version=version), *elsewhere)
        expect(await self.parties.kept() == before, wrong)
        self.taken.add((method.lower(), template))
        return path
