"""`coxswain up` as a person at a terminal meets it."""

import json
import os
import signal
import stat
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from onebox.people import DEMO_SECRET
from shared.kernel.ids import opaque_id
from shared.platform.embedded_postgres import execute
from shared.testing.onebox import READY_WITHIN, OneBox, coxswain, data_folder, free_port, is_listened_to
from shared.testing.postgres import PostgresForTests

pytestmark = pytest.mark.xdist_group("onebox-process")
SERVICES = {"provider-registry", "budget", "tender", "evaluation", "portal"}


def token(box: OneBox, client_id: str, audience: str, secret: str = DEMO_SECRET) -> str:
    credentials = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    response = httpx.post(f"{box.url}/identity/token", data={**credentials, "audience": audience})
    return str(response.raise_for_status().json()["access_token"])


def headers(bearer: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}", "Idempotency-Key": str(opaque_id())}


def enrol(box: OneBox, organisation: str) -> dict[str, Any]:
    body = {"organisation": organisation, "organisation_name": organisation.title(), "roles": ["provider"]}
    administrator = token(box, "identity-administrator", "identity")
    response = httpx.post(f"{box.url}/identity/clients", json=body, headers=headers(administrator))
    return dict(response.raise_for_status().json())


def register(box: OneBox, organisation: str, client: dict[str, Any]) -> None:
    body = {
        "name": organisation.title(),
        "legal_form": "association",
        "identifier": {"scheme": "XX-REG", "id": organisation},
    }
    bearer = token(box, client["client_id"], "provider-registry", client["client_secret"])
    httpx.post(f"{box.url}/provider-registry/v1/providers", json=body, headers=headers(bearer)).raise_for_status()


def test_everything_is_ready_when_it_is_up(box: OneBox) -> None:
    answer = httpx.get(f"{box.url}/health/ready")
    assert answer.status_code == 200
    assert {service["service"] for service in answer.json()["services"]} == SERVICES
    said_within = time.monotonic() + 30
    while "Ctrl-C stops it" not in box.said and time.monotonic() < said_within:
        time.sleep(0.05)
    assert "Coxswain is up" in box.said
    assert box.url in box.said


def test_the_ledger_is_looked_through_when_the_box_is_up(box: OneBox) -> None:
    ended = coxswain("ledger", "verify", "--data", box.data)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Every balance is what its transfers add up to" in ended.stdout
    assert box.complaints == ""
    for service in SERVICES - {"portal"}:
        assert httpx.get(f"{box.url}/{service}/health/ready").status_code == 200
        # It is written when it is first asked for, which takes seconds on a busy machine.
        assert httpx.get(f"{box.url}/{service}/openapi.json", timeout=READY_WITHIN).status_code == 200
    assert httpx.get(box.url).headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_everything_is_there_again_when_it_was_stopped(
    box: OneBox, postgres: PostgresForTests, number: signal.Signals, code: int
) -> None:
    organisation = f"oarsmen-{number.name.lower()}"
    client = enrol(box, organisation)
    register(box, organisation, client)
    database = box.postgres_port
    with httpx.stream("GET", f"{box.url}/provider-registry/v1/events/stream", timeout=60) as stream:
        assert stream.status_code == 200
        assert box.stop(number) == code
    assert not is_listened_to(box.port)
    assert is_listened_to(database) == (number is signal.SIGKILL)
    assert box.complaints == ""
    assert execute(postgres.administrator_url, "SELECT 1;").strip() == "1"

    box.start()
    shown = httpx.get(f"{box.url}/provider-registry/v1/providers/{organisation}")
    assert (shown.status_code, shown.json()["status"]) == (200, "registered")
    feed = httpx.get(f"{box.url}/provider-registry/v1/events", params={"limit": 1000}).json()
    assert [event["position"] for event in feed] == list(range(1, len(feed) + 1))
    assert [event["partitionkey"] for event in feed].count(organisation) == 1
    assert token(box, client["client_id"], "tender", client["client_secret"])


def test_nothing_is_left_running_when_it_is_stopped_while_it_starts() -> None:
    with data_folder() as folder:
        starting = OneBox(folder)
        starting.spawn()
        deadline = time.monotonic() + READY_WITHIN
        while "Migrating" not in starting.said:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        database = starting.postgres_port
        assert starting.stop(signal.SIGTERM) == 128 + signal.SIGINT  # told as an interruption, as Ctrl-C is
        assert not is_listened_to(database)
        assert "Traceback" not in starting.complaints


def refused(box: OneBox, data: Path, port: int) -> str:
    """See that it does not start here; return the sentence it says why with."""
    done = coxswain("up", "--empty", "--data", data, "--port", str(port))
    assert done.returncode == 2, done.stderr
    sentence = done.stderr.strip()
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert "Traceback" not in done.stdout + done.stderr
    assert httpx.get(f"{box.url}/health/ready").status_code == 200
    return sentence


