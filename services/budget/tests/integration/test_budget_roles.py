"""What is in the books stays there, whatever the service itself is made to say to its database."""

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError


@pytest.mark.parametrize("table", ["transfers", "payments"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET amount = amount + 1",
        "UPDATE {} SET amount = amount WHERE false",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "SELECT * FROM {} FOR UPDATE",
        "ALTER TABLE {0} DISABLE TRIGGER {0}_insert_only",
        "DROP TRIGGER {0}_insert_only ON {0}",
        "ALTER TABLE {} ADD COLUMN note text",
        "CREATE TRIGGER another BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()",
        "DROP TABLE {}",
    ],
)
async def test_service_is_refused_when_it_would_change_what_is_in_the_books(
    budget: Any, table: str, statement: str
) -> None:
    line = await budget.appropriate()
    before = await budget.balances(line)
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        await budget.service.execute(statement.format(table))
    assert await budget.balances(line) == before


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE balances DROP CONSTRAINT balances_amount_check",
        "DROP TABLE balances CASCADE",
        "TRUNCATE balances",
        "CREATE TABLE another ()",
        "CREATE TEMPORARY TABLE transfers ()",
        "CREATE SCHEMA another",
        "CREATE FUNCTION another() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DROP FUNCTION refuse_ledger_change CASCADE",
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
async def test_service_is_refused_when_it_would_change_the_schema(budget: Any, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        await budget.service.execute(statement)


async def test_service_is_refused_when_it_would_become_the_owner(budget: Any) -> None:
    owner = f"{budget.service.runtime.engine.url.username}_owner"
    with pytest.raises(DBAPIError, match="permission denied to set role"):
        await budget.service.execute(f"SET ROLE {owner}")
