"""`coxswain draw verify`, on files alone."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from onebox.cli import app
from shared import contracts

EXAMPLES = Path(contracts.__file__).parent / "examples"


def example(path: str) -> Any:
    return json.loads((EXAMPLES / f"tender.{path}.json").read_text("utf-8"))


@pytest.fixture
def record() -> dict[str, Any]:
    return {
        "format": "draw-record/v1",
        "closings": [example("panel-pool-closed.v1/three-places-by-drand")],
        "draws": [example("panel-drawn.v1/one-skipped-by-drand")],
        "substitutions": [example("panel-member-replaced.v1/recused")],
    }


def verify(folder: Path, record: Any, *options: str) -> Any:
    file = folder / "record.json"
    file.write_bytes(record if isinstance(record, bytes) else json.dumps(record).encode())
    return CliRunner().invoke(app, ["draw", "verify", str(file), *options])


def told(record: dict[str, Any], **changes: Any) -> dict[str, Any]:
    draw = record["draws"][0]
    return {"round": draw["beacon"]["round"], "signature": draw["signature"], **changes}


def test_draw_is_as_published_when_nothing_was_altered(tmp_path: Path, record: dict[str, Any]) -> None:
    result = verify(tmp_path, record)
    assert result.exit_code == 0, result.output
    assert result.output.endswith("As published.\n")
    assert (result.output.count("✓"), result.output.count("✗")) == (13, 0)


def test_draw_is_not_as_published_when_the_members_are_others(tmp_path: Path, record: dict[str, Any]) -> None:
    record["draws"][0]["selected"].reverse()
    result = verify(tmp_path, record)
    assert result.exit_code == 1
    assert "✗ draw 1: the first whom no rule keeps away are selected" in result.output
    assert result.output.endswith("Not as published.\n")


def test_findings_are_one_document_when_json_is_asked_for(tmp_path: Path, record: dict[str, Any]) -> None:
    document = json.loads(verify(tmp_path, record, "--json").output)
    assert document["ok"] is True
    assert {finding["ok"] for finding in document["findings"]} == {True}
    record["draws"][0]["code"] = "0" * 64
    result = verify(tmp_path, record, "--json")
    assert (result.exit_code, json.loads(result.output)["ok"]) == (1, False)


def test_beacon_is_compared_when_it_is_given(tmp_path: Path, record: dict[str, Any]) -> None:
    beacon = tmp_path / "round.json"
    for content, code in (
        (told(record), 0),
        (told(record, signature="00" * 48), 1),
        (told(record, round=1), 2),
        ([], 2),
        ({}, 2),
        ({"round": "1"}, 2),
    ):
        beacon.write_text(json.dumps(content), "utf-8")
        assert verify(tmp_path, record, "--beacon", str(beacon)).exit_code == code, content


def test_record_is_read_from_standard_input_when_it_is_piped(record: dict[str, Any]) -> None:
    piped = CliRunner().invoke(app, ["draw", "verify", "-"], input=json.dumps(record))
    assert (piped.exit_code, piped.output.splitlines()[-1]) == (0, "As published.")
    nothing = CliRunner().invoke(app, ["draw", "verify", "-"], input="")
    assert nothing.exit_code == 2
    assert "- cannot be used: it is not unambiguous JSON in UTF-8." in nothing.output


@pytest.mark.parametrize(
    "unusable", [b"", b"{", b"[]", b"{}", b'{"draws": []}', b'{"draws": [{}], "draws": []}', b"\xff", b"null"]
)
def test_file_is_unusable_when_it_is_no_record(tmp_path: Path, unusable: bytes) -> None:
    result = verify(tmp_path, unusable)
    assert result.exit_code == 2
    assert "cannot be used" in result.output


def test_file_or_beacon_is_unusable_when_it_is_not_there(tmp_path: Path, record: dict[str, Any]) -> None:
    missing = str(tmp_path / "missing.json")
    assert CliRunner().invoke(app, ["draw", "verify", missing]).exit_code == 2
    assert verify(tmp_path, record, "--beacon", missing).exit_code == 2


def test_beacon_is_asked_when_it_is_an_address(
    tmp_path: Path, record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "https://beacon.test/public/657413"
    answers = {
        0: httpx.Response(200, json=told(record), request=httpx.Request("GET", address)),
        1: httpx.Response(200, json=told(record, signature="00" * 48), request=httpx.Request("GET", address)),
        2: httpx.Response(404, request=httpx.Request("GET", address)),
    }
    for code, answer in answers.items():
        monkeypatch.setattr(httpx, "get", lambda url, given=answer, **_: given if url == address else None)
        assert verify(tmp_path, record, "--beacon", address).exit_code == code


def test_beacon_is_unusable_when_its_address_cannot_be_encoded(
    tmp_path: Path, record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(url: str, **_: Any) -> httpx.Response:
        # What looks names up says so of an empty label.
        url.partition("//")[2].rstrip("/").encode("idna")
        raise AssertionError(url)

    monkeypatch.setattr(httpx, "get", refuse)
    result = verify(tmp_path, record, "--beacon", "http://a..b/")
    assert result.exit_code == 2
    assert "the beacon does not answer" in result.output