def test_it_says_so_when_the_port_is_taken(box: OneBox) -> None:
    with data_folder() as folder:
        sentence = refused(box, folder / "data", box.port)
        assert sentence == f"Port {box.port} on 127.0.0.1 is taken; choose another with --port."
        assert not (folder / "data").exists()


def test_it_says_so_when_another_runs_on_the_folder(box: OneBox) -> None:
    sentence = refused(box, box.data, free_port())
    assert sentence == f"Another Coxswain already runs on {box.data} (process {box.process.pid})."


def test_it_says_so_when_the_folder_is_a_file(box: OneBox) -> None:
    with data_folder() as folder:
        (folder / "data").write_text("mine")
        sentence = refused(box, folder / "data", free_port())
        assert sentence == f"{folder / 'data'} is not a folder; choose another with --data."
        assert (folder / "data").read_text() == "mine"


def test_it_says_so_when_it_may_not_write_in_the_folder(box: OneBox) -> None:
    with data_folder() as folder:
        # Root may write anywhere; there it is PostgreSQL's own account that cannot come in.
        folder.chmod(0o700 if os.geteuid() == 0 else 0o500)
        sentence = refused(box, folder / "data", free_port())
        folder.chmod(0o755)
        assert str(folder) in sentence
        assert "--data" in sentence


def test_it_explains_itself_when_a_port_is_none() -> None:
    done = coxswain("up", "--port", "0")
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_else_can_read_what_is_secret(box: OneBox) -> None:
    for name in ("credentials.json", "identity/receipt-key.pem", "identity/signing-key.json"):
        mode = stat.S_IMODE((box.data / name).stat().st_mode)
        assert mode == 0o600, name
    assert stat.S_IMODE((box.data / "identity").stat().st_mode) == 0o700


def test_events_are_printed_as_cloudevents_when_tail_is_asked_for_json(box: OneBox) -> None:
    organisation = "oarsmen-tail"
    register(box, organisation, enrol(box, organisation))
    stored = httpx.get(f"{box.url}/provider-registry/v1/events", params={"limit": 1000})
    done = coxswain("events", "tail", "--no-follow", "--json", "--service", "provider-registry", "--url", box.url)
    assert (done.returncode, done.stderr) == (0, "")
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert printed[: len(stored.json())] == stored.json()
    registered = next(event for event in printed if event["partitionkey"] == organisation)
    assert (registered["specversion"], registered["type"]) == ("1.0", "provider.registered.v1")
    assert (registered["source"], registered["sandbox"]) == ("/provider-registry", True)
    everywhere = coxswain("events", "tail", "--no-follow", "--json", "--url", box.url)
    assert (everywhere.returncode, everywhere.stdout.splitlines()) == (0, done.stdout.splitlines())
    behind = coxswain(
        "events", "tail", "--no-follow", "--after", "1", "--service", "provider-registry", "--url", box.url
    )
    assert len(behind.stdout.splitlines()) == len(printed) - 1


def test_tail_fails_when_nothing_answers() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = coxswain("events", "tail", "--no-follow", "--url", url)
    assert done.returncode == 1
    assert done.stdout.strip() == f"The feed cannot be read at {url} (ConnectError)."
    assert "Traceback" not in done.stderr


def test_parked_events_are_listed_when_an_operator_asks(box: OneBox, monkeypatch: pytest.MonkeyPatch) -> None:
    done = coxswain("events", "parked", "list", "--url", box.url)
    sentence = "No event waits at tender, budget, evaluation, provider-registry, portal.\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, sentence, "")
    monkeypatch.setenv("COXSWAIN_CLIENT_SECRET", "wrong")
    done = coxswain("events", "parked", "list", "--url", box.url)
    sentence = "The client operator-1 is given no token: its credentials are refused.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)


@pytest.mark.parametrize("words", [("list",), ("replay", "tender", "budget", str(UUID(int=0)))])
def test_parked_events_fail_in_one_sentence_when_nothing_answers(words: tuple[str, ...]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = coxswain("events", "parked", *words, "--url", url)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{url} does not answer (ConnectError).\n")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_journey_fails_when_nothing_answers(form: tuple[str, ...]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = coxswain("journey", "--url", url, *form)
    assert done.returncode == 1
    sentence = f"{url} does not answer (ConnectError); start it with `make run`"
    if form:
        document = json.loads(done.stdout)
        assert (document["ok"], document["failure"], document["steps"]) == (False, sentence, [])
    else:
        assert done.stdout.splitlines()[-1] == f"Not as promised: {sentence}"
    assert done.stderr == ""
