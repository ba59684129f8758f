"""Several contracts of one process, their changes and their end, as the tender service tells of them."""

import runpy
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.contracts.contract import Changed, ChangeFailed, ChangeRequested, Milestone, Term, Terminated
from shared.contracts.event import Organisation
from shared.contracts.inspection import Closed
from shared.contracts.tender import FundsUnneeded, LotCancelled, LotUnsuccessful
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

MIGRATION = Path(__file__).parents[2] / "migrations" / "versions" / "0005_several_contracts.py"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHANGE = derived_id("test-change")
SECOND = derived_id("test-second-contract")
SUPPLIER = Organisation(id="org-oarsmen", name="Oarsmen Care")


def eur(units: int) -> Money:
    return Money(units * 100, "EUR")


def change(case: Any, *units: int) -> dict[str, Any]:
    milestones = tuple(
        Milestone(period=f"2026-{month:02}", start=date(2026, month, 1), end=date(2026, month, 28), amount=eur(each))
        for month, each in enumerate(units, 1)
    )
    return {
        "ocid": case.ocid,
        "contract": case.contract,
        "change": CHANGE,
        "ground": "needs-changed",
        "reason": "More people.",
        "difference": eur(0),
        "value": eur(sum(units)),
        "term": Term(start=date(2026, 1, 1), end=date(2026, 12, 31)),
        "milestones": milestones,
        "documents": (),
    }


def requested(case: Any, *units: int) -> ChangeRequested:
    return ChangeRequested(**change(case, *units), answer_due=AT)


def changed(case: Any, *units: int) -> Changed:
    return Changed(**change(case, *units), option=None, signed_at=AT)


def failed(case: Any) -> ChangeFailed:
    return ChangeFailed(ocid=case.ocid, contract=case.contract, change=CHANGE, code="withdrawn", reason="Not needed.")


def closed(case: Any) -> Closed:
    return Closed(ocid=case.ocid, contract=case.contract, not_accepted=())


def terminated(case: Any, contract: UUID | None = None) -> Terminated:
    return Terminated(
        ocid=case.ocid, contract=contract or case.contract, supplier=SUPPLIER, ground="insolvency", reason="Insolvent.",
        amount_paid=eur(0), last_day=date(2026, 3, 31), terminated_at=AT, without_handover="Nobody was left.",
    )  # fmt: skip


def lot(case: Any, kind: type[LotCancelled | LotUnsuccessful], units: int) -> LotCancelled | LotUnsuccessful:
    return kind(
        ocid=case.ocid, tender=case.tender, lot="east", amount=eur(units), reason="No bid.", rule=None, source=None
    )


async def test_the_fiscal_example_comes_out_when_the_contract_is_changed(budget: Any, procedure: Any) -> None:
    case = procedure()
    line = await budget.appropriate(5_000_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_200_000)), case.signed(300_000, 500_000, 250_000))
    await budget.service.deliver("tender", requested(case, 300_000, 500_000, 355_000))
    # 1,050,000 and 105,000: committed before anybody signs.
    expected = {"appropriated": 5_000_000, "available": 3_845_000, "committed": 1_155_000}
    assert await budget.balances(line) == expected
    answer = (await budget.service.published())[-1]
    assert answer.type == "budget.change-committed.v1"
    assert (answer.data["amount"]["amount"], answer.data["available"]["amount"]) == ("105000.00", "3845000.00")
    await budget.service.deliver("tender", changed(case, 300_000, 500_000, 355_000))
    assert await budget.balances(line) == expected
    (contract,) = (await budget.get(f"/v1/procedures/{case.ocid}"))["contracts"]
    assert (contract["value"]["amount"], contract["change"]) == ("1155000.00", None)
    await budget.check_books()


async def test_a_change_is_refused_with_the_rule_when_the_line_has_a_cent_too_little(
    budget: Any, procedure: Any
) -> None:
    case = procedure()
    line = await budget.appropriate(1_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(400, 500))
    # 100 were released with the signature.
    over = change(case, 400, 600) | {"value": Money(100_001, "EUR")}
    last = over["milestones"][1].model_copy(update={"amount": Money(60_001, "EUR")})
    over["milestones"] = (over["milestones"][0], last)
    await budget.service.deliver("tender", ChangeRequested(**over, answer_due=AT))
    refused = (await budget.service.published())[-1]
    assert (refused.type, refused.data["code"]) == ("budget.change-refused.v1", "insufficient-funds")
    assert (refused.data["requested"]["amount"], refused.data["available"]["amount"]) == ("100.01", "100.00")
    assert (refused.data["rule"], refused.data["source"]) == (
        "funds-reserved-before-publication",
        "Coxswain model pack",
    )
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 100, "committed": 900}
    await budget.service.deliver("tender", failed(case), requested(case, 400, 600))
    assert await budget.balances(line) == {"appropriated": 1_000, "committed": 1_000}
    assert await budget.parked() == []
    await budget.check_books()


