import json
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ocdsmerge.rules import get_merge_rules

import onebox.ocds
from evaluation.domain.external import digest
from onebox.ocds.compiling import Compiled, compiled
from onebox.ocds.document import Document, Position
from onebox.ocds.files import read

ROOT = Path(__file__).resolve().parents[4]
SHARED = ROOT.parent / "shared"
SAMPLE = ROOT / "examples" / "ocds" / "dominican-republic-sample.jsonl.gz"
PLANNING = {
    "ocid": "x",
    "id": "1",
    "date": "2024-01-01T00:00:00Z",
    "tag": ["planning"],
    "planning": {"rationale": "need"},
}
TENDER = {
    "ocid": "x",
    "id": "2",
    "date": "2024-02-01T00:00:00Z",
    "tag": ["tender"],
    "tender": {"title": "first", "items": [{"id": 1, "quantity": 5}], "submissionMethod": ["written"]},
}
AMENDED = {
    "ocid": "x",
    "id": "3",
    "date": "2024-02-01T12:00:00+14:00",  # before TENDER, though its text is greater
    "tag": ["tenderAmendment"],
    "tender": {
        "title": "zeroth",
        "items": [{"id": 2}],
        "submissionMethod": ["inPerson", "written"],
        "description": "d",
    },
}
MERGED_TENDER = {
    "title": "first",
    "items": [{"id": 2}, {"id": 1, "quantity": 5}],
    "submissionMethod": ["written"],
    "description": "d",
}

# The machine may be busy; neither time nor the speed of making examples is what is tested.
calmly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def document(*releases: dict[str, Any], ground: dict[str, Any] | None = None) -> Document:
    return Document("file", Position(1), "x", releases, ground)


def codes(found: Compiled) -> list[str]:
    return [problem.code for problem in found.problems]


def published(path: Path) -> dict[str, Any]:
    [record] = json.loads(path.read_text(encoding="utf-8"))["records"]
    found: dict[str, Any] = record["compiledRelease"]
    return found


def documents(*paths: Path) -> list[Document]:
    return [item for file in read(paths) for item in file if isinstance(item, Document)]


PUBLISHED = [
    ("fictional/ocds-213czf-000-00001.json", "fictional/record/ocds-213czf-000-00001.json"),
    ("ppp/full.json", "ppp/full_record_package.json"),
]


@pytest.mark.parametrize(("releases", "record"), PUBLISHED)
def test_the_publishers_own_compiled_release_results_when_its_releases_are_merged(releases: str, record: str) -> None:
    if not SHARED.is_dir():
        # Without the published examples, the hand-merged one above stands in.
        assert compiled("x", [document(TENDER, AMENDED)]).release["tender"] == MERGED_TENDER
        return
    read_releases = documents(SHARED / "data" / releases)
    expected = published(SHARED / "data" / record)
    found = compiled(expected["ocid"], read_releases)
    # Through text, since amounts are read as exact decimals.
    assert json.loads(json.dumps(found.release, default=float)) == expected
    assert found.sources == tuple(digest(item.releases[0]) for item in read_releases)
    assert codes(found) == []


def test_a_compiled_release_stays_as_it_was_read_when_it_is_alone() -> None:
    items = documents(SAMPLE)
    assert len(items) == 300
    for item in items:
        found = compiled(item.ocid, [item])
        assert found.release == item.compiled
        assert found.sources == (digest(item.compiled),)


def test_releases_merge_in_the_order_of_their_instants_when_their_texts_sort_otherwise() -> None:
    for order in permutations([PLANNING, TENDER, AMENDED]):
        found = compiled("x", [document(release) for release in order])
        assert found.release == {
            "ocid": "x",
            "id": "x-2024-02-01T00:00:00Z",
            "date": "2024-02-01T00:00:00Z",
            "tag": ["compiled"],
            "planning": {"rationale": "need"},
            "tender": MERGED_TENDER,
        }
        assert set(found.sources) == {digest(release) for release in order}


def test_a_release_counts_once_when_it_is_read_twice() -> None:
    found = compiled("x", [document(TENDER), document(json.loads(json.dumps(TENDER)))])
    assert found == Compiled("x", TENDER, (digest(TENDER),))


def test_only_later_releases_are_merged_when_the_publisher_compiled_the_earlier_ones() -> None:
    ground = {"ocid": "x", "date": "2024-01-15T00:00:00Z", "tag": ["compiled"], "planning": {"rationale": "corrected"}}
    older = {**ground, "date": "2024-01-10T00:00:00Z", "planning": {"rationale": "older"}}
    found = compiled("x", [document(ground=ground), document(PLANNING, TENDER, ground=older)])
    assert found.release["planning"] == {"rationale": "corrected"}
    assert found.release["tender"] == TENDER["tender"]
    assert set(found.sources) == {digest(value) for value in (ground, older, PLANNING, TENDER)}


