import errno
import gzip
import hashlib
import io
import json
import os
import tracemalloc
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onebox.ocds.document import Document, Refusal
from onebox.ocds.files import OcdsFile, read

ROOT = Path(__file__).resolve().parents[4]
DATA = ROOT.parent / "shared" / "data"
SAMPLE = ROOT / "examples" / "ocds" / "dominican-republic-sample.jsonl.gz"

# Numbers of documents and codes of refusals, from the README files beside the data.
# edge: 3,000 lines of which 6 have a number for an ocid, and 7 broken ones. fictional: 6 packages of one release, one
# of six, 2 records; a README and a licence. ppp: 8 releases, 1 record; a licence.
EXPECTED: list[tuple[Path, int, dict[str, int]]] = [(SAMPLE, 300, {})]
if DATA.is_dir():
    EXPECTED += [
        (DATA / "dr" / "do-sample.jsonl.gz", 2_168, {}),
        (DATA / "fictional", 6 + 6 + 2, {"not-json": 2}),
        (DATA / "ppp", 8 + 1, {"not-json": 1}),
        (
            DATA / "edge" / "edge.jsonl.gz",
            2_994,
            {
                "ocid-missing": 6,
                "blank-line": 2,
                "invalid-json": 1,
                "list-empty": 1,
                "not-an-object": 2,
                "not-a-number": 1,
            },
        ),
    ]

RELEASE: dict[str, Any] = {"ocid": "ocds-1", "tag": ["tender"], "tender": {"title": 'brackets ]}{[ and "quotes"'}}
OTHER = {**RELEASE, "ocid": "ocds-2"}
LINE, OTHER_LINE = (json.dumps(value).encode() for value in (RELEASE, OTHER))


def contents(path: Path) -> tuple[list[Document], list[Refusal]]:
    found = [item for file in read([path]) for item in file]
    return [item for item in found if isinstance(item, Document)], [item for item in found if isinstance(item, Refusal)]


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def told(path: Path) -> list[str]:
    """The ocid of each document and the code of each refusal, each with its position."""
    return [
        f"{item.position} {item.ocid if isinstance(item, Document) else item.problem.code}".strip()
        for item in OcdsFile(path)
    ]


@pytest.mark.parametrize(("path", "documents", "refusals"), EXPECTED, ids=lambda value: getattr(value, "name", None))
def test_every_document_is_found_and_every_other_place_told_when_published_data_is_read(
    path: Path, documents: int, refusals: dict[str, int]
) -> None:
    found, refused = contents(path)
    assert len(found) == documents
    assert Counter(item.problem.code for item in refused) == refusals
    assert all(item.compiled or item.releases for item in found)


