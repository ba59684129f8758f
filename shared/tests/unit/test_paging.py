"""A cursor is opaque, comes back unchanged, and is checked."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.platform.paging import Page, page, read_cursor, read_name, write_cursor
from shared.platform.problems import EdgeProblem

PLACES = st.lists(
    st.text(st.characters(exclude_characters="\x00\x1f", exclude_categories=["Cs"]), max_size=30),
    min_size=1,
    max_size=3,
)


@given(place=PLACES)
def test_place_comes_back_when_a_cursor_is_read(place: list[str]) -> None:
    cursor = write_cursor(*place)
    assert read_cursor(cursor, len(place)) == tuple(place)
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?# ")  # it stands in a URL as it is


def plain(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "a",
        "+/+/",
        "=",
        "\N{SNOWMAN}",
        "YQ==x",
        write_cursor("one"),
        write_cursor("1", "2", "3"),
        plain(b"\xff\x1fa"),
        plain(b"a\x00\x1fb"),
    ],
)
def test_problem_is_said_when_a_cursor_is_not_ours(cursor: str) -> None:
    with pytest.raises(EdgeProblem) as refused:
        read_cursor(cursor, 2)
    assert (refused.value.status, refused.value.code) == (422, "cursor-malformed")


@given(cursor=st.text(max_size=40))
def test_cursor_is_read_or_refused_when_it_is_any_text(cursor: str) -> None:
    try:
        assert len(read_cursor(cursor, 1)) == 1
    except EdgeProblem as refused:
        assert refused.code == "cursor-malformed"  # noqa: PT017 - most texts are refused, some are cursors


class Named(BaseModel):
    """An item of a list."""

    id: int
    name: str


NAMED = [Named(id=number, name=f"the {number}th") for number in range(1, 4)]


def test_page_names_its_last_item_when_the_list_goes_on() -> None:
    first = page(NAMED, 2)
    assert [item.id for item in first.items] == [1, 2]
    assert first.next is not None
    assert read_cursor(first.next, 1) == ("2",)
    by_name = page(iter(NAMED), 2, by="name")
    assert by_name.next is not None
    assert read_name(by_name.next) == "the 2th"


@pytest.mark.parametrize("count", [0, 2, 3])
def test_page_is_the_last_when_everything_is_on_it(count: int) -> None:
    assert page(NAMED[:count], 3) == Page[Named](items=NAMED[:count], next=None)
