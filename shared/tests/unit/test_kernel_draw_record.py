"""Published draws drawn again: the golden examples as they are, and with anything in them altered."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.draw_record import UnusableRecordError, verify

EXAMPLES = Path(__file__).parents[2] / "src" / "shared" / "contracts" / "examples"
OTHER = "00000000-0000-4000-8000-000000000000"


def example(path: str) -> Any:
    return json.loads((EXAMPLES / f"tender.{path}.json").read_text("utf-8"))


@pytest.fixture
def record() -> dict[str, Any]:
    """Return a draw by drand with somebody passed over and somebody replaced, and one more by public records."""
    return {
        "closings": [
            example("panel-pool-closed.v1/three-places-by-drand"),
            example("panel-pool-closed.v1/again-by-public-records"),
        ],
        "draws": [
            example("panel-drawn.v1/one-skipped-by-drand"),
            example("panel-drawn.v1/second-draw-by-public-records"),
        ],
        "substitutions": [example("panel-member-replaced.v1/recused")],
    }


def failed(record: Any, *beacons: Any) -> set[str]:
    return {finding.what for finding in verify(record, beacons) if not finding.kept}


def test_draws_are_as_published_when_nothing_was_altered(record: dict[str, Any]) -> None:
    findings = verify(record)
    assert all(finding.kept for finding in findings)
    assert {finding.draw for finding in findings} == {1, 2}
    assert len(findings) == 22


ALTERED = [
    (("draws", 0, "code"), "0" * 64, "the code is the one that was committed to"),
    (("draws", 0, "commitment"), "0" * 64, "the code is the one that was committed to"),
    (("draws", 0, "iteration"), 2, "the code is the one that was committed to"),
    (("draws", 0, "randomness"), "00" * 32, "the randomness is that of the signature"),
    (("draws", 0, "signature"), "00" * 48, "the randomness is that of the signature"),
    (("draws", 0, "signature"), "00" * 48, "drand signed the round"),
    (("draws", 0, "beacon", "round"), 657_414, "drand signed the round"),
    (("draws", 0, "beacon", "round"), 657_414, "the beacon's instant is that of its round"),
    (("draws", 0, "beacon", "at"), "2023-09-15T11:00:02Z", "the beacon's instant is that of its round"),
    (("draws", 0, "beacon", "chain"), "0" * 64, "the beacon's instant is that of its round"),
    (("draws", 0, "closed_at"), "2023-09-15T11:00:03Z", "the pool was closed before the beacon"),
    (("draws", 0, "drawn_at"), "2023-09-15T11:00:02Z", "nobody drew before the beacon"),
    (("draws", 0, "pool", 0), OTHER, "code and randomness give the order"),
    (("draws", 0, "skipped", 0, "rule"), "", "each who was passed over is passed over by a rule"),
    (("draws", 0, "skipped"), [], "the first whom no rule keeps away are selected"),
    (("draws", 0, "places"), 4, "the first whom no rule keeps away are selected"),
    (("draws", 0, "places"), 2, "the first whom no rule keeps away are selected"),
    (("draws", 0, "selected", 0), OTHER, "the first whom no rule keeps away are selected"),
    (("closings", 0, "commitment"), "0" * 64, "pool, commitment and beacon are those fixed before"),
    (("closings", 1, "beacon", "records", 0), "Another", "pool, commitment and beacon are those fixed before"),
    (("draws", 1, "numbers", 0, 0), 10, "the randomness is the numbers of the records"),
    (("draws", 1, "numbers"), [[412]], "the randomness is the numbers of the records"),
    (("draws", 1, "iteration"), 3, "every draw reveals the next code of one commitment"),
    (("substitutions", 0, "substitute"), OTHER, "whoever left is replaced by the next in the order"),
    (("substitutions", 0, "substitute"), None, "whoever left is replaced by the next in the order"),
]


@pytest.mark.parametrize(("where", "value", "found"), ALTERED)
def test_draw_is_not_as_published_when_anything_was_altered(
    record: dict[str, Any], where: tuple[Any, ...], value: Any, found: str
) -> None:
    altered = copy.deepcopy(record)
    place = altered
    for step in where[:-1]:
        place = place[step]
    assert place[where[-1]] != value
    place[where[-1]] = value
    assert found in failed(altered)


def test_order_is_not_as_published_when_two_of_it_change_places(record: dict[str, Any]) -> None:
    order = record["draws"][0]["order"]
    order[5], order[6] = order[6], order[5]
    assert failed(record) == {"code and randomness give the order"}


def test_pool_is_not_as_published_when_somebody_is_in_it_twice(record: dict[str, Any]) -> None:
    record["draws"][0]["pool"].append(record["draws"][0]["pool"][0])
    assert "nobody is in the pool twice" in failed(record)


def test_beacon_contradicts_when_it_tells_another_signature_of_the_round(record: dict[str, Any]) -> None:
    draw = record["draws"][0]
    honest = {"round": 657_413, "signature": draw["signature"], "randomness": draw["randomness"]}
    assert failed(record, honest) == set()
    assert failed(record, honest | {"signature": "00" * 48}) == {"the beacon itself tells the same"}
    assert failed(record, honest | {"randomness": "00" * 32}) == {"the beacon itself tells the same"}


@pytest.mark.parametrize(
    "unusable",
    [
        None,
        [],
        {},
        "draws",
        {"draws": []},
        {"draws": [{}]},
        {"draws": [{"method": "lots"}]},
        {"draws": [[]]},
        {"draws": 1},
    ],
)
def test_document_is_unusable_when_it_is_no_record(unusable: Any) -> None:
    with pytest.raises(UnusableRecordError):
        verify(unusable)


@pytest.mark.parametrize("iteration", [0, -1, 10_001, 9_000_000_000_000_000_000])
def test_record_is_unusable_when_a_draw_would_have_more_codes_than_anybody_commits_to(
    record: dict[str, Any], iteration: int
) -> None:
    # One code more is one hash more: a number alone must not keep the verifier busy for ever.
    record["draws"][0]["iteration"] = iteration
    with pytest.raises(UnusableRecordError):
        verify({"draws": record["draws"]})


@pytest.mark.parametrize("name", ["pool", "commitment", "iteration", "beacon", "randomness", "code", "order"])
def test_record_is_unusable_when_a_draw_does_not_tell_everything(record: dict[str, Any], name: str) -> None:
    del record["draws"][0][name]
    with pytest.raises(UnusableRecordError):
        verify({"draws": record["draws"]})


@pytest.mark.parametrize("value", [None, 7, "no hex", [], {}])
@pytest.mark.parametrize("name", ["pool", "beacon", "randomness", "code", "order", "selected", "skipped", "closed_at"])
def test_nothing_but_a_finding_or_a_refusal_comes_of_it_when_a_field_is_of_another_form(
    record: dict[str, Any], name: str, value: Any
) -> None:
    record["draws"][0][name] = value
    try:
        kept = failed({"draws": record["draws"]})
    except UnusableRecordError:
        return
    assert kept