def test_the_last_one_read_is_taken_when_compiled_releases_are_of_the_same_date() -> None:
    first, last = ({"ocid": "x", "date": "2024-01-15T00:00:00Z", "title": title} for title in ("first", "last"))
    assert compiled("x", [document(ground=first), document(ground=last)]).release["title"] == "last"


def test_the_record_gives_the_ocid_when_its_compiled_release_has_none() -> None:
    assert compiled("x", [document(ground={"tag": ["compiled"]})]).release == {"tag": ["compiled"], "ocid": "x"}


def test_a_release_without_date_is_the_oldest_when_others_have_dates() -> None:
    undated = {"ocid": "x", "date": "soon", "tender": {"title": "undated", "status": "planned"}}
    found = compiled("x", [document(TENDER, undated)])
    assert found.release["tender"] == {**TENDER["tender"], "status": "planned"}  # type: ignore[dict-item]
    assert codes(found) == ["release-date-missing"]


@pytest.mark.parametrize(
    "contradicting",
    [
        pytest.param({"tender": [{"id": 1}]}, id="a list where an object was"),
        pytest.param({"tender": {"items": {"id": 1}}}, id="an object where a list was"),
        pytest.param({"tender": {"items": [{"id": {}, "quantity": 1}]}}, id="an id that is an object"),
        pytest.param({"tender": {"items": [{"id": [], "quantity": 1}]}}, id="an id that is a list"),
    ],
)
def test_a_release_is_left_out_when_its_form_contradicts_the_others(contradicting: dict[str, Any]) -> None:
    wrong = {"ocid": "x", "date": "2024-02-02T00:00:00Z", **contradicting}
    last = {"ocid": "x", "date": "2024-03-01T00:00:00Z", "awards": [{"id": "a"}]}
    found = compiled("x", [document(TENDER, wrong, last)])
    assert found.release["tender"] == TENDER["tender"]
    assert found.release["awards"] == [{"id": "a"}]
    assert codes(found) == ["release-not-merged"]


def test_the_rest_is_merged_when_the_first_release_is_the_odd_one() -> None:
    odd = {"ocid": "x", "date": "2024-01-01T00:00:00Z", "awards": [{"id": {}, "title": "t"}]}
    found = compiled("x", [document(odd, TENDER, AMENDED)])
    assert "awards" not in found.release
    assert found.release["tender"] == MERGED_TENDER
    assert codes(found) == ["release-not-merged"]


def test_the_last_release_is_taken_when_none_can_be_merged() -> None:
    odd, last = (
        {"ocid": "x", "date": f"2024-01-0{day}T00:00:00Z", "awards": [{"id": {}, "title": "t"}]} for day in (1, 2)
    )
    assert compiled("x", [document(odd, last)]).release == last


names = st.sampled_from(
    ["id", "date", "tag", "tender", "items", "awards", "classification", "submissionMethod", "ocid"]
)
members = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals().filter(Decimal.is_finite) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@calmly
@given(st.lists(st.dictionaries(names, members, max_size=5), min_size=1, max_size=4), st.booleans())
def test_merging_never_fails_when_the_releases_are_anything(releases: list[dict[str, Any]], grounded: bool) -> None:
    ground = releases.pop() if grounded else None
    found = compiled("x", [document(*releases, ground=ground)])
    assert found.release["ocid"] == "x"
    assert found.sources


def test_it_is_noted_when_objects_of_one_list_have_the_same_id() -> None:
    twice = {
        "ocid": "x",
        "date": "2024-03-01T00:00:00Z",
        "awards": [{"id": "a", "title": "t"}, {"id": "a", "date": "d"}],
    }
    found = compiled("x", [document(TENDER, twice)])
    assert found.release["awards"] == [{"id": "a", "title": "t", "date": "d"}]
    assert codes(found) == ["duplicate-id"]


def test_the_merge_rules_are_those_of_the_schemas_when_derived_again() -> None:
    written = json.loads((Path(onebox.ocds.__file__).parent / "merge-rules.json").read_text(encoding="utf-8"))
    rules = {tuple(path.split("/")): rule for rule in ("omitWhenMerged", "wholeListMerge") for path in written[rule]}
    schemas = SHARED / "ocds-schema"
    if not schemas.is_dir():
        # From the text of the standard (merging, discarded fields).
        assert [path for path, rule in rules.items() if rule == "omitWhenMerged"] == [("date",), ("id",), ("tag",)]
        return
    derived: dict[tuple[str, ...], str] = {}
    for path in ("1__1__5/release-schema-extended.json", "profiles/ppp-1__0__0__beta4/release-schema.json"):
        derived |= get_merge_rules(json.loads((schemas / path).read_text(encoding="utf-8")))
    assert rules == derived
