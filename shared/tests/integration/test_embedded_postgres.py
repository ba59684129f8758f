import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from sqlalchemy.engine import make_url

from shared.platform.embedded_postgres import DataFolderProblem, RunningPostgres, execute, programs, provision, start
from shared.testing.postgres import EXISTING_SERVER, PostgresForTests, as_owner, postgres_server

FAST = {"fsync": "off"}
START_AND_WAIT = """
import sys, time
from pathlib import Path
from shared.platform.embedded_postgres import start
server = start(Path(sys.argv[1]))
print("started", flush=True)
time.sleep(60)
"""
ROLES_OF_RUNS = r"SELECT count(*) FROM pg_roles WHERE rolname LIKE 'test\_%'"
OWNED_BY_THE_APPLICATION = """
    SELECT (SELECT count(*) FROM pg_shdepend WHERE refobjid = '{0}'::regrole AND deptype = 'o')
         + (SELECT count(*) FROM pg_database WHERE datdba = '{0}'::regrole)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that root's stand-in can enter too, which tmp_path is not."""
    parent = Path(tempfile.mkdtemp(prefix="coxswain-test-"))
    parent.chmod(0o711)
    yield parent / "data"
    shutil.rmtree(parent)


@pytest.fixture(scope="module")
def known_folder() -> Iterator[Path]:
    """Give a folder with two databases and a row in one of them; every test starts its own server on it."""
    parent = Path(tempfile.mkdtemp(prefix="coxswain-test-"))
    half_made = parent / "data" / "cluster.new" / "data"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    for passable in (parent, parent / "data"):
        passable.chmod(0o711)
    with start(parent / "data", settings=FAST) as server:
        provision(server, ["tender", "provider-registry"])
        notice = (
            "CREATE TABLE notice (title text); INSERT INTO notice VALUES ('Mowing'); GRANT SELECT ON notice TO tender;"
        )
        execute(server.owner_url("tender"), notice)
    yield parent / "data"
    shutil.rmtree(parent)


@pytest.fixture
def server(known_folder: Path) -> Iterator[RunningPostgres]:
    with start(known_folder, settings=FAST) as server:
        yield server


def titles(server: RunningPostgres) -> str:
    return execute(server.url("tender"), "SELECT title FROM notice").strip()


def problem_of(folder: Path, **options: int) -> str:
    with pytest.raises(DataFolderProblem) as raised:
        start(folder, settings=FAST, **options)
    problem = str(raised.value)
    assert "\n" not in problem
    assert problem.endswith(".")
    return problem


# --- databases and roles


@pytest.mark.parametrize("url", [RunningPostgres.url, RunningPostgres.owner_url])
def test_a_role_enters_its_database_and_no_other_when_provisioned(
    server: RunningPostgres, url: Callable[[RunningPostgres, str], str]
) -> None:
    for name, database in (("tender", "tender"), ("provider-registry", "provider_registry")):
        assert execute(url(server, name), "SELECT current_database()").strip() == database
    for other in ("provider_registry", "postgres", "template1"):
        elsewhere = make_url(url(server, "tender")).set(database=other).render_as_string(hide_password=False)
        with pytest.raises(RuntimeError, match=f'permission denied for database "{other}"'):
            execute(elsewhere, "SELECT 1")


def test_only_the_owner_makes_tables_when_provisioned(server: RunningPostgres) -> None:
    make = "CREATE TABLE thing (id int); DROP TABLE thing;"
    execute(server.owner_url("provider-registry"), make)
    with pytest.raises(RuntimeError, match="permission denied for schema public"):
        execute(server.url("provider-registry"), make)


