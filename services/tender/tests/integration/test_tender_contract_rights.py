"""Every command on a contract in force, asked for by nobody, by the wrong role, by another organisation."""

from dataclasses import replace
from typing import Any

from shared.contracts import budget
from shared.kernel.money import Money
from shared.testing.walk import Walk

NOT_OWN = (403, "not-own-organisation")
PREFIX = "/v1/contracts/{contract_id}/"
SIGNATURES = {("post", f"{PREFIX}supplier-signature"), ("post", f"{PREFIX}buyer-signature")}
WHY = {"reason": "The service is good."}
OPTION = {"id": "year-2", "title": "Another year", "months": 12, "share": "1", "exercise_before": "2026-09-01"}


def eur(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "EUR"}


async def fund(parties: Any, shown: Any) -> str:
    """Let the budget fund the last change, and return its id."""
    change, some = shown["changes"][-1]["id"], Money(1, "EUR")
    answer = budget.ChangeCommitted(
        ocid=shown["ocid"], contract=shown["id"], change=change, line=change, amount=some, available=some
    )
    await parties.service.deliver("budget", answer)
    return str(change)


def identifier(path: str) -> str:
    return path.rpartition("/")[2]


def on_contract(walk: Walk, path: str) -> Any:
    """Return what takes a step on a contract."""

    async def step(template: str, person: Any, body: Any = None, **of: str) -> Any:
        of["contract_id"] = identifier(path)
        return await walk.step(f"POST {PREFIX}{template}", person, body, elsewhere=NOT_OWN, **of)

    return step


async def test_every_step_is_refused_to_everybody_else_when_a_contract_takes_its_course(parties: Any) -> None:
    terms = {"performance_security": "0.05", "options": [OPTION]}
    path = await parties.signed(terms=terms)
    walk = Walk(parties)
    step = on_contract(walk, path)
    officer, head, birch = parties.officer, parties.head, parties.bidder("birch")
    # Both sides hand over, so that whoever has neither role is refused.
    sides = ("provider", "procurement-officer")
    office, supplier = replace(officer, roles=sides), replace(birch, roles=sides)
    await step("security", officer, {"amount": eur("50000.00"), "kind": "insurance", "received_on": "2026-04-04"})
    await parties.done("POST", f"{path}/buyer-signature", head)
    wish = {"ground": "needs-changed", "reason": "More people.", "difference": eur("1000.00")}
    change = await fund(parties, await step("changes", officer, wish))
    await step("changes/{change_id}/withdrawal", officer, WHY, change_id=change)
    change = await fund(parties, await step("options/{option}/exercise", officer, WHY, option="year-2"))
    await step("changes/{change_id}/approval", head, change_id=change)
    await step("changes/{change_id}/supplier-signature", birch, change_id=change)
    await step("changes/{change_id}/buyer-signature", head, change_id=change)
    await step("suspension", head, {"reason": "Flood.", "until": "2026-04-10T00:00:00Z"})
    await step("resumption", head)
    succession = {"supplier": "alder", "ground": "succession", "reason": "A merger."}
    # No contract of this pack goes over to another.
    of = {"elsewhere": NOT_OWN, "contract_id": identifier(path)}
    refused = await walk.closed(f"POST {PREFIX}assignment", birch, succession, **of)
    rule = "contract-assignment-refused"
    parties.refused(await parties.send("POST", refused, birch, succession), 409, rule, rule)
    nothing = "assignment-not-requested"
    for act, person, body in (
        ("consent", birch, None),
        ("approval", officer, None),
        ("refusal", head, WHY),
        ("confirmation", head, None),
    ):
        # Without a request it is nobody's to consent to.
        owner = (409, nothing) if act == "consent" else NOT_OWN
        at = await walk.closed(f"POST {PREFIX}assignment/{act}", person, body, **{**of, "elsewhere": owner})
        parties.refused(await parties.send("POST", at, person, body), 409, nothing)
    await step("handover", officer, {"due_at": "2026-04-05T00:00:00Z"})
    said = {"applicable": True, "note": "Protocol 7"}
    await step("handover/{kind}/settlement", supplier, said, kind="keys")
    await step("handover/{kind}/objection", office, kind="keys")
    await step("handover/{kind}/settlement", supplier, said, kind="keys")
    await step("handover/{kind}/confirmation", office, kind="keys")
    agreed = {"ground": "agreement", "reason": "Both sides want it.", "last_day": "2026-04-04"}
    await step("termination", officer, agreed)
    await step("termination/consent", birch)
    await step("termination/confirmation", head)
    parties.service.clock.advance(days=1)
    await step("closing", officer, {"amount_paid": eur("0.00"), "without_handover": "Nobody was left."})
    await step("closing/confirmation", head)
    await step("security/return", officer, {"returned_on": "2026-04-05"})
    assert (await parties.shown(path))["security"]["returned_on"] == "2026-04-05"
    other = await parties.awarded()
    step = on_contract(walk, f"/v1/contracts/{parties.standing(other)['contract']}")
    parties.service.clock.advance(days=40)
    await step("non-signature", officer, {"code": "no-answer", "reason": "Nobody answered."})
    assert walk.taken | SIGNATURES == {
        ("post", path)
        for path, methods in parties.service.app.openapi()["paths"].items()
        if path.startswith(PREFIX) and "post" in methods
    }
