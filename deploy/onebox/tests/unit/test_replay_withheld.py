"""`coxswain rules replay` where rankings are not public: who may read them proves what decided."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from golden_procedure import MEALS, Write, event, lines, meals, replayed, run, sentence

from onebox.credentials import Credentials
from onebox.replay.history import read_history
from onebox.replay.withheld import ask
from shared.contracts.event import Event
from shared.kernel.canonical import salted_digest


def kept(tmp_path: Path, **answer: Any) -> tuple[list[tuple[str, dict[str, Any]]], Path]:
    """Return the golden procedure as told where rankings are not public, and a file of what some are shown."""
    whole, salt = MEALS["award.proposed.v1"], "5a" * 32
    content = {"ranking": whole["ranking"], "derivation": whole["derivation"]}
    digest = salted_digest(salt, content)
    file = tmp_path / "withheld.jsonl"
    file.write_text(json.dumps({"digest": digest, "salt": salt, "content": content, **answer}) + "\n")
    told = {"ranking": [], "derivation": [], "ranked": len(whole["ranking"]), "ranking_digest": digest}
    return meals(proposed=told), file


def test_lot_is_not_replayed_when_its_ranking_is_not_public(log: Write, tmp_path: Path) -> None:
    events, _ = kept(tmp_path)
    document = replayed(log(lines(events)))
    assert (document["lots"], [item["code"] for item in document["not_replayed"]]) == ([], ["ranking-withheld"])
    assert "--client-id" in document["not_replayed"][0]["reason"]


def test_lot_is_replayed_when_what_was_shown_has_the_published_digest(log: Write, tmp_path: Path) -> None:
    events, file = kept(tmp_path)
    (lot,) = replayed(log(lines(events)), "--withheld", str(file))["lots"]
    assert (lot["outcome"], lot["assumptions"]) == ("unchanged", [])
    assert lot == replayed(log(lines(meals())))["lots"][0]


@pytest.mark.parametrize(
    "forged",
    [
        {"salt": "00" * 32},
        {"salt": "no salt"},
        {"salt": None},
        {"content": {"ranking": [], "derivation": []}},
        {"content": {"ranking": []}},
        {"content": {"ranking": [1.5], "derivation": []}},
    ],
)
def test_forgery_is_named_when_what_was_shown_has_another_digest(
    log: Write, tmp_path: Path, forged: dict[str, Any]
) -> None:
    events, file = kept(tmp_path, **forged)
    document = replayed(log(lines(events)), "--withheld", str(file))
    assert (document["lots"], [item["code"] for item in document["not_replayed"]]) == ([], ["digest-differs"])


@pytest.mark.parametrize("text", ["{", "[1]", '"a"'])
def test_file_of_what_was_shown_is_refused_when_it_is_none(log: Write, tmp_path: Path, text: str) -> None:
    file = tmp_path / "withheld.jsonl"
    file.write_text(text)
    ended = run("--pack", "model", "--events", log(lines(meals())), "--withheld", file)
    assert "is not JSON" in sentence(ended)


@pytest.mark.parametrize(("status", "code"), [(200, None), (404, "ranking-withheld"), (403, "ranking-withheld")])
def test_service_is_asked_with_a_token_when_there_is_a_client(tmp_path: Path, status: int, code: str | None) -> None:
    events, file = kept(tmp_path)
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, request.headers.get("authorization")))
        if request.url.path == "/identity/token":
            return httpx.Response(200, json={"access_token": "token", "expires_in": 60})
        return httpx.Response(status, text=file.read_text())

    history = read_history(
        [Event.model_validate(event(kind, data, number)) for number, (kind, data) in enumerate(events, 1)],
        lambda wanted: asyncio.run(ask(httpx.MockTransport(answer), Credentials("auditor", "demo"), wanted)),
    )
    digest = events[2][1]["ranking_digest"]
    path = f"/tender/v1/tenders/{events[2][1]['tender']}/withheld/{digest}"
    assert asked == [("/identity/token", None), (path, "Bearer token")]
    assert [item.code for item in history.left_out] == ([code] if code else [])
    assert len(history.decided) == (0 if code else 1)
