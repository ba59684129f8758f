"""`coxswain rules`: questions in files and on standard input, answered without a server."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from onebox.cli import app
from shared.platform.edge import LARGEST_BODY
from shared.rules.questions import abnormally_low, checks, deadlines, payment, scoring

SCORE: dict[str, Any] = {
    "formula": "ratio_to_lowest",
    "price_weight": "30",
    "bids": [
        {"id": "A", "price": "900000.00", "quality": "78"},
        {"id": "B", "price": "1000000.00", "quality": "88", "deduction": "0.10"},
        {"id": "C", "price": "1200000.00", "quality": "93"},
    ],
}
BIDS = [{"id": name, "price": price} for name, price in (("A", "600000"), ("B", "500000"), ("C", "249999.99"))]
QUESTIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "score": (scoring, SCORE),
    "abnormally-low": (abnormally_low, {"pack": "cn-services", "bids": BIDS}),
    "deadline": (deadlines, {"pack": "cn-services", "rule": "tender-period", "start": "2026-03-02"}),
    "payment": (
        payment,
        {"pack": "model", "due": {"amount": "123.45", "currency": "EUR"}, "grade": "B"},
    ),
    "check": (checks, {"pack": "cn-services", "on": "2026-03-02", "facts": {"bids": {"received": 2}}}),
}


def run(*words: str, given: bytes | str | None = None) -> Result:
    return CliRunner().invoke(app, ["rules", *words], input=given)


@pytest.mark.parametrize("command", QUESTIONS)
@pytest.mark.parametrize("from_file", [True, False])
def test_answer_is_one_json_document_when_a_question_is_put(command: str, from_file: bool, tmp_path: Path) -> None:
    module, document = QUESTIONS[command]
    file = tmp_path / "question.json"
    file.write_text(json.dumps(document), "utf-8")
    ended = run(command, str(file)) if from_file else run(command, "-", given=file.read_bytes())
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == module.answer(document)


def test_winner_is_the_published_one_when_bids_are_scored() -> None:
    ranking = json.loads(run("score", "-", given=json.dumps(SCORE)).stdout)["ranking"]
    # 30 * 900/900 + 0.7 * 88, as B's price counts for 900,000
    assert ranking[0] == {
        "id": "B", "rank": 1, "evaluation_price": "900000.0000", "price_points": "30.0000", "total": "91.6000"
    }  # fmt: skip


def test_deadline_is_the_published_one_when_it_is_reckoned() -> None:
    _, document = QUESTIONS["deadline"]
    # Day 20 is Sunday 2026-03-22.
    assert json.loads(run("deadline", "-", given=json.dumps(document)).stdout)["date"] == "2026-03-23"


def test_problem_names_the_place_when_the_input_makes_no_sense() -> None:
    spoiled = {**SCORE, "bids": [*SCORE["bids"], {"id": "D", "price": 1, "quality": "1"}]}
    ended = run("score", "-", given=json.dumps(spoiled))
    assert (ended.exit_code, ended.stderr) == (1, "")
    assert json.loads(ended.stdout) == {
        "type": "urn:coxswain:problem:number-not-text",
        "title": "The request makes no sense",
        "status": 422,
        "detail": "Write the number as a string, so that no digit is lost.",
        "code": "number-not-text",
        "pointer": "/bids/3/price",
    }


@pytest.mark.parametrize("command", QUESTIONS)
def test_problem_is_printed_when_the_input_is_another_document(command: str) -> None:
    ended = run(command, "-", given="[]")
    assert ended.exit_code == 1
    assert (json.loads(ended.stdout)["code"], json.loads(ended.stdout)["pointer"]) == ("value-invalid", "")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (b"{", "it is not unambiguous JSON in UTF-8"),
        (b"", "it is not unambiguous JSON in UTF-8"),
        (b"\xff", "it is not unambiguous JSON in UTF-8"),
        (b'{"formula": "qcbs", "formula": "min_max"}', "it is not unambiguous JSON in UTF-8"),
        (b" " * (LARGEST_BODY + 1), f"it has more than {LARGEST_BODY} bytes"),
    ],
    ids=["cut-off", "empty", "not-utf-8", "ambiguous", "too-large"],
)
@pytest.mark.parametrize("from_file", [True, False])
def test_nothing_is_answered_when_the_input_is_no_json(given: bytes, why: str, from_file: bool, tmp_path: Path) -> None:
    file = tmp_path / "question.json"
    file.write_bytes(given)
    name = str(file) if from_file else "-"
    ended = run("score", name, given=None if from_file else given)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.replace("\n", "") == f"{name} cannot be read: {why}."


def test_nothing_is_answered_when_there_is_no_such_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        ended = run("check", str(path))
        assert (ended.exit_code, ended.stdout) == (2, "")
        assert "cannot be read" in ended.stderr


def test_terminal_is_not_steered_when_an_id_would(tmp_path: Path) -> None:
    document = {"formula": "lowest_price", "bids": [{"id": "\x1b[31mA", "price": "1"}]}
    ended = run("score", "-", given=json.dumps(document))
    assert "\x1b" not in ended.stdout
    assert json.loads(ended.stdout)["ranking"][0]["id"] == "\x1b[31mA"
