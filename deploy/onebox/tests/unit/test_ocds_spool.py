import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebox.ocds.compiling import compiled
from onebox.ocds.document import Document, Position, Problem
from onebox.ocds.spool import Place, Process, Spool
from shared.kernel.canonical import canonical

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path)
    yield opened
    opened.close()


def document(ocid: str, line: int = 1, *, made: bool = False, **members: Any) -> Document:
    release = {"ocid": ocid, **members}
    return Document("f", Position(line), ocid, () if made else (release,), release if made else None)


def test_each_process_comes_once_with_all_its_places_when_it_was_read_in_several_files(spool: Spool) -> None:
    problem = Problem("odd", "It is odd.")
    noted = Document("f", Position(2, "/records/0"), "b", ({"ocid": "b"},), None, (problem, problem))
    for file, item in [
        (0, document("b", tag=["tender"], date="2024-01-01T00:00:00Z", tender={"title": "Old", "id": "1"})),
        (0, document("a", 3)),
        (1, noted),
        (2, document("b", 4, tag=["award"], date="2024-02-01T00:00:00Z", tender={"title": "New"})),
    ]:
        assert spool.add(file, item) is None

    first, second = spool.processes()

    assert spool.count() == 2
    assert (first.ocid, first.places) == (
        "b",
        (Place(0, Position(1)), Place(1, Position(2, "/records/0")), Place(2, Position(4))),
    )
    # OCDS merging: the later title counts, the id of the tender stays.
    assert json.loads(first.release)["tender"] == {"title": "New", "id": "1"}
    assert len(first.sources) == 3
    assert "It is odd." in first.notes
    assert second == Process("a", '{"ocid":"a"}', second.sources, (), (Place(0, Position(3)),))


# What makes a document here has parameters of these names.
NAMES = st.text(max_size=5).filter(lambda name: name not in {"ocid", "line", "made"})


@given(st.lists(st.tuples(st.booleans(), st.dictionaries(NAMES, VALUES, max_size=4)), min_size=1, max_size=3))
def test_nothing_is_lost_when_documents_are_put_aside(
    tmp_path_factory: pytest.TempPathFactory, members: list[tuple[bool, dict[str, Any]]]
) -> None:
    documents = [document("x", made=made, **{"ocid_": None, **one}) for made, one in members]
    opened = Spool(tmp_path_factory.mktemp("spool"))
    try:
        assert [opened.add(0, item) for item in documents] == [None] * len(documents)
        (process,) = opened.processes()
    finally:
        opened.close()

    direct = compiled("x", documents)
    assert process.release == canonical(direct.release)
    assert process.sources == direct.sources
    assert process.notes == tuple(dict.fromkeys(problem.detail for problem in direct.problems))


def test_every_digit_and_line_separator_stays_when_a_release_is_put_aside(spool: Spool) -> None:
    amount = Decimal("1234567890123456789.000000000000000001")
    spool.add(0, document("x", value=amount, title="a\u2028b\x85c\x1dd\ne\x00"))

    (process,) = spool.processes()

    assert json.loads(process.release, parse_float=Decimal) == {
        "ocid": "x",
        "value": amount,
        "title": "a\u2028b\x85c\x1dd\ne\x00",
    }


@pytest.mark.parametrize(
    "item", [document("x", title="\ud800"), document("\udfff"), document("x", made=True, **{"\ud800": 1})]
)
def test_a_document_is_told_when_it_holds_half_of_a_surrogate_pair(spool: Spool, item: Document) -> None:
    problem = spool.add(0, item)

    assert problem is not None
    assert problem.code == "invalid-unicode"
    assert list(spool.processes()) == []


def test_the_documents_of_one_file_are_gone_when_they_are_dropped(spool: Spool) -> None:
    for file in (0, 1, 1):
        spool.add(file, document("x", file=file))

    assert (spool.drop(1), spool.drop(1), spool.count()) == (2, 0, 1)
    assert [json.loads(process.release)["file"] for process in spool.processes()] == [0]