async def test_money_is_given_back_when_a_change_lowers_the_value_or_fails(budget: Any, procedure: Any) -> None:
    case = procedure()
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(400, 600))
    await budget.service.deliver("tender", requested(case, 400, 900), failed(case), failed(case))
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_000, "committed": 1_000}
    await budget.service.deliver("tender", requested(case, 400, 100))
    # The change adds nothing; what it takes away is given back once it is signed.
    assert (await budget.service.published())[-1].data["amount"]["amount"] == "0.00"
    assert (await budget.balances(line))["committed"] == 1_000
    await budget.service.deliver("tender", changed(case, 400, 100))
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_500, "committed": 500}
    released = (await budget.service.published())[-1]
    assert (released.type, released.data["contract"]) == ("budget.released.v1", str(case.contract))
    await budget.check_books()


async def test_a_grade_waits_when_a_change_touches_its_period_and_is_paid_at_the_new_worth(
    budget: Any, procedure: Any
) -> None:
    case = procedure()
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(400, 600))
    await budget.service.deliver("tender", requested(case, 400, 900))
    await budget.service.deliver("evaluation", case.graded("2026-01", "A"), case.graded("2026-02", "A"))
    assert (await budget.balances(line))["accrued"] == 400
    await budget.service.deliver("tender", changed(case, 400, 900))
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 700, "accrued": 1_300}
    assert await budget.parked() == []
    await budget.check_books()


async def test_each_lot_has_its_money_when_lots_are_signed_fail_and_end(budget: Any, procedure: Any) -> None:
    case = procedure()
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_500)))
    # Lots of 500, 600 and 400: the first is signed at 450, the second at 600, the third finds nobody.
    await budget.service.deliver("evaluation", case.graded("2026-01", "A", contract=SECOND))
    await budget.service.deliver("tender", case.signed(450, release=eur(50)))
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 550, "reserved": 1_000, "committed": 450}
    await budget.service.deliver("tender", case.signed(600, contract=SECOND, release=eur(0)))
    assert await budget.balances(line) == {
        "appropriated": 2_000, "available": 550, "reserved": 400, "committed": 450, "accrued": 600
    }  # fmt: skip
    await budget.service.deliver("tender", lot(case, LotUnsuccessful, 401))
    assert await budget.parked() == ["NotAllowed: lot-above-reservation"]
    shown = await budget.get(f"/v1/procedures/{case.ocid}")
    assert [one["committed"]["amount"] for one in shown["contracts"]] == ["450.00", "0.00"]
    await budget.check_books()


async def test_nothing_stays_set_aside_when_an_amendment_had_lowered_the_value(budget: Any, procedure: Any) -> None:
    case = procedure()
    line = await budget.appropriate(2_000_000)
    unneeded = FundsUnneeded(ocid=case.ocid, tender=case.tender, amount=eur(1_249_000))
    await budget.service.deliver("tender", case.requested(line, eur(1_250_000)), unneeded)
    assert await budget.balances(line) == {"appropriated": 2_000_000, "available": 1_999_000, "reserved": 1_000}
    released = (await budget.service.published())[-1]
    assert (released.type, released.data["reason"]) == ("budget.released.v1", "The value was lowered by an amendment.")
    await budget.service.deliver("tender", case.signed(900, release=eur(100)))
    assert await budget.balances(line) == {"appropriated": 2_000_000, "available": 1_999_100, "committed": 900}
    await budget.service.deliver("tender", FundsUnneeded(ocid=case.ocid, tender=case.tender, amount=eur(1)))
    assert await budget.parked() == []
    await budget.check_books()


async def test_what_is_left_is_given_back_when_the_tender_ends_after_one_of_its_lots(
    budget: Any, procedure: Any
) -> None:
    case = procedure()
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_500)), lot(case, LotCancelled, 400))
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 900, "reserved": 1_100}
    await budget.service.deliver("tender", case.cancelled(), lot(case, LotUnsuccessful, 600))
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 2_000}
    assert [event.data["reason"] for event in (await budget.service.published())[-2:]] == [
        "A lot was cancelled.", "The tender was cancelled."
    ]  # fmt: skip
    assert await budget.parked() == []
    await budget.check_books()


async def test_what_was_never_accepted_is_given_back_when_the_contract_ends(budget: Any, procedure: Any) -> None:
    case = procedure()
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(400, 600))
    await budget.service.deliver("evaluation", case.graded("2026-01", "B"))
    await budget.service.deliver("tender", terminated(case), terminated(case))
    await budget.service.deliver("evaluation", closed(case))
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_600, "held": 20, "accrued": 380}
    await budget.service.deliver("tender", terminated(case))
    await budget.service.deliver("evaluation", case.graded("2026-02", "A"))
    assert await budget.parked() == ["NotAllowed: contract-terminated"]
    await budget.pay_all()
    budget.service.clock.advance(days=365)
    assert [item["kind"] for item in await budget.get("/v1/overdue")] == ["hold"]  # what is held
    await budget.check_books()


