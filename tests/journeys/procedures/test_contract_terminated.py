"""Journey 10: a contract ends before its term, the service is handed over, and what is not owed is free again."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.inspection import Closed, PeriodGraded
from shared.testing.course import ALL, HEAD, OFFICER, Terms, appropriate, balances, clerk, in_force
from shared.testing.town import Town, done, flow, instant, refusal, seen, told_as

LOTS = {"all": "2500000.00"}
OFFERS = {"all": {"alder": ("1800000.00", "78"), "birch": ("2000000.00", "88"), "cedar": ("2400000.00", "93")}}
MODEL_PACK = "Coxswain model pack"
BY_SUPPLIER = ("recipients", "records", "keys", "staff")
BY_BUYER = ("successor", "notice-to-recipients")

INCOMPLETE = (409, "handover-incomplete", "contract-handover.items", MODEL_PACK)


async def hand_over(town: Town, path: str, paid: dict[str, Any]) -> None:
    """Let both sides settle and confirm every item; until the last one the contract cannot be closed."""
    given, supplier = {"applicable": True, "note": "Protocol 7."}, clerk("birch")
    not_theirs = await refusal(town, OFFICER, f"{path}/handover/keys/settlement", given)
    assert not_theirs == (403, "not-responsible", None, None)
    for kind in BY_SUPPLIER:
        await done(town, supplier, f"{path}/handover/{kind}/settlement", given)
    own = await refusal(town, supplier, f"{path}/handover/keys/confirmation")
    assert own == (403, "other-side-needed", None, None)
    await done(town, OFFICER, f"{path}/handover/keys/objection")
    await done(town, supplier, f"{path}/handover/keys/settlement", {**given, "note": "All nine of them."})
    for kind in BY_BUYER:
        named = {**given, "successor": "alder"} if kind == "successor" else given
        await done(town, OFFICER, f"{path}/handover/{kind}/settlement", named)
        await done(town, supplier, f"{path}/handover/{kind}/confirmation")
    for kind in BY_SUPPLIER:
        assert await refusal(town, OFFICER, f"{path}/closing", paid) == INCOMPLETE
        await done(town, OFFICER, f"{path}/handover/{kind}/confirmation")


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_contract_is_closed_and_its_money_free_when_it_ended_early_and_was_handed_over(
    town: Town, terms: Terms
) -> None:
    line = await appropriate(town, terms, "4000000.00")
    tender, contract = await in_force(town, terms, line, LOTS, OFFERS)
    path = f"/v1/contracts/{contract['id']}"
    # The first of three months was rendered well, and is paid in full.
    town.clock.advance(days=1)
    first = contract["milestones"][0]["amount"]["amount"]
    graded = PeriodGraded(
        ocid=tender["ocid"],
        contract=UUID(contract["id"]),
        period="1",
        provider="birch",
        score=Decimal(95),
        grade="A",
        derivation=(),
    )
    await town.services["budget"].deliver("evaluation", graded)

    end = {"ground": "need-ended", "reason": "The home was closed.", "last_day": "2026-09-15"}
    groundless = (409, "contract-termination-grounds", "contract-termination.grounds", MODEL_PACK)
    assert await refusal(town, OFFICER, f"{path}/termination", {**end, "ground": "displeasure"}) == groundless
    town.clock.set(instant("2026-08-17T09:00:00Z"))
    # From the 17th of August to the 15th of September are 29 days.
    short = (409, "contract-termination-notice", "contract-termination.notice", MODEL_PACK)
    assert await refusal(town, OFFICER, f"{path}/termination", end) == short
    await done(town, replace(HEAD, roles=OFFICER.roles), f"{path}/termination", {**end, "last_day": "2026-09-16"})
    confirmation = f"{path}/termination/confirmation"
    alone = (403, "second-person-needed", "second-person.contract", MODEL_PACK)
    assert await refusal(town, HEAD, confirmation) == alone
    ending = await done(town, replace(HEAD, name="hedda"), confirmation)
    assert (ending["status"], ending["termination"]["last_day"]) == ("ending", "2026-09-16")

    paid = {"amount_paid": terms.money(first)}
    assert await refusal(town, OFFICER, f"{path}/closing", paid) == (409, "last-day-not-passed", None, None)
    town.clock.set(instant("2026-09-17T09:00:00Z"))
    assert await refusal(town, OFFICER, f"{path}/closing", paid) == INCOMPLETE
    await hand_over(town, path, paid)
    (handed_over,) = await told_as(town, tender["ocid"], "contract.handover-completed")
    assert (handed_over["successor"], handed_over["items"]) == ("alder", 6)

    await done(town, replace(HEAD, roles=OFFICER.roles), f"{path}/closing", paid)
    assert await refusal(town, HEAD, f"{path}/closing/confirmation") == alone
    await flow(town)
    assert (await balances(town, line))["committed"] == f"{Decimal(2000000) - Decimal(first):.2f}"
    closed = await done(town, replace(HEAD, name="hedda"), f"{path}/closing/confirmation")
    assert (closed["status"], closed["amount_paid"]) == ("terminated", terms.money(first))
    await flow(town)
    # Until the evaluation says that nothing more will be graded, a period accepted in time could still be told.
    assert (await balances(town, line))["committed"] == f"{Decimal(2000000) - Decimal(first):.2f}"
    nothing_more = Closed(ocid=tender["ocid"], contract=UUID(contract["id"]), not_accepted=("2", "3"))
    await town.services["budget"].deliver("evaluation", nothing_more)
    assert {stage: at for stage, at in (await balances(town, line)).items() if at != "0.00"} == {
        "appropriated": "4000000.00",
        "available": f"{Decimal(4000000) - Decimal(first):.2f}",
        "accrued": first,
    }
    funds = await seen(town, f"/v1/procedures/{tender['ocid']}", service="budget")
    assert [item["terminated"] for item in funds["contracts"]] == [True]
    over = await refusal(town, OFFICER, f"{path}/closing", paid)
    assert over == (409, "contract-not-ending", None, None)
