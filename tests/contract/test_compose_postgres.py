"""The database server of docker-compose.yml: its own files on a real PostgreSQL."""

import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from shared.platform.embedded_postgres import RunningPostgres, execute, programs, start
from shared.platform.roles import owner_of
from shared.testing.onebox import data_folder
from shared.testing.postgres import SETTINGS

ROOT = Path(__file__).parents[2]
SERVICES = sorted(folder.name.replace("-", "_") for folder in (ROOT / "services").iterdir() if folder.is_dir())
ROLES = [role for service in SERVICES for role in (service, owner_of(service))]
# What would end a statement, a URL or a word of the shell.
PASSWORDS = {role: f"{role}'s p@ss/word:\\\" $HOME" for role in ROLES}
MAKE = "CREATE TABLE own (); DROP TABLE own; SELECT 1;"


@pytest.fixture(scope="module")
def server() -> Iterator[RunningPostgres]:
    with data_folder() as folder:
        rules = folder / "pg_hba.conf"
        rules.write_text((ROOT / "deploy" / "postgres" / "pg_hba.conf").read_text("utf-8"))
        with start(folder / "data", settings={**SETTINGS, "hba_file": str(rules)}) as server:
            assert provision(server, PASSWORDS).returncode == 0
            yield server


def provision(server: RunningPostgres, passwords: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    administrator = make_url(server.administrator_url())
    environment = {
        "PATH": f"{programs.program('psql').parent}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGPASSWORD": administrator.password or "",
        **{f"{role.upper()}_DATABASE_PASSWORD": password for role, password in passwords.items()},
    }
    script = ROOT / "deploy" / "postgres" / "init.sh"
    return subprocess.run([script], env=environment, capture_output=True, text=True, check=False)


def asked(server: RunningPostgres, role: str, database: str, password: str, statement: str = "SELECT 1;") -> str:
    url = make_url(server.administrator_url()).set(username=role, password=password, database=database)
    return execute(url.render_as_string(hide_password=False), statement).strip()


@pytest.mark.parametrize("role", ROLES)
def test_role_enters_its_database_and_no_other(server: RunningPostgres, role: str) -> None:
    own = role.removesuffix("_owner")
    assert asked(server, role, own, PASSWORDS[role]) == "1"
    rights = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles"
    assert asked(server, role, own, PASSWORDS[role], f"{rights} WHERE rolname = current_user;") == "f|f|f|f|f"
    for other in {*SERVICES, "postgres", "template1"} - {own}:
        with pytest.raises(RuntimeError, match=r"no pg_hba\.conf entry"):
            asked(server, role, other, PASSWORDS[role])
    # And where an entry let it in, the database itself would not.
    open_to_it = "datallowconn AND has_database_privilege(datname, 'CONNECT')"
    databases = f"SELECT array_agg(datname) FROM pg_database WHERE {open_to_it};"
    assert asked(server, role, own, PASSWORDS[role], databases) == f"{{{own}}}"


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_owner_makes_tables(server: RunningPostgres, service: str) -> None:
    owner = owner_of(service)
    assert asked(server, owner, service, PASSWORDS[owner], MAKE) == "1"
    with pytest.raises(RuntimeError, match="permission denied for schema public"):
        asked(server, service, service, PASSWORDS[service], MAKE)


def test_what_an_application_owned_is_its_owners_when_the_script_has_run(server: RunningPostgres) -> None:
    # As it was before there were owners.
    execute(server.administrator_url(), "ALTER DATABASE budget OWNER TO budget;")
    asked(server, "budget", "budget", PASSWORDS["budget"], "CREATE TABLE entry AS SELECT 7 AS number;")
    assert provision(server, PASSWORDS).returncode == 0
    with pytest.raises(RuntimeError, match="permission denied for table entry"):
        asked(server, "budget", "budget", PASSWORDS["budget"], "SELECT number FROM entry;")
    owners = ("budget_owner", "budget", PASSWORDS["budget_owner"])
    assert asked(server, *owners, "SELECT number FROM entry;") == "7"
    asked(server, *owners, "DROP TABLE entry;")


def test_role_stays_out_when_its_password_is_another(server: RunningPostgres) -> None:
    with pytest.raises(RuntimeError, match="password authentication failed"):
        asked(server, "tender", "tender", PASSWORDS["budget"])


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has a second loopback address without being told.")
def test_administrator_stays_out_when_he_comes_from_elsewhere(server: RunningPostgres) -> None:
    # The first message of PostgreSQL's protocol, 3.0; psql cannot choose the address that it comes from.
    hello = b"\x00\x03\x00\x00user\x00postgres\x00database\x00postgres\x00\x00"
    answers = []
    for source in ("127.0.0.1", "127.0.0.2"):
        with socket.create_connection(("127.0.0.1", server.port), source_address=(source, 0)) as connection:
            connection.sendall(struct.pack("!I", len(hello) + 4) + hello)
            answers.append(connection.recv(1024))
    assert answers[0].startswith(b"R"), "it is asked for its password"
    assert answers[1].startswith(b"E")
    assert b"pg_hba.conf rejects connection" in answers[1]


def test_password_changes_when_the_script_runs_again(server: RunningPostgres) -> None:
    asked(server, "portal_owner", "portal", PASSWORDS["portal_owner"], "CREATE TABLE kept AS SELECT 7 AS number;")
    assert provision(server, {**PASSWORDS, "portal_owner": "another"}).returncode == 0
    assert asked(server, "portal_owner", "portal", "another", "SELECT number FROM kept;") == "7"
    assert provision(server, PASSWORDS).returncode == 0


@pytest.mark.parametrize("missing", ["budget", "budget_owner"])
def test_script_stops_when_a_password_is_missing(server: RunningPostgres, missing: str) -> None:
    done = provision(server, {role: password for role, password in PASSWORDS.items() if role != missing})
    assert (done.returncode, done.stderr) == (1, f"{missing.upper()}_DATABASE_PASSWORD is not set.\n")


def test_health_check_leaves_no_complaint_in_the_log(server: RunningPostgres) -> None:
    log = server.folder / "postgres.log"
    before = log.read_text("utf-8")
    check = [programs.program("pg_isready"), "--quiet", "--host", "127.0.0.1", "--username", "postgres"]
    subprocess.run([*check, "--port", str(server.port)], check=True)
    execute(server.administrator_url(), "SELECT 1;")  # by now the server has done with the one before
    assert log.read_text("utf-8") == before


def test_password_is_in_no_log_when_the_database_refuses_it(server: RunningPostgres) -> None:
    # It has the form of one that is encrypted already, and is longer than PostgreSQL keeps.
    refused = f"SCRAM-SHA-256$4096:{'A' * 600}${'A' * 43}=:{'A' * 43}="
    assert "too long" in provision(server, {**PASSWORDS, "tender": refused}).stderr
    log = (server.folder / "postgres.log").read_text("utf-8")
    assert "too long" in log
    assert "AAAA" not in log
    assert asked(server, "tender", "tender", PASSWORDS["tender"]) == "1"
