"""What a service may do in its own database: work with rows, add to what is insert-only, and nothing else."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from onebox.box import PARTS, Part
from shared.platform.embedded_postgres import execute
from shared.testing.postgres import PostgresForTests, as_owner

# Whether a table is insert-only its triggers tell, whatever its service declares.
TABLES = """
    WITH tables (id, name, insert_only) AS (
        SELECT oid, relname, EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND NOT tgisinternal AND tgtype & 32 <> 0 -- TRUNCATE
        ) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    )
"""
# Each line of the answer is a liberty that an application must not have.
LIBERTIES = f"""
    {TABLES}
    SELECT 'owns ' || relname FROM pg_class WHERE relowner = current_user::regrole
    UNION ALL SELECT 'owns the function ' || proname FROM pg_proc WHERE proowner = current_user::regrole
    UNION ALL SELECT 'belongs to ' || rolname FROM pg_roles
        WHERE rolname <> current_user AND pg_has_role(oid, 'MEMBER')
    UNION ALL SELECT 'owns the database' FROM pg_database
        WHERE datname = current_database() AND datdba = current_user::regrole
    UNION ALL SELECT 'acts as the owner in ' || proname FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prosecdef
    UNION ALL SELECT 'may do everything' FROM pg_roles
        WHERE rolname = current_user AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
    UNION ALL SELECT what || ' in the database' FROM unnest(ARRAY['CREATE', 'TEMPORARY']) AS what
        WHERE has_database_privilege(current_database(), what)
    UNION ALL SELECT 'CREATE in the schema' WHERE has_schema_privilege('public', 'CREATE')
    UNION ALL SELECT what || ' on ' || name
        FROM tables, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) AS what
        WHERE has_table_privilege(id, what)
    UNION ALL SELECT what || ' on alembic_version' FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) AS what
        WHERE has_table_privilege('alembic_version', what)
    UNION ALL SELECT 'DELETE on ' || name FROM tables WHERE insert_only AND has_table_privilege(id, 'DELETE')
    UNION ALL SELECT 'UPDATE on ' || name || '.' || attname FROM tables JOIN pg_attribute ON attrelid = id
        WHERE insert_only AND attnum > 0 AND NOT attisdropped AND (name, attname) <> ('events', 'position')
            AND has_column_privilege(id, attnum, 'UPDATE')
    ORDER BY 1;
"""
# Each line of the answer is a right that an application needs.
MISSING = f"""
    {TABLES}
    SELECT what || ' on ' || name FROM tables, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS what
        WHERE name <> 'alembic_version' AND (what IN ('SELECT', 'INSERT') OR NOT insert_only)
            AND NOT has_table_privilege(id, what)
    UNION ALL SELECT 'UPDATE on events.position' WHERE NOT has_column_privilege('events', 'position', 'UPDATE');
"""


def migrate(part: Part, url: str) -> None:
    """Run the job, in a process that knows no more tables than the job imports."""
    command = [sys.executable, "-m", "shared.platform.migrate", str(part.migrations)]
    subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=True)


def liberties(url: str) -> list[str]:
    return execute(url, LIBERTIES).splitlines()


@pytest.fixture(params=PARTS, ids=lambda part: part.name)
def database(request: pytest.FixtureRequest, postgres: PostgresForTests) -> Iterator[str]:
    part: Part = request.param
    url = postgres.new_database(postgres.template(f"roles_{part.database}", lambda owner: migrate(part, owner)))
    yield url
    postgres.drop(url)


def test_service_may_work_with_rows_and_do_nothing_else(database: str) -> None:
    assert liberties(database) == []
    assert execute(database, MISSING) == ""


def test_right_given_by_mistake_is_taken_when_the_migrations_run_again(
    database: str, request: pytest.FixtureRequest
) -> None:
    part: Part = request.node.callspec.params["database"]
    role = make_url(database).username
    execute(as_owner(database), f"GRANT ALL ON events, cursors TO {role};")
    assert "DELETE on events" in liberties(database)
    migrate(part, as_owner(database))
    assert liberties(database) == []


@pytest.mark.parametrize(
    ("planted", "seen"),
    [
        ("ALTER TABLE cursors OWNER TO {role}", "owns cursors"),
        ("ALTER FUNCTION refuse_event_change OWNER TO {role}", "owns the function refuse_event_change"),
        ("ALTER FUNCTION refuse_event_change SECURITY DEFINER", "acts as the owner in refuse_event_change"),
        ("ALTER DATABASE {database} OWNER TO {role}", "owns the database"),
        ("GRANT TEMPORARY ON DATABASE {database} TO PUBLIC", "TEMPORARY in the database"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "CREATE in the schema"),
        ("GRANT TRUNCATE ON events TO {role}", "TRUNCATE on events"),
        ("GRANT TRIGGER ON cursors TO PUBLIC", "TRIGGER on cursors"),
        ("GRANT DELETE ON events TO {role}", "DELETE on events"),
        ("GRANT UPDATE (data) ON events TO {role}", "UPDATE on events.data"),
        ("GRANT INSERT ON alembic_version TO {role}", "INSERT on alembic_version"),
    ],
)
@pytest.mark.parametrize("database", PARTS[1:2], indirect=True, ids=lambda part: part.name)
def test_liberty_is_seen_when_it_is_planted(database: str, postgres: PostgresForTests, planted: str, seen: str) -> None:
    address = make_url(database)
    administrator = make_url(postgres.administrator_url).set(database=address.database)
    statement = planted.format(role=address.username, database=address.database)
    execute(administrator.render_as_string(hide_password=False), f"{statement};")
    assert seen in liberties(database)
