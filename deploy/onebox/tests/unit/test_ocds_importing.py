"""What is counted and what is sent, with a service that answers as it is told."""

import io
import json
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from onebox.credentials import Credentials
from onebox.ocds import importing
from onebox.ocds.report import Report
from onebox.ocds.service import EvaluationService, Result

Service = tuple[EvaluationService, list[dict[str, Any]], list[bytes]]
CREDENTIALS = Credentials("importer", "demo")


@pytest.fixture
def service() -> Callable[..., Service]:
    """Return what makes a service that takes everything in, and lists what it was sent."""

    def make(*, refused_file: bytes | None = None, refused_ocid: str | None = None, dead: bool = False) -> Service:
        sent: list[dict[str, Any]] = []
        kept: list[bytes] = []

        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/identity/token":
                return httpx.Response(200, json={"access_token": "token", "expires_in": 300})
            if dead:
                return httpx.Response(403)
            if request.method == "PUT":
                if request.content == refused_file:
                    return httpx.Response(422, json={"code": "digest-differs", "detail": "Other bytes."})
                kept.append(request.content)
                return httpx.Response(201, json={})
            processes = json.loads(request.content)["processes"]
            sent.extend(processes)
            return httpx.Response(200, json={"results": [_result(one, refused_ocid) for one in processes]})

        http = httpx.AsyncClient(base_url="http://box.test", transport=httpx.MockTransport(answer))
        return EvaluationService(http, CREDENTIALS), sent, kept

    return make


def _result(process: dict[str, Any], refused: str | None) -> dict[str, Any]:
    ocid = json.loads(process["release"])["ocid"]
    if ocid == refused:
        return {"ocid": ocid, "outcome": "refused", "problems": [{"code": "ocid-odd", "detail": "It is odd."}]}
    return {"ocid": ocid, "outcome": "published", "problems": []}


def line(ocid: str, **members: Any) -> str:
    return json.dumps({"ocid": ocid, "tag": ["compiled"], **members}) + "\n"


async def run(service: EvaluationService, *paths: Path) -> Report:
    return await importing.imported(paths, service, Console(file=io.StringIO()), quiet=True)


def counts(report: Report) -> list[tuple[int, int, int, int]]:
    """Return documents, published, merged and refused of each file."""
    return [
        (file.documents, file.outcomes["published"], file.outcomes["merged"], file.outcomes["refused"])
        for file in report.files
    ]


async def test_each_process_is_sent_once_with_the_files_it_is_made_from(
    tmp_path: Path, service: Callable[..., Service]
) -> None:
    (tmp_path / "a.jsonl").write_text(line("x") + line("y") + line("x"))
    (tmp_path / "b.jsonl").write_text(line("y") + "broken\n" + line("z", note="ñ\u2028"))
    evaluation, sent, kept = service()

    report = await run(evaluation, tmp_path)

    assert [json.loads(one["release"])["ocid"] for one in sent] == ["x", "y", "z"]
    assert [[original["file"] for original in one["originals"]] for one in sent] == [
        ["a.jsonl"],
        ["a.jsonl", "b.jsonl"],
        ["b.jsonl"],
    ]
    assert json.loads(sent[2]["release"])["note"] == "ñ\u2028"
    # Two files are sent at once, in no order.
    assert sorted(kept) == sorted([(tmp_path / "a.jsonl").read_bytes(), (tmp_path / "b.jsonl").read_bytes()])
    assert counts(report) == [(3, 2, 1, 0), (2, 1, 1, 0)]
    assert (report.files[1].unreadable, report.exit_code) == (1, 3)


async def test_the_place_of_its_first_document_is_told_when_the_service_refuses_a_process(
    tmp_path: Path, service: Callable[..., Service]
) -> None:
    (tmp_path / "a.jsonl").write_text(line("x") + line("y") + line("y"))
    evaluation, _, _ = service(refused_ocid="y")

    report = await run(evaluation, tmp_path)

    assert counts(report) == [(3, 1, 1, 1)]
    assert [(one.position, one.code) for one in report.files[0].refusals] == [("line 2", "ocid-odd")]


