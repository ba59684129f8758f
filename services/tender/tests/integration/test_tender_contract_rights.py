"""Every command on a contract in force, asked for by nobody, by the wrong role, by another organisation."""

from dataclasses import dataclass, field, replace
from typing import Any

from shared.contracts import budget
from shared.kernel.money import Money

ROLES = {"procurement-officer", "procurement-head", "panel-member", "provider", "operator"}
PREFIX = "/v1/contracts/{contract_id}/"
SIGNATURES = {("post", f"{PREFIX}supplier-signature"), ("post", f"{PREFIX}buyer-signature")}
WHY = {"reason": "The service is good."}
OPTION = {"id": "year-2", "title": "Another year", "months": 12, "share": "1", "exercise_before": "2026-09-01"}


def eur(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "EUR"}


@dataclass
class Walk:
    """Takes steps on a contract, and at each first sees everybody else refused."""

    parties: Any
    path: str
    taken: set[tuple[str, str]] = field(default_factory=set)

    async def step(self, template: str, person: Any, body: Any = None, *, refuses: str | None = None, **of: str) -> Any:
        """Take a step; refuses is why the right person is refused, if no contract can come to it in this walk."""
        path = f"{self.path}/{template.format(**of)}"
        before = await self.parties.kept()
        self.parties.refused(await self.parties.send("POST", path, None, body), 401, "token-refused")
        roles = {"procurement-officer", "provider"} if template.startswith("handover/") else set(person.roles)
        others = replace(person, roles=tuple(sorted(ROLES - roles)))
        self.parties.refused(await self.parties.send("POST", path, others, body), 403, "role-missing")
        stranger = replace(person, name="stranger", organisation="elsewhere")
        self.parties.refused(await self.parties.send("POST", path, stranger, body), 403, "not-own-organisation")
        assert await self.parties.kept() == before
        self.taken.add(("post", PREFIX + template))
        if refuses:
            return self.parties.refused(await self.parties.send("POST", path, person, body), 409, refuses, refuses)
        return await self.parties.done("POST", path, person, body)

    async def fund(self, shown: Any) -> str:
        """Let the budget fund the last change, and return its id."""
        change, some = shown["changes"][-1]["id"], Money(1, "EUR")
        answer = budget.ChangeCommitted(
            ocid=shown["ocid"], contract=shown["id"], change=change, line=change, amount=some, available=some
        )
        await self.parties.service.deliver("budget", answer)
        return str(change)


async def test_every_step_is_refused_to_everybody_else_when_a_contract_takes_its_course(parties: Any) -> None:
    terms = {"performance_security": "0.05", "options": [OPTION]}
    walk = Walk(parties, await parties.signed(terms=terms))
    officer, head, birch = parties.officer, parties.head, parties.bidder("birch")
    await walk.step("security", officer, {"amount": eur("50000.00"), "kind": "insurance", "received_on": "2026-04-04"})
    await parties.done("POST", f"{walk.path}/buyer-signature", head)
    wish = {"ground": "needs-changed", "reason": "More people.", "difference": eur("1000.00")}
    change = await walk.fund(await walk.step("changes", officer, wish))
    await walk.step("changes/{change_id}/withdrawal", officer, WHY, change_id=change)
    change = await walk.fund(await walk.step("options/{option}/exercise", officer, WHY, option="year-2"))
    await walk.step("changes/{change_id}/approval", head, change_id=change)
    await walk.step("changes/{change_id}/supplier-signature", birch, change_id=change)
    await walk.step("changes/{change_id}/buyer-signature", head, change_id=change)
    await walk.step("suspension", head, {"reason": "Flood.", "until": "2026-04-10T00:00:00Z"})
    await walk.step("resumption", head)
    succession = {"supplier": "alder", "ground": "succession", "reason": "A merger."}
    await walk.step("assignment", head, succession, refuses="contract-assignment-refused")
    await walk.step("handover", officer, {"due_at": "2026-04-05T00:00:00Z"})
    said = {"applicable": True, "note": "Protocol 7"}
    await walk.step("handover/{kind}/settlement", birch, said, kind="keys")
    await walk.step("handover/{kind}/objection", officer, kind="keys")
    await walk.step("handover/{kind}/settlement", birch, said, kind="keys")
    await walk.step("handover/{kind}/confirmation", officer, kind="keys")
    breach = {"ground": "supplier-breach", "reason": "Nobody came.", "last_day": "2026-04-04"}
    await walk.step("termination", officer, breach)
    await walk.step("termination/confirmation", head)
    parties.service.clock.advance(days=1)
    await walk.step("closing", officer, {"amount_paid": eur("0.00"), "without_handover": "Nobody was left."})
    await walk.step("closing/confirmation", head)
    await walk.step("security/return", officer, {"returned_on": "2026-04-05"})
    assert (await parties.shown(walk.path))["security"]["returned_on"] == "2026-04-05"
    other = await parties.awarded()
    unsigned = Walk(parties, f"/v1/contracts/{parties.standing(other)['contract']}")
    parties.service.clock.advance(days=40)
    await unsigned.step("non-signature", officer, {"code": "no-answer", "reason": "Nobody answered."})
    assert walk.taken | unsigned.taken | SIGNATURES == {
        ("post", path)
        for path, methods in parties.service.app.openapi()["paths"].items()
        if path.startswith(PREFIX) and "post" in methods
    }
