"""What must hold of the box once a service's life has been walked on it."""

import json
import re
import time
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("onebox")

CATCH_UP_WITHIN = 60.0
# service, projection, its tables, its sources
READ_MODELS = {
    "portal": (
        "procedures",
        ("timeline", "procedures", "providers"),
        ("tender", "budget", "evaluation", "provider-registry"),
    ),
    "evaluation": ("contracts", ("contract_facts", "contracts"), ("tender", "budget")),
}
CONSERVED = """
    SELECT line_id FROM balances GROUP BY line_id
    HAVING sum(amount) FILTER (WHERE stage = 'appropriated') <> sum(amount) FILTER (WHERE stage <> 'appropriated');
"""
NEGATIVE = "SELECT line_id, stage, amount FROM balances WHERE amount < 0;"
MOVED_AS_RECORDED = """
    SELECT line_id, stage, amount FROM balances WHERE amount <>
        coalesce((SELECT sum(amount) FROM transfers WHERE line_id = balances.line_id AND to_stage = stage), 0)
        + CASE stage WHEN 'appropriated' THEN 1 ELSE -1 END
        * coalesce((SELECT sum(amount) FROM transfers WHERE line_id = balances.line_id AND from_stage = stage), 0);
"""


def tables(walked: Any, service: str) -> dict[str, list[str]]:
    """Dump a service's read model, every column of every row."""
    _, names, _ = READ_MODELS[service]
    return {name: walked.sql(service, f"SELECT row_to_json(t)::text FROM {name} t ORDER BY 1;") for name in names}


def caught_up(walked: Any, service: str) -> bool:
    projection, _, sources = READ_MODELS[service]
    ends = {f"{projection}:{name}|{walked.sql(name, 'SELECT last_position FROM sequence;')[0]}" for name in sources}
    rows = walked.sql(service, f"SELECT consumer, position FROM cursors WHERE consumer LIKE '{projection}:%';")
    return set(rows) == ends


def wait_until_caught_up(walked: Any, service: str) -> None:
    deadline = time.monotonic() + CATCH_UP_WITHIN
    while not caught_up(walked, service):
        assert time.monotonic() < deadline, f"the read model of {service} did not catch up"
        time.sleep(0.1)


def operator(walked: Any, service: str) -> dict[str, str]:
    form = {
        "grant_type": "client_credentials",
        "client_id": "operator-1",
        "client_secret": "demo",
        "audience": service,
    }
    token = httpx.post(f"{walked.box.url}/identity/token", data=form).json()["access_token"]
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": f"rebuild-{time.monotonic_ns()}"}


@pytest.mark.parametrize("service", READ_MODELS)
def test_read_model_is_the_same_to_the_byte_when_it_is_built_again(walked: Any, service: str) -> None:
    projection, _, sources = READ_MODELS[service]
    wait_until_caught_up(walked, service)
    before = tables(walked, service)
    assert all(before.values())
    path = f"{walked.api(service)}/v1/projections/{projection}/rebuild"
    answer = httpx.post(path, headers=operator(walked, service))
    assert (answer.status_code, answer.json()) == (202, {"projection": projection, "sources": list(sources)})
    wait_until_caught_up(walked, service)
    assert tables(walked, service) == before


def test_no_cent_is_lost(walked: Any) -> None:
    for statement in (CONSERVED, NEGATIVE, MOVED_AS_RECORDED):
        assert walked.sql("budget", statement) == []
    granted = walked.sql("budget", "SELECT amount FROM balances WHERE stage = 'appropriated';")
    assert granted.count("25000000") >= 2  # EUR 250,000.00 on the line of each journey


def test_every_public_page_answers(walked: Any) -> None:
    with httpx.Client(base_url=walked.box.url, timeout=60) as http:
        procedures, page = list[str](), dict[str, Any](next="")
        while page["next"] is not None:
            parameters = {"limit": "200"} | ({"cursor": page["next"]} if page["next"] else {})
            page = http.get("/v1/procedures", params=parameters).json()
            procedures += [item["ocid"] for item in page["items"]]
        published = {event["partitionkey"] for event in walked.feed("tender") if event["type"] == "tender.published.v1"}
        assert set(procedures) >= published
        organisations = {event["partitionkey"] for event in walked.feed("provider-registry")}
        pages = ["/", "/providers", *(f"/procedures/{ocid}" for ocid in procedures)]
        for path in [*pages, *(f"/providers/{organisation}" for organisation in organisations)]:
            answer = http.get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 200, path
            assert answer.headers["content-type"] == "text/html; charset=utf-8", path
        for ocid in procedures:
            assert http.get(f"/v1/procedures/{ocid}").status_code == 200
            assert http.get(f"/v1/procedures/{ocid}/events").status_code == 200


def test_no_secret_is_in_any_log(walked: Any) -> None:
    identity = walked.box.data / "identity"
    clients = json.loads((identity / "clients.json").read_text())
    secrets = {
        *walked.box.passwords().values(),
        *(client["secret"] for client in clients),
        json.loads((identity / "signing-key.json").read_text())["d"],
        *(line for line in (identity / "receipt-key.pem").read_text().splitlines() if "-----" not in line),
    }
    assert len(secrets) > 12  # six roles, six clients, two keys
    logs = {
        path: path.read_text("utf-8")
        for path in (
            *(walked.box.data / "logs").iterdir(),
            walked.box.data / "postgres.log",
            walked.box.folder / "stderr",
        )
    }
    for path, text in logs.items():
        assert not [secret for secret in secrets if secret in text], path
        assert not re.search(r"eyJ[\w-]+\.|Bearer|\bdemo\b|client_secret", text), path
    assert len(walked.box.log.splitlines()) > 100
    assert all(json.loads(line)["event"] for line in walked.box.log.splitlines())