def unpacked_zoo(folder: Path) -> dict[str, dict[str, Any]]:
    """Unpack the mixed real files, or stand the sample in for them; return what the manifest says of each."""
    zoo = DATA / "import-zoo"
    if not zoo.is_dir():
        content = SAMPLE.read_bytes()
        (folder / SAMPLE.name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        return {SAMPLE.name: {"sha256": digest, "bytes": len(content), "n_releases": 300}}
    with zipfile.ZipFile(zoo / "import-zoo.zip") as archive:
        archive.extractall(folder)
    return {entry["path"]: entry for entry in json.loads((zoo / "manifest.json").read_text(encoding="utf-8"))}


def test_each_file_gives_what_the_manifest_says_when_files_of_mixed_quality_are_read(tmp_path: Path) -> None:
    manifest = unpacked_zoo(tmp_path)
    # Two records only link to their releases; the manifest does not tell these from the others.
    linking = {f"paraguay/sample/records/{number}.json" for number in (284437, 284453)}
    files = list(read([tmp_path]))
    assert [str(file.path.relative_to(tmp_path)) for file in files] == sorted(
        manifest, key=lambda path: path.split("/")
    )
    for file in files:
        path = str(file.path.relative_to(tmp_path))
        entry = manifest[path]
        items = list(file)
        assert file.original is not None
        assert (file.original.sha256, file.original.size) == (entry["sha256"], entry["bytes"])
        codes = [item.problem.code for item in items if isinstance(item, Refusal)]
        if entry["bytes"] == 0:
            assert codes == ["file-empty"]
        elif path in linking:
            assert codes == ["linked-release-not-fetched"]
        else:
            assert (len(items), codes) == (entry.get("n_releases") or entry.get("n_records") or 1, [])


SHAPES: dict[str, bytes] = {
    "release package": json.dumps({"uri": "x", "releases": [RELEASE, OTHER]}).encode(),
    "record package": json.dumps(
        {"records": [{"ocid": "ocds-1", "compiledRelease": RELEASE}, {"ocid": "ocds-2", "releases": [OTHER]}]}
    ).encode(),
    "record without ocid of its own": json.dumps(
        [{"releases": [value], "compiledRelease": value} for value in (RELEASE, OTHER)]
    ).encode(),
    "list of releases": json.dumps([RELEASE, OTHER]).encode(),
    "list of packages": json.dumps([{"releases": [RELEASE]}, {"records": [{"compiledRelease": OTHER}]}]).encode(),
    "JSON Lines": LINE + b"\n" + OTHER_LINE + b"\n",
    "JSON Lines of packages": b'{"releases":[' + LINE + b']}\n{"releases":[' + OTHER_LINE + b"]}",
    "JSON Lines with CRLF and a byte order mark": b"\xef\xbb\xbf" + LINE + b"\r\n" + OTHER_LINE + b"\r\n",
    "concatenated on one line": LINE + OTHER_LINE,
    "concatenated with byte order marks": b"\xef\xbb\xbf" + LINE + b"\n\xef\xbb\xbf" + OTHER_LINE,
    "pretty, concatenated": json.dumps(RELEASE, indent=2).encode() + b"\n\n" + json.dumps(OTHER, indent=2).encode(),
    "pretty, next begins on the line of the last": json.dumps(RELEASE, indent=2).encode()
    + json.dumps(OTHER, indent=2).encode(),
    "compact, then pretty": LINE + b"\n" + json.dumps(OTHER, indent="\t").encode(),
    "pretty package with CRLF": json.dumps({"releases": [RELEASE, OTHER]}, indent=1).replace("\n", "\r\n").encode(),
    "list with a release a line": b"[\n" + LINE + b",\n" + OTHER_LINE + b"\n]\n",
}


@pytest.mark.parametrize("compressed", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("content", SHAPES.values(), ids=SHAPES)
def test_both_processes_are_found_when_they_are_published_in_any_shape(
    tmp_path: Path, content: bytes, compressed: Callable[[bytes], bytes]
) -> None:
    documents, refusals = contents(written(tmp_path, compressed(content)))
    assert refusals == []
    assert [item.ocid for item in documents] == ["ocds-1", "ocds-2"]
    releases = [item.compiled or item.releases[0] for item in documents]
    assert releases == [RELEASE, OTHER]


# What is bad about the content, and all that is told about it. Bad places must not take good ones with them.
BROKEN: dict[str, tuple[bytes, list[str]]] = {
    "empty": (b"", ["file-empty"]),
    "nothing but white space": (b" \r\n\n\t", ["file-empty"]),
    "empty, compressed": (gzip.compress(b"", mtime=0), ["file-empty"]),
    "prose": (b"# Read me\nNothing in here is JSON.\n", ["not-json"]),
    "settings": (b"[section]\nname = value\n", ["not-json"]),
    "binary": (b"PK\x03\x04\x00\x00" + LINE, ["invalid-utf-8"]),
    "UTF-16": (LINE.decode().encode("utf-16"), ["invalid-utf-8"]),
    "one bad line": (LINE + b"\n{not json\n" + OTHER_LINE, ["line 1 ocds-1", "line 2 invalid-json", "line 3 ocds-2"]),
    "not an object": (b'["x", 1, null]', [f"line 1 /{index} not-an-object" for index in range(3)]),
    "empty list": (b'{"releases":[]}', ["line 1 /releases list-empty"]),
    "package without list": (b'{"records":{"a":1}}', ["line 1 /records not-a-list"]),
    "no ocid": (b'{"tag":["tender"]}', ["line 1 ocid-missing"]),
    "ocid that is a number": (b'{"ocid":5,"tag":["tender"]}', ["line 1 ocid-missing"]),
    "ocid that is blank": (b'{"ocid":" ","tag":["tender"]}', ["line 1 ocid-missing"]),
    "ocid and nothing else": (b'{"ocid":"x","path":"y"}', ["line 1 not-a-release"]),
    "record with links alone": (
        b'{"records":[{"ocid":"x","releases":[{"url":"u","date":"d","tag":[]}]}]}',
        ["line 1 /records/0 linked-release-not-fetched"],
    ),
    "record without anything": (b'{"ocid":"x","releases":[]}', ["line 1 record-empty"]),
    "record with nothing that fits": (b'{"ocid":"x","releases":7}', ["line 1 not-a-list"]),
    "record with the versions alone": (b'{"ocid":"x","versionedRelease":{}}', ["line 1 record-empty"]),
    "record of another": (b'{"ocid":"x","compiledRelease":{"ocid":"y"}}', ["line 1 ocid-differs"]),
    "damaged gzip": (gzip.compress(LINE, mtime=0)[:20] + b"\xff" * 40, ["gzip-broken"]),
    "gzip with something after it": (gzip.compress(LINE, mtime=0) + b"rest", ["line 1 ocds-1", "gzip-broken"]),
    "gzip of nothing": (b"\x1f\x8b", ["gzip-truncated"]),
}


@pytest.mark.parametrize(("content", "expected"), BROKEN.values(), ids=BROKEN)
def test_the_place_is_told_and_reading_goes_on_when_something_is_broken(
    tmp_path: Path, content: bytes, expected: list[str]
) -> None:
    path = written(tmp_path, content)
    file = OcdsFile(path)
    list(file)
    assert told(path) == expected
    assert file.original is not None
    assert (file.original.sha256, file.original.size) == (hashlib.sha256(content).hexdigest(), len(content))


def test_the_lines_before_the_cut_are_read_when_a_compressed_file_is_truncated(tmp_path: Path) -> None:
    content = SAMPLE.read_bytes()[:200_000]
    whole_lines = zlib.decompressobj(wbits=31).decompress(content).count(b"\n")
    documents, refusals = contents(written(tmp_path, content))
    assert [item.problem.code for item in refusals][1:] == ["gzip-truncated"]
    assert refusals[0].position.line == whole_lines + 1
    assert 0 < len(documents) == whole_lines < 300


def test_memory_stays_small_when_json_lines_are_much_larger(tmp_path: Path) -> None:
    line = json.dumps({**RELEASE, "title": "x" * 1_000}).encode() + b"\n"
    path = written(tmp_path, gzip.compress(line * 5_000))
    tracemalloc.start()
    try:
        assert sum(isinstance(item, Document) for item in OcdsFile(path)) == 5_000
        assert tracemalloc.get_traced_memory()[1] < 2**20 < len(line) * 5_000
    finally:
        tracemalloc.stop()


def test_what_is_odd_is_noted_when_the_rest_of_a_record_is_taken(tmp_path: Path) -> None:
    record = {
        "ocid": "ocds-1",
        "releases": [{"url": "u", "date": "d", "tag": []}, 5, OTHER, RELEASE, {"tag": ["award"]}],
        "compiledRelease": [],
    }
    [item] = OcdsFile(written(tmp_path, json.dumps(record).encode()))
    assert isinstance(item, Document)
    assert item.compiled is None
    assert item.releases == (RELEASE, {"tag": ["award"]})
    assert [problem.code for problem in item.problems] == [
        "compiled-release-not-an-object",
        "linked-release-not-fetched",
        "release-not-an-object",
        "ocid-differs",
    ]


def test_files_come_in_the_order_of_their_names_when_folders_are_read(tmp_path: Path) -> None:
    for name in ("b/2.json", "b/1.txt", "a.json", "c", ".hidden", ".git/x"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(LINE)
    (tmp_path / "empty").mkdir()
    files = [(str(file.path.relative_to(tmp_path)), len(list(file))) for file in read([tmp_path, tmp_path / "c"])]
    assert files == [("a.json", 1), ("b/1.txt", 1), ("b/2.json", 1), ("c", 1), ("empty", 1), ("c", 1)]
    assert told(tmp_path / "a.json") == ["line 1 ocds-1"]


def test_each_path_has_one_refusal_when_it_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "again").symlink_to(tmp_path / "folder")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").symlink_to(tmp_path / "nothing")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(os.fsencode(tmp_path) + b"/\xff")
    documents, refusals = contents(tmp_path)
    assert documents == []
    assert [(item.file.removeprefix(f"{tmp_path}/"), str(item.position), item.problem.code) for item in refusals] == [
        ("broken", "", "path-missing"),
        ("empty", "", "folder-empty"),
        ("folder/again", "", "folder-seen-before"),
        ("loop", "", "link-loop"),
        ("pipe", "", "not-a-file"),
        ("\N{REPLACEMENT CHARACTER}", "", "not-a-file"),
    ]
    assert all(file.original is None for file in read([tmp_path]) if list(file))


class FailingDisk(io.FileIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 0:
            raise OSError(errno.EIO, "secret")
        return super().read(size) or b""


def test_what_was_read_is_kept_when_the_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, (LINE + b"\n") * 2_000)
    monkeypatch.setattr(os, "fdopen", lambda opened, *_, **__: FailingDisk(opened))
    file = OcdsFile(path)
    *documents, refusal = file
    # What fits into the first 64 KiB; the line that is cut there is lost with the rest.
    assert len(documents) == 2**16 // len(LINE + b"\n")
    assert isinstance(refusal, Refusal)
    assert refusal.problem.code == "unreadable"
    assert "secret" not in refusal.problem.detail
    assert file.original is None


def test_the_system_is_believed_when_it_forbids_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: object, **__: object) -> None:
        raise PermissionError(13, "secret")

    (tmp_path / "folder").mkdir()
    file = written(tmp_path, LINE)
    monkeypatch.setattr(os, "open", forbid)
    monkeypatch.setattr(Path, "iterdir", forbid)
    refused = [item for path in (file, tmp_path / "folder") for item in contents(path)[1]]
    assert [item.problem.code for item in refused] == ["unreadable", "unreadable"]
    assert refused[0].problem.detail == "The system does not let it be read (Permission denied)."