async def test_nothing_of_a_file_is_sent_when_its_original_is_not_kept(
    tmp_path: Path, service: Callable[..., Service]
) -> None:
    (tmp_path / "a.jsonl").write_text(line("x") + line("y"))
    (tmp_path / "b.jsonl").write_text(line("y"))
    evaluation, sent, _ = service(refused_file=(tmp_path / "a.jsonl").read_bytes())

    report = await run(evaluation, tmp_path)

    assert [json.loads(one["release"])["ocid"] for one in sent] == ["y"]
    assert counts(report) == [(2, 0, 0, 2), (1, 1, 0, 0)]
    assert [(one.code, report.files[0].original_kept) for one in report.files[0].refusals] == [
        ("digest-differs", False)
    ]


async def test_nothing_of_a_file_is_sent_when_it_is_gone_before_it_is_kept(
    tmp_path: Path, service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: Path) -> bytes:
        raise FileNotFoundError

    (tmp_path / "a.jsonl").write_text(line("x"))
    monkeypatch.setattr(Path, "read_bytes", gone)
    evaluation, sent, _ = service()

    report = await run(evaluation, tmp_path)

    assert (sent, counts(report)) == ([], [(1, 0, 0, 1)])
    assert [one.code for one in report.files[0].refusals] == ["original-not-read"]


async def test_it_is_sent_and_said_when_a_file_is_too_large_to_be_kept(
    tmp_path: Path, service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LARGEST_ORIGINAL", 10)
    (tmp_path / "a.jsonl").write_text(line("x"))
    evaluation, sent, kept = service()

    report = await run(evaluation, tmp_path)

    assert (len(sent), kept, counts(report)) == (1, [], [(1, 1, 0, 0)])
    assert report.files[0].told() == ["The file itself is not kept."]


async def test_an_original_is_sent_once_when_two_files_are_the_same(
    tmp_path: Path, service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_UPLOADS", 1)
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        (tmp_path / name).write_text(line("x"))
    evaluation, sent, kept = service()

    report = await run(evaluation, tmp_path)

    assert (len(sent), len(kept), [file.original_kept for file in report.files]) == (1, 1, [True] * 3)
    assert counts(report) == [(1, 1, 0, 0), (1, 0, 1, 0), (1, 0, 1, 0)]


async def test_no_path_and_no_unprintable_character_goes_out_when_a_file_is_named(
    tmp_path: Path, service: Callable[..., Service]
) -> None:
    folder = tmp_path / "home" / "deep"
    folder.mkdir(parents=True)
    (folder / "a\x1b[31m.jsonl").write_text(line("x"))
    (tmp_path / "alone.jsonl").write_text(line("y"))
    evaluation, sent, _ = service()

    await run(evaluation, tmp_path / "home", tmp_path / "alone.jsonl")

    assert [one["originals"][0]["file"] for one in sent] == ["deep/a\N{REPLACEMENT CHARACTER}[31m.jsonl", "alone.jsonl"]


async def test_it_stops_with_one_sentence_when_the_client_may_not_import(
    tmp_path: Path, service: Callable[..., Service]
) -> None:
    (tmp_path / "a.jsonl").write_text(line("x"))
    evaluation, _, _ = service(dead=True)

    report = await run(evaluation, tmp_path)

    assert report.exit_code == 1
    assert report.failure == "The client importer may not import: it needs the role importer."


async def test_it_stops_with_one_sentence_when_the_disk_is_full(
    tmp_path: Path, service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").write_text(line("x"))
    evaluation, _, _ = service()

    def full(*_: object) -> None:
        raise importing.sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(importing.Spool, "add", full)
    report = await run(evaluation, tmp_path)

    assert report.exit_code == 1
    assert report.failure is not None
    assert "no room" in report.failure


async def test_memory_stays_small_when_much_is_imported(
    tmp_path: Path, service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    # An original is held as a whole while it is sent; what is too large for that is only read.
    monkeypatch.setattr(importing, "LARGEST_ORIGINAL", 10)
    monkeypatch.setattr(importing, "_REQUEST_PROCESSES", 10)
    path = tmp_path / "a.jsonl"
    with path.open("w") as file:
        file.writelines(line(f"x-{number}", title="x" * 5_000) for number in range(3_000))
    evaluation, sent, _ = service()
    take_in = evaluation.take_in

    async def and_forget(processes: Sequence[bytes]) -> list[Result]:
        results = await take_in(processes)
        sent.clear()
        return results

    monkeypatch.setattr(evaluation, "take_in", and_forget)
    tracemalloc.start()
    try:
        report = await run(evaluation, path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert counts(report) == [(3_000, 3_000, 0, 0)]
    assert peak < path.stat().st_size / 4
