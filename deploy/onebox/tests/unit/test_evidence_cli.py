"""`coxswain evidence verify`, on a pack that the registry's domain has issued."""

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from onebox.cli import app
from provider_registry.domain.criteria import criteria_of
from provider_registry.domain.declaration import CriterionAnswer, declare
from provider_registry.domain.document import Paper, enter
from provider_registry.domain.evidence_pack import EvidencePack, Known, issue
from provider_registry.domain.provider import register
from provider_registry.domain.provider_data import Identifier
from shared.contracts.event import Event
from shared.kernel.access import Actor
from shared.rules.pack import load_pack

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PACK = load_pack("model")
CONTENT = b"No taxes are owed."


@pytest.fixture
def issued() -> EvidencePack:
    provider, _ = register(
        organisation="oarsmen", name="Oarsmen", legal_form="company", identifier=Identifier("XX-REG", "1")
    )
    answers = tuple(CriterionAnswer(one.id, not one.goes_against(answer=True)) for one in criteria_of(PACK).values())
    declaration, _ = declare(None, "oarsmen", answers, by="carl", at=NOW, pack=PACK)
    paper = Paper(
        "tax-clearance",
        "Tax Office",
        "T-1",
        date(2026, 3, 1),
        date(2026, 3, 1),
        date(2026, 5, 31),
        hashlib.sha256(CONTENT).hexdigest(),
    )
    document, _ = enter(UUID(int=1), "oarsmen", paper, others=(), by="carl", at=NOW, pack=PACK)
    document, _ = document.accept(Actor("rosa", "registry", frozenset()), at=NOW, pack=PACK)
    return issue(Known(provider, declaration, [document], []), pack=PACK, at=NOW, now=NOW)[0]


def verify(folder: Path, pack: Any, *options: str) -> Any:
    file = folder / "pack.json"
    file.write_text(pack if isinstance(pack, str) else json.dumps(pack, indent=2), "utf-8")
    return CliRunner().invoke(app, ["evidence", "verify", str(file), *options])


def test_pack_holds_when_nothing_was_altered(tmp_path: Path, issued: EvidencePack) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "any name").write_bytes(CONTENT)
    options = ("--documents", str(papers), "--digest", issued.digest)
    # Formatting makes no difference.
    for written in (issued.text, json.loads(issued.text)):
        result = verify(tmp_path, written, *options)
        assert (result.exit_code, result.output.count("✓"), result.output.count("✗")) == (0, 4, 0), result.output
        assert issued.digest in result.output
    (papers / "any name").write_bytes(CONTENT + b" ")
    result = verify(tmp_path, issued.text, *options)
    assert (result.exit_code, result.output.count("✗")) == (1, 1)
    assert "is at hand, unchanged" in result.output


@pytest.mark.parametrize(
    ("day", "code"), [("2026-03-01", 0), ("2026-05-31", 0), ("2026-02-28", 1), ("2026-06-01", 1), ("2027-03-03", 1)]
)
def test_documents_are_held_to_the_day(tmp_path: Path, issued: EvidencePack, day: str, code: int) -> None:
    assert verify(tmp_path, issued.text, "--day", day).exit_code == code


def test_pack_does_not_hold_when_it_was_altered(tmp_path: Path, issued: EvidencePack) -> None:
    altered = json.loads(issued.text)
    altered["documents"][0]["valid_until"] = "2030-01-01"
    result = verify(tmp_path, altered, "--digest", issued.digest, "--json")
    told = json.loads(result.output)
    assert (result.exit_code, told["ok"]) == (1, False)
    assert [one["what"] for one in told["findings"] if not one["ok"]] == ["its digest is the one cited"]
    undeclared = {**json.loads(issued.text), "declaration": None}
    assert "✗ the provider has declared itself" in verify(tmp_path, undeclared).output


def test_pack_holds_only_if_the_log_says_that_it_was_issued(
    tmp_path: Path, issued: EvidencePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = Event(
        id=UUID(int=1),
        source="/provider-registry",
        type="provider.evidence-pack-issued.v1",
        subject=str(issued.id),
        time=NOW,
        dataschema="urn:coxswain:event:provider.evidence-pack-issued.v1",
        partitionkey="oarsmen",
        sequence="0000000001",
        position=7,
        data={"provider": "oarsmen", "digest": issued.digest},
    )
    asked: list[httpx.Request] = []

    def feed(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        page = [event.model_dump(mode="json")] if request.url.params["after"] == "0" else []
        return httpx.Response(200, json=page)

    original = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **given: original(transport=httpx.MockTransport(feed), **given))
    options = ("--feed", "http://box.test")
    assert verify(tmp_path, issued.text, *options).exit_code == 0
    assert (asked[0].url.path, asked[0].url.params["key"]) == ("/provider-registry/v1/events", "oarsmen")
    altered = {**json.loads(issued.text), "pack_version": "9.9.9"}
    result = verify(tmp_path, altered, *options)
    assert (result.exit_code, "✗ the public log says" in result.output) == (1, True)
    monkeypatch.setattr(
        httpx,
        "Client",
        lambda **given: original(transport=httpx.MockTransport(lambda _: httpx.Response(500)), **given),
    )
    assert verify(tmp_path, issued.text, *options).exit_code == 2


@pytest.mark.parametrize(
    "altered",
    [
        "no JSON",
        "[]",
        '{"format": "another/1"}',
        '{"format": "coxswain-evidence-pack/1"}',
        '{"format": "coxswain-evidence-pack/1", "at": 7, "organisation": "o", "declaration": [], "documents": {}}',
        '{"format": "coxswain-evidence-pack/1", "at": "2026-03-02", "organisation": "o", "declaration": {}}',
    ],
)
def test_file_is_refused_when_it_is_no_pack(tmp_path: Path, altered: str) -> None:
    result = verify(tmp_path, altered)
    assert (result.exit_code, "cannot be used" in result.stderr) == (2, True)
    assert verify(tmp_path, "{}", "--documents", str(tmp_path / "nowhere")).exit_code == 2
