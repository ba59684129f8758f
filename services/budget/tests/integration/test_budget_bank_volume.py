"""A large statement, after years of payments: what is read is what it is about."""

from typing import Any

from sqlalchemy import event

from budget.api.iso20022.statement import read_statements
from budget.db import bank
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

OLD, FRESH, WHOLE = (derived_id("test-file", name) for name in ("old", "fresh", "whole"))
# Payments like the one that was made, in a file; their transfers are left out, as the bank's side alone is asked for.
SENT = """
    INSERT INTO payment_files (id, version, state, document, account, currency, control_sum)
        VALUES ('{file}', 1, 'made', '{{"execution_on": "2026-03-30"}}', 'DE89370400440532013000', 'EUR', 1);
    INSERT INTO payments
        (id, line_id, ocid, contract, period, payee, amount, currency, grade, share, paid_at, order_id, paid_by)
        SELECT md5('{file}' || place)::uuid, line_id, ocid, contract, period, payee, amount, currency, grade, share,
            paid_at, order_id, paid_by
        FROM (SELECT * FROM payments ORDER BY number LIMIT 1) AS made, generate_series(1, {number}) AS place;
    INSERT INTO sent_payments (payment, file_id)
        SELECT md5('{file}' || place)::uuid, '{file}' FROM generate_series(1, {number}) AS place
"""
BOOKED = """
    INSERT INTO bank_statements
        (id, account, statement, digest, currency, opening, closing, closed_on, taken_at, taken_by)
        VALUES ('{file}', 'old', 'old', '', 'EUR', 0, 0, '2026-03-30', now(), 'p-finance');
    INSERT INTO bank_findings (statement_id, outcome, payment, day, currency)
        SELECT '{file}', 'matched', payment, '2026-03-30', 'EUR' FROM sent_payments WHERE file_id = '{file}'
"""


async def have_account(budget: Any) -> None:
    path, body = "/v1/payees/org-city/account", {"name": "City of Kingston", "iban": "DE89370400440532013000"}
    entered = await budget.service.client.put(path, json=body, headers=budget.officer())
    headers = {**budget.second_officer(), "If-Match": entered.headers["ETag"]}
    assert (await budget.service.client.post(f"{path}/confirmation", headers=headers)).status_code == 200


async def test_a_statement_reads_what_it_is_about_and_not_all_that_was_ever_sent(
    budget: Any, procedure: Any, camt: Any, movement: Any
) -> None:
    await have_account(budget)
    line, told = await budget.appropriate(100_000), procedure()
    await budget.service.deliver("tender", told.requested(line, Money(100_000, "EUR")), told.signed(400))
    await budget.service.deliver("evaluation", told.graded("2026-01", "A"))
    await budget.pay_all()
    for file, number in ((OLD, 20_000), (FRESH, 2_000), (WHOLE, 2)):
        for statement in SENT.format(file=file, number=number).split(";"):
            await budget.service.execute(statement)
    for statement in BOOKED.format(file=OLD).split(";"):
        await budget.service.execute(statement)

    rows = await budget.service.execute("SELECT payment, file_id FROM sent_payments")
    of: dict[Any, list[Any]] = {}
    for row in rows:
        of.setdefault(row.file_id, []).append(row.payment)
    written = camt(
        opening="900000.00",
        movements=[
            *(movement("400.00", one.hex) for one in of[FRESH][1:]),
            movement("400.00", of[OLD][0].hex),
            movement("800.00", batch=WHOLE.hex),
        ],
    ).content()
    engine, said = budget.service.runtime.engine, list[str]()
    async with engine.connect() as connection:
        loaded = await bank.sent_from(connection, *read_statements(written))
    assert {one.id for one in loaded} == {*of[FRESH], *of[WHOLE], of[OLD][0]}

    def saying(*sent: Any) -> None:
        said.append(sent[2])

    event.listen(engine.sync_engine, "before_cursor_execute", saying)
    taken = await budget.service.client.post(
        "/v1/bank-statements",
        content=written,
        headers={**budget.officer(), "Content-Type": "application/octet-stream"},
    )
    event.remove(engine.sync_engine, "before_cursor_execute", saying)
    assert taken.json()[0]["outcomes"] == {"matched": 2_001, "repeated": 1, "missing": 1}
    assert len(said) < 50