async def test_an_end_is_overdue_when_only_one_source_tells_of_it(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(2_000)
    ended, known_closed = procedure(1), procedure(2)
    for case in (ended, known_closed):
        await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(400, 600))
    await budget.service.deliver("tender", terminated(ended))
    await budget.service.deliver("evaluation", closed(known_closed))
    budget.service.clock.advance(days=31)
    assert [(item["state"], item["waiting_for"]) for item in await budget.get("/v1/overdue")] == [
        ("contract-terminated", "the closing of the contract's supervision"),
        ("supervision-closed", "the end of the contract"),
    ]


async def test_an_end_is_parked_when_no_such_contract_binds_anything(budget: Any, procedure: Any) -> None:
    await budget.service.deliver("tender", terminated(procedure()))
    await budget.service.deliver("evaluation", closed(procedure()))
    assert await budget.parked() == ["NotAllowed: contract-unknown"]


async def test_the_balances_are_the_same_in_whatever_order_the_sources_are_read(budget: Any, procedure: Any) -> None:
    """The old provider's January, the contract's going over, the new one's February, the end: every interleaving."""
    line = await budget.appropriate(50_000)
    interleavings = list(combinations(range(7), 4))
    for number, of_tender in enumerate(interleavings):
        case = procedure(number)
        told = {
            "tender": [case.requested(line, eur(1_000)), case.signed(300, 300, 400), case.assigned(), terminated(case)],
            "evaluation": [case.graded("2026-01", "B"), case.graded("2026-02", "A", provider="heir"), closed(case)],
        }
        for place in range(7):
            source = "tender" if place in of_tender else "evaluation"
            await budget.service.deliver(source, told[source].pop(0))
    assert len(interleavings) == 35
    assert await budget.parked() == []
    # Of each 1,000: 285 and 15 of the first period, all of the second; the third was never accepted.
    assert await budget.balances(line) == {
        "appropriated": 50_000, "available": 50_000 - 35 * 600, "held": 35 * 15, "accrued": 35 * 585
    }  # fmt: skip
    owed = await budget.service.execute("SELECT payee, period, count(*), sum(amount) FROM payment_orders GROUP BY 1, 2")
    assert sorted(tuple(row) for row in owed) == [
        ("heir", "2026-02", 35, 35 * 30_000),
        ("org-oarsmen", "2026-01", 35, 35 * 28_500),
    ]
    waiting = "SELECT (SELECT count(*) FROM pending_grades) + (SELECT count(*) FROM pending_endings)"
    assert (await budget.service.execute(waiting)).scalar_one() == 0
    await budget.check_books()


async def test_the_new_provider_is_owed_when_the_contract_went_over(budget: Any, procedure: Any) -> None:
    case = procedure()
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(400, 600), case.assigned())
    await budget.service.deliver("evaluation", case.graded("2026-01", "A", provider="heir"))
    (order,) = (await budget.get("/v1/payment-orders"))["items"]
    assert order["payee"] == "heir"


async def test_no_more_is_bound_than_contracts_are_worth_when_somebody_writes_otherwise(
    budget: Any, procedure: Any
) -> None:
    case = procedure()
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(400, release=eur(0)))
    for wrong in ("committed = committed + 1", "contract_value = -1", "state = 'released'", "state = 'unfunded'"):
        with pytest.raises(IntegrityError):
            await budget.service.execute(f"UPDATE funds SET {wrong}")


async def test_a_process_of_before_is_read_when_the_schema_has_moved_on(budget: Any, procedure: Any) -> None:
    case = procedure()
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(400, 600))
    before = await budget.get(f"/v1/procedures/{case.ocid}")
    # As it was kept while there was one contract at most.
    await budget.service.execute(
        "UPDATE funds SET document = (document - 'contracts') || jsonb_build_object("
        "'contract', document #> '{contracts,0,contract}', 'milestones', document #> '{contracts,0,milestones}', "
        "'committed', document #> '{contracts,0,committed}', 'accrued', document #> '{contracts,0,accrued}', "
        "'paid', document #> '{contracts,0,paid}', 'held', document #> '{contracts,0,held}')"
    )
    statements = runpy.run_path(str(MIGRATION))["STATEMENTS"]
    async with budget.service.runtime.engine.begin() as connection:
        await connection.execute(text(statements[0]))
    assert await budget.get(f"/v1/procedures/{case.ocid}") == before
