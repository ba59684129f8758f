"""`coxswain ocds import` against a Coxswain that runs."""

import asyncio
import gzip
import hashlib
import io
import json
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from onebox.people import DEMO_SECRET
from onebox.sample import SAMPLE, load_sample
from onebox.serving import Place
from shared.testing.onebox import OneBox, coxswain, free_port

pytestmark = pytest.mark.xdist_group("onebox-process")
ROOT = Path(__file__).resolve().parents[4]
ZOO = ROOT.parent / "shared" / "data" / "import-zoo"
SEEN_WITHIN = 60.0  # seconds


def import_json(box: OneBox, *paths: Path, options: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
    ended = coxswain("ocds", "import", *paths, "--url", box.url, "--json", *options)
    assert ended.stderr == ""
    report: dict[str, Any] = json.loads(ended.stdout)
    return ended.returncode, report


def events(box: OneBox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while page := httpx.get(f"{box.url}/evaluation/v1/events", params={"after": len(found), "limit": 1_000}).json():
        found += page
    return [event for event in found if event["type"] == "audit.process-imported.v1"]


def shown(box: OneBox) -> set[str]:
    """Return the ocids of all processes of other publishers that the portal shows."""
    found, parameters = set(), {"external": "true", "limit": "200"}
    while True:
        page = httpx.get(f"{box.url}/v1/procedures", params=parameters).raise_for_status().json()
        found |= {item["ocid"] for item in page["items"]}
        if page["next"] is None:
            return found
        parameters["cursor"] = page["next"]


def wait_until_shown(box: OneBox, ocids: set[str]) -> None:
    until = time.monotonic() + SEEN_WITHIN
    while not ocids <= shown(box):
        assert time.monotonic() < until, "the portal does not show them in time"
        time.sleep(0.2)


def original(box: OneBox, sha256: str) -> bytes:
    form = {"grant_type": "client_credentials", "client_id": "operator-1", "client_secret": DEMO_SECRET}
    token = httpx.post(f"{box.url}/identity/token", data=form | {"audience": "evaluation"}).json()["access_token"]
    answer = httpx.get(
        f"{box.url}/evaluation/v1/originals/{sha256}", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    return answer.raise_for_status().content


def ocids_in(content: bytes) -> set[str]:
    """Find the ocids of a package, of a record or of a release, the simplest way."""
    value = json.loads(content)
    return {item["ocid"] for item in value.get("releases") or value.get("records") or [value]}


def real_files(folder: Path) -> tuple[dict[str, bytes], set[str], dict[str, str]]:
    """Lay out the mixed real files; return them, the ocids in them and the refusals that must be told.

    Where they are missing the sample stands in for them, cut into three files and an empty one.
    """
    if ZOO.is_dir():
        with zipfile.ZipFile(ZOO / "import-zoo.zip") as archive:
            archive.extractall(folder)
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        manifest = json.loads((ZOO / "manifest.json").read_text("utf-8"))
        assert {entry["path"]: entry["sha256"] for entry in manifest} == {
            name: hashlib.sha256(content).hexdigest() for name, content in files.items()
        }
        # README of the data: three are empty. Two records only link to their releases.
        refused = {entry["path"]: "file-empty" for entry in manifest if entry["bytes"] == 0}
        refused |= {
            f"paraguay/sample/records/{number}.json": "linked-release-not-fetched" for number in (284437, 284453)
        }
        return (
            files,
            set().union(*(ocids_in(content) for name, content in files.items() if name not in refused)),
            refused,
        )
    lines = gzip.decompress(SAMPLE.read_bytes()).splitlines(keepends=True)
    files = {f"{number}.jsonl": b"".join(lines[number::3]) for number in range(3)} | {"empty.json": b""}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return files, {json.loads(line)["ocid"] for line in lines}, {"empty.json": "file-empty"}


def test_nothing_is_lost_and_nothing_done_twice_when_files_of_mixed_quality_are_imported(
    box: OneBox, tmp_path: Path
) -> None:
    files, ocids, refused = real_files(tmp_path)

    code, report = import_json(box, tmp_path)

    assert (code, report["ok"], report["failure"]) == (3, False, None)
    told = {Path(file["file"]).relative_to(tmp_path).as_posix(): file for file in report["files"]}
    assert told.keys() == files.keys()
    for name, file in told.items():
        assert (file["sha256"], file["size"]) == (hashlib.sha256(files[name]).hexdigest(), len(files[name]))
        assert file["original_kept"]
        codes = [refusal["code"] for refusal in file["refusals"]]
        assert codes == ([refused[name]] if name in refused else [])
        taken = sum(file[outcome] for outcome in ("published", "changed", "unchanged", "merged", "refused"))
        assert (taken, file["unreadable"]) == (file["documents"], len(codes))
    totals = report["totals"]
    assert totals["published"] == len(ocids)
    assert totals["documents"] + totals["unreadable"] >= len(files)
    published = events(box)
    assert {event["partitionkey"] for event in published} >= ocids
    assert Counter(event["partitionkey"] for event in published).most_common(1)[0][1] == 1
    for name in [*refused, next(iter(files))]:
        assert original(box, told[name]["sha256"]) == files[name]
    wait_until_shown(box, ocids)

    code, again = import_json(box, tmp_path)

    assert code == 3
    assert (again["totals"]["published"], again["totals"]["changed"]) == (0, 0)
    assert again["totals"]["unchanged"] == len(ocids)
    assert len(events(box)) == len(published)


def test_the_sample_is_loaded_once_when_it_was_complete(box: OneBox, tmp_path: Path) -> None:
    said = io.StringIO()
    console = Console(file=said, width=120)
    mark = tmp_path / "sample.loaded"

    asyncio.run(load_sample(Place(tmp_path, free_port()), console))
    assert ("does not answer" in said.getvalue(), mark.exists()) == (True, False)
    asyncio.run(load_sample(Place(tmp_path, box.port), console))
    assert mark.exists()
    length = len(said.getvalue())
    asyncio.run(load_sample(Place(tmp_path, box.port), console))
    assert len(said.getvalue()) == length

    lines = gzip.decompress(SAMPLE.read_bytes()).splitlines()
    wait_until_shown(box, {json.loads(line)["ocid"] for line in lines})
    # The amount as it stands in the text.
    first = json.loads(lines[0], parse_float=str, parse_int=str)
    process = httpx.get(f"{box.url}/evaluation/v1/external-processes/{first['ocid']}").json()["process"]
    assert process["estimate"] == {"amount": first["tender"]["value"]["amount"], "currency": "DOP"}


def test_a_process_is_merged_when_its_releases_are_in_several_files(box: OneBox, tmp_path: Path) -> None:
    for number, (tag, tender) in enumerate([("planning", {"id": 1, "title": "Old"}), ("tender", {"title": "New"})]):
        release = {"ocid": "ocds-apart-1", "id": str(number), "date": f"2024-0{number + 1}-01T00:00:00Z"}
        (tmp_path / f"{number}.json").write_text(json.dumps({"releases": [release | {"tag": [tag], "tender": tender}]}))

    code, report = import_json(box, tmp_path)

    assert (code, [(file["published"], file["merged"]) for file in report["files"]]) == (0, [(1, 0), (0, 1)])
    answer = httpx.get(f"{box.url}/evaluation/v1/external-processes/ocds-apart-1").json()
    assert (answer["process"]["title"], len(answer["provenance"]["sources"])) == ("New", 2)
    assert [item["file"] for item in answer["provenance"]["originals"]] == ["0.json", "1.json"]


def test_one_sentence_and_exit_code_1_say_it_when_nothing_can_be_imported(box: OneBox) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"

    ended = coxswain("ocds", "import", SAMPLE, "--url", nobody)
    code, report = import_json(box, SAMPLE, options=("--client-id", "operator-1"))

    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (
        1,
        f"{nobody} does not answer (ConnectError).",
        "",
    )
    assert (code, report["failure"]) == (1, "The client operator-1 may not import: it needs the role importer.")