def test_everything_goes_over_to_the_owner_when_the_folder_is_from_before_there_was_one(
    known_folder: Path, server: RunningPostgres
) -> None:
    for statement in ("CREATE DATABASE elder", "CREATE ROLE elder LOGIN", "ALTER DATABASE elder OWNER TO elder"):
        execute(server.administrator_url(), f"{statement};")
    made_then = """
        SET ROLE elder;
        CREATE TABLE entry (number bigint GENERATED ALWAYS AS IDENTITY, text text);
        INSERT INTO entry (text) VALUES ('kept');
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE TRIGGER refused BEFORE DELETE ON entry FOR EACH STATEMENT EXECUTE FUNCTION refuse();
    """
    execute(server.administrator_url("elder"), made_then)
    assert "elder" not in json.loads((known_folder / "credentials.json").read_text())

    for _ in range(2):
        provision(server, ["elder"])
        assert execute(server.owner_url("elder"), "SELECT text FROM entry").strip() == "kept"
        assert execute(server.administrator_url("elder"), OWNED_BY_THE_APPLICATION.format("elder")).strip() == "0"
        for statement in ("SELECT text FROM entry", "DROP TABLE entry", "ALTER TABLE entry DISABLE TRIGGER refused"):
            with pytest.raises(RuntimeError, match=r"permission denied|must be owner"):
                execute(server.url("elder"), statement)


def test_a_wrong_password_is_refused_when_connecting(server: RunningPostgres) -> None:
    url = make_url(server.url("tender")).set(password="guess").render_as_string(hide_password=False)
    with pytest.raises(RuntimeError, match="password authentication failed"):
        execute(url, "SELECT 1")


def test_nothing_changes_when_provisioned_again(server: RunningPostgres) -> None:
    before = server.url("tender")
    provision(server, ["tender", "provider-registry"])
    assert server.url("tender") == before
    assert titles(server) == "Mowing"


def test_the_other_roles_keep_their_passwords_when_a_service_is_added(server: RunningPostgres) -> None:
    before = server.url("tender")
    provision(server, ['odd "name" of it\'s own'])
    assert server.url("tender") == before
    assert execute(server.url('odd "name" of it\'s own'), "SELECT current_user") == 'odd "name" of it\'s own\n'


def test_only_its_owner_reads_the_passwords_when_they_are_kept(known_folder: Path) -> None:
    credentials = known_folder / "credentials.json"
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
    assert {"postgres", "tender", "tender_owner", "provider_registry", "provider_registry_owner"} <= json.loads(
        credentials.read_text()
    ).keys()


def test_only_this_machine_is_listened_to_when_running(server: RunningPostgres) -> None:
    shown = execute(server.administrator_url(), "SHOW listen_addresses; SHOW unix_socket_directories; SHOW timezone;")
    assert shown.split("\n") == ["127.0.0.1", "", "UTC", ""]


def test_text_is_unicode_when_letters_are_beyond_ascii(server: RunningPostgres) -> None:
    shown = execute(server.administrator_url("tender"), "SHOW server_encoding; SELECT lower('ÄÖÉ');")
    assert shown.split() == ["UTF8", "äöé"]


def test_a_setting_is_taken_when_given(known_folder: Path) -> None:
    with start(known_folder, settings={**FAST, "max_connections": "37"}) as server:
        assert execute(server.administrator_url(), "SHOW max_connections") == "37\n"


# --- starting again


def test_data_is_there_when_started_again(known_folder: Path) -> None:
    for _ in range(2):
        with start(known_folder, settings=FAST) as server:
            assert titles(server) == "Mowing"


def test_stopping_does_nothing_when_already_stopped(known_folder: Path) -> None:
    server = start(known_folder, settings=FAST)
    server.stop()
    server.stop()
    assert server.process.returncode == 0


def test_it_stops_in_order_when_a_client_is_in_the_middle_of_something(known_folder: Path) -> None:
    with start(known_folder, settings=FAST) as server:
        busy = subprocess.Popen(
            [programs.program("psql"), "-X", "-c", "SELECT pg_sleep(60)"],
            env={"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres", "PGDATABASE": "postgres"}
            | {"PGPASSWORD": make_url(server.administrator_url()).password or ""},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND state = 'active'"
        while execute(server.administrator_url(), sleeping) != "1\n":
            time.sleep(0.02)
    assert busy.wait() != 0
    assert server.process.returncode == 0


def test_committed_data_is_there_when_the_server_was_killed(known_folder: Path) -> None:
    server = start(known_folder, settings=FAST)
    server.process.kill()
    server.stop()
    with start(known_folder, settings=FAST) as server:
        assert titles(server) == "Mowing"


def test_it_starts_when_a_killed_servers_process_number_is_now_anothers(known_folder: Path) -> None:
    server = start(known_folder, settings=FAST)
    server.process.kill()
    server.stop()
    pid_file = known_folder / "cluster" / "postmaster.pid"
    # Of the same account, since PostgreSQL looks no further than that.
    with subprocess.Popen(["sleep", "60"], user=pid_file.stat().st_uid) as stranger:
        _, _, rest = pid_file.read_text().partition("\n")
        pid_file.write_text(f"{stranger.pid}\n{rest}")
        with start(known_folder, settings=FAST) as server:
            assert titles(server) == "Mowing"
        assert stranger.poll() is None
        stranger.kill()


def test_the_orphan_is_stopped_and_its_data_kept_when_coxswain_was_killed(known_folder: Path) -> None:
    command = [sys.executable, "-c", START_AND_WAIT, str(known_folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as coxswain:
        assert coxswain.stdout is not None
        assert coxswain.stdout.readline() == "started\n"
        coxswain.kill()
    recorded, *_ = (known_folder / "cluster" / "postmaster.pid").read_text().split("\n")
    orphan = psutil.Process(int(recorded))
    assert orphan.name() == "postgres"
    with start(known_folder, settings=FAST) as server:
        assert titles(server) == "Mowing"
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_half_a_cluster_was_cleared_away_when_the_first_start_followed_a_kill(known_folder: Path) -> None:
    assert not (known_folder / "cluster.new").exists()
    assert (known_folder / "cluster" / "PG_VERSION").exists()


# --- refusals


def test_a_second_copy_is_refused_when_one_runs_on_the_folder(server: RunningPostgres, known_folder: Path) -> None:
    assert problem_of(known_folder) == f"Another Coxswain already runs on {known_folder} (process {os.getpid()})."
    assert titles(server) == "Mowing"


def test_it_is_refused_when_the_folder_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.touch()
    assert problem_of(file) == f"{file} is not a folder; choose another with --data."
    assert f"{file / 'below'} cannot hold PostgreSQL (Not a directory)" in problem_of(file / "below")


def test_it_is_refused_when_the_folder_cannot_be_written() -> None:
    # Nobody, not even root, makes a folder there.
    assert problem_of(Path("/proc/coxswain")).startswith("/proc/coxswain cannot hold PostgreSQL (")


def test_it_is_refused_when_another_version_made_the_cluster(folder: Path) -> None:
    cluster = folder / "cluster"
    cluster.mkdir(parents=True)
    folder.chmod(0o711)
    if os.geteuid() == 0:
        shutil.chown(cluster, "nobody")
    assert "is not a PostgreSQL cluster" in problem_of(folder)
    (cluster / "PG_VERSION").write_text("15\n")
    assert "is a cluster of PostgreSQL 15 and this Coxswain runs PostgreSQL 18" in problem_of(folder)


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_it_is_refused_when_the_passwords_are_lost(known_folder: Path, content: str | None) -> None:
    credentials = known_folder / "credentials.json"
    kept = credentials.read_text()
    try:
        credentials.unlink()
        if content is not None:
            credentials.write_text(content)
        assert problem_of(known_folder).startswith(f"{credentials} is missing or damaged;")
    finally:
        credentials.touch(mode=0o600)
        credentials.write_text(kept)


def test_it_is_refused_when_the_wanted_port_is_taken(known_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert problem_of(known_folder, port=port) == f"Port {port} of this machine is taken; choose another."
    with start(known_folder, port=port, settings=FAST) as server:
        assert server.port == port


def test_the_end_of_the_log_is_told_when_the_server_does_not_start(known_folder: Path) -> None:
    with pytest.raises(DataFolderProblem, match=r'FATAL: .*"shared_buffers"'):
        start(known_folder, settings={"shared_buffers": "plenty"})
    with start(known_folder, settings=FAST) as server:
        assert titles(server) == "Mowing"


@pytest.mark.parametrize(
    "said",  # the system's words, and PostgreSQL's when only a part of a block fitted
    [
        'initdb: error: could not create directory "pg_wal": No space left on device',
        'could not extend file "base/1/2691": wrote only 4096 of 8192 bytes at block 9\nHINT:  Check free disk space.',
    ],
)
def test_it_is_refused_and_nothing_half_made_stays_when_the_disk_is_full(
    folder: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    run_for_real = programs.run

    def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        if Path(command[0]).name == "initdb":
            return subprocess.CompletedProcess(command, 1, "", said)
        return run_for_real(*command, **options)

    monkeypatch.setattr(programs, "run", run)
    assert problem_of(folder) == f"The disk of {folder} is full; free some space or choose another folder with --data."
    assert not list(folder.glob("cluster*"))


def test_no_mode_changes_when_only_we_may_enter_a_parent(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    below = folder / "below" / "data"
    # Only root runs PostgreSQL as another account, which cannot enter; everybody else starts it as themselves.
    if os.geteuid() == 0:
        problem = problem_of(below)
        assert f"cannot enter {folder};" in problem
        assert "--data" in problem
    else:
        with start(below, settings=FAST) as server:
            assert execute(server.url("postgres"), "SELECT 1").strip() == "1"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# --- the server of the tests


@pytest.fixture
def own_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.TempPathFactory:
    """Pose as the temporary folders of a run of its own."""
    monkeypatch.delenv(EXISTING_SERVER, raising=False)

    class Folders:
        def getbasetemp(self) -> Path:
            worker = tmp_path / os.environ.get("PYTEST_XDIST_WORKER", "")
            worker.mkdir(exist_ok=True)
            return worker

    return Folders()  # type: ignore[return-value]


def test_one_server_serves_the_workers_until_the_last_is_done_when_they_share_a_run(
    own_run: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    first_worker = postgres_server(own_run)
    first = next(first_worker)
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
    second_worker = postgres_server(own_run)
    second = next(second_worker)
    migrations: list[str] = []

    def migrate(url: str) -> None:
        migrations.append(url)
        execute(url, "CREATE TABLE notice (title text);")

    copies = [as_owner(worker.new_database(worker.template("tender", migrate))) for worker in (first, second)]
    assert len(migrations) == 1
    assert first.administrator_url == second.administrator_url
    execute(copies[0], "INSERT INTO notice VALUES ('Mowing');")
    assert [execute(copy, "SELECT count(*) FROM notice") for copy in copies] == ["1\n", "0\n"]

    first_worker.close()  # type: ignore[attr-defined]
    assert execute(copies[1], "SHOW fsync") == "off\n"
    second_worker.close()  # type: ignore[attr-defined]
    address = make_url(second.administrator_url)
    assert is_closed_soon("127.0.0.1", address.port or 0)


def test_only_the_runs_databases_go_when_the_server_was_there_before(
    own_run: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, server: RunningPostgres
) -> None:
    monkeypatch.setenv(EXISTING_SERVER, server.administrator_url())
    for run in postgres_server(own_run):
        assert make_url(run.new_database()).port == server.port
        url = made_after_a_failure(run)
        assert execute(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0\n"
        assert names_of_runs(server) == "3\n"  # the empty one, the template and its copy
        run.drop(url)
        assert names_of_runs(server) == "2\n"
    deadline = time.monotonic() + 10
    while names_of_runs(server) != "0\n" or execute(server.administrator_url(), ROLES_OF_RUNS) != "0\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert titles(server) == "Mowing"


def made_after_a_failure(run: PostgresForTests) -> str:
    def fail(url: str) -> None:
        execute(url, "CREATE TABLE half_done ();")
        raise LookupError

    with pytest.raises(LookupError):
        run.template("tender", fail)
    return run.new_database(run.template("tender", leave_empty))


def leave_empty(url: str) -> None:
    assert execute(url, "SELECT 1") == "1\n"


def names_of_runs(server: RunningPostgres) -> str:
    ours = "SELECT count(*) FROM pg_database WHERE datname LIKE 'test\\_%'"
    return execute(server.administrator_url(), ours)


def is_closed_soon(host: str, port: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, port)).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.05)
    return False
