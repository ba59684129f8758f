"""Names held against lists: what is found, what is not, and what a person's word on it is worth."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from provider_registry.domain import match as steps
from provider_registry.domain.list_files import read_list
from provider_registry.domain.match import Match, MatchStatus, ScreeningList, screening_findings, series_id
from provider_registry.domain.screening import Entry, Hit, ListIndex, Part, Screened, comparable
from shared.kernel.errors import DomainError, Forbidden, NotAllowed
from shared.rules.pack import load_pack
from shared.rules.result import Verdict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MODEL = load_pack("model")
ENTRIES = (
    Entry(id="1", names=("Northern Harbour Trading", "NHT Shipping"), identifiers=(("XX-REG", "4711"),)),
    Entry(id="2", names=("Ivan Petrovich Sidorov",)),
    Entry(id="3", names=("Blackwater",)),
    Entry(id="4", names=("东方贸易",)),
)
INDEX = ListIndex(ENTRIES)
EDITION = ScreeningList(
    id=UUID(int=1),
    version=1,
    publisher="Union",
    title="All",
    day=date(2026, 3, 1),
    digest="0" * 64,
    entries=4,
    entered_by="olga",
)


def screened(*names: str, part: Part = Part.NAME, **given: Any) -> Screened:
    return Screened(tuple((part, name) for name in names), given.get("identifiers", ()))


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("Northern Harbour Trading", ["1"]),
        ("trading, NORTHERN harbour", ["1"]),
        ("Northern Harbor Trading", ["1"]),
        ("Nórthern Harbour Trading", ["1"]),
        ("NHT Shipping", ["1"]),
        ("Sidorov Ivan Petrovich", ["2"]),
        ("Ivan Petrovic Sidorov", ["2"]),
        ("Blakwater", ["3"]),
        ("东方贸易", ["4"]),
        ("Eastern Harbour Freight", []),
        ("Harbour Care", []),
        ("Ivan Sidorov", []),
        ("", []),
        ("!", []),
    ],
)
def test_entry_is_found_when_a_name_is_like_one_of_its_names(name: str, entries: list[str]) -> None:
    assert [hit.entry.id for hit in INDEX.screen(screened(name), 90)] == entries


def test_entry_is_found_once_by_what_is_most_like_it() -> None:
    both = Screened(
        ((Part.NAME, "Northern Harbor Trading"), (Part.PERSON, "Northern Harbour Trading")), (("XX-REG", "4711"),)
    )
    assert INDEX.screen(both, 90) == (Hit(ENTRIES[0], Part.IDENTIFIER, 100),)
    assert INDEX.screen(Screened(both.names, ()), 90) == (Hit(ENTRIES[0], Part.PERSON, 100),)


@given(st.lists(st.sampled_from(["alpha", "bravo", "carol", "delta", "echo", "foxtrot"]), min_size=1, max_size=4))
def test_nothing_that_shares_a_whole_word_is_missed(words: list[str]) -> None:
    lists = [
        Entry(id=str(place), names=(name,)) for place, name in enumerate(["alpha bravo carol", "echo", "delta echo"])
    ]
    text = " ".join(words)
    expected = {one.id for one in lists if fuzz.ratio(comparable(text), comparable(one.names[0])) >= 90}
    assert {hit.entry.id for hit in ListIndex(lists).screen(screened(text), 90)} == expected


def test_common_words_do_not_hide_an_entry() -> None:
    crowd = [Entry(id=f"c{place}", names=(f"Harbour Services {place:05d}",)) for place in range(700)]
    index = ListIndex([*crowd, Entry(id="x", names=("Harbour Services Lighthouse",))])
    assert [hit.entry.id for hit in index.screen(screened("Services Harbour Lighthouse"), 95)] == ["x"]
    assert index.screen(screened("Harbour Services"), 100) == ()


def opened(**changes: Any) -> Match:
    hit = Hit(ENTRIES[0], Part.NAME, 95)
    change = steps.found(None, EDITION, hit, screened("Northern Harbor Trading"), "org-a", at=NOW, due=NOW)
    assert change is not None
    return replace(change[0], **changes)


def again(before: Match, name: str = "Northern Harbor Trading", entry: Entry = ENTRIES[0]) -> Any:
    return steps.found(before, EDITION, Hit(entry, Part.NAME, 95), screened(name), "org-a", at=NOW, due=NOW)


def test_false_match_is_remembered_until_either_side_says_something_new() -> None:
    false, (event,) = steps.reject(opened(), by="olga", reason="Another company.")
    assert (event.outcome, event.case) == ("false", None)
    assert again(false) is None
    assert again(opened()) is None
    renamed, (told,) = again(false, "Northern Harbour Trading")
    assert (renamed.status, renamed.version, renamed.id, renamed.reason) == (MatchStatus.OPEN, 3, false.id, None)
    assert told.part == "name"
    changed = replace(ENTRIES[0], names=(*ENTRIES[0].names, "Another alias"))
    assert again(false, entry=changed) is not None


def test_match_is_confirmed_by_two_persons_and_decided_once() -> None:
    with pytest.raises(NotAllowed, match="match-not-proposed"):
        steps.confirm(opened(), by="olga", case=UUID(int=5), pack=MODEL)
    proposed = steps.propose(opened(), by="olga", reason="It is.")
    with pytest.raises(NotAllowed, match="match-proposed"):
        steps.propose(proposed, by="otto", reason="It is.")
    with pytest.raises(Forbidden, match="second-person-needed") as refusal:
        steps.confirm(proposed, by="olga", case=UUID(int=5), pack=MODEL)
    assert refusal.value.reference == MODEL.reference("second-person.match")
    confirmed, (event,) = steps.confirm(proposed, by="otto", case=UUID(int=5), pack=MODEL)
    assert (confirmed.status, event.case) == (MatchStatus.CONFIRMED, UUID(int=5))
    for attempt in (
        lambda: steps.reject(confirmed, by="x", reason=""),
        lambda: steps.propose(confirmed, by="x", reason=""),
    ):
        with pytest.raises(NotAllowed, match="match-decided"):
            attempt()


def test_open_match_leaves_open_who_a_provider_is_and_never_fails_it() -> None:
    confirmed = opened(status=MatchStatus.CONFIRMED, case=UUID(int=5))
    for match in (opened(), opened(status=MatchStatus.PROPOSED), confirmed):
        (finding,) = screening_findings([match], (), MODEL, NOW)
        assert (finding.verdict, finding.reference) == (
            Verdict.UNRESOLVED,
            MODEL.reference("screening.open-match-blocks"),
        )
        assert finding.evidence == (str(match.id),)
    assert screening_findings([opened(status=MatchStatus.FALSE)], (), MODEL, NOW) == ()
    assert screening_findings([confirmed], (UUID(int=5),), MODEL, NOW) == ()


CSV = "id,name,aliases,identifiers,country\n1,North,N; Nord ,XX-REG:4711;XX-VAT:9,XX\n2,South,,,\n"


def test_list_says_the_same_in_both_forms() -> None:
    document = [
        {
            "id": "1",
            "name": "North",
            "aliases": ["N", "Nord"],
            "identifiers": [{"scheme": "XX-REG", "id": "4711"}, {"scheme": "XX-VAT", "id": "9"}],
            "country": "XX",
        },
        {"id": "2", "name": "South"},
    ]
    first = Entry(id="1", names=("North", "N", "Nord"), identifiers=(("XX-REG", "4711"), ("XX-VAT", "9")), country="XX")
    assert read_list(CSV, "csv") == read_list(json.dumps(document), "json") == (first, Entry(id="2", names=("South",)))


@pytest.mark.parametrize(
    ("content", "form", "code"),
    [
        ("", "csv", "list-malformed"),
        ("name\nNorth\n", "csv", "list-malformed"),
        ("id,name\n", "csv", "list-empty"),
        ('id,name\n1,"North\n', "csv", "list-malformed"),
        ("id,name\n1,\n", "csv", "list-malformed"),
        ("id,name\n1,North\n1,South\n", "csv", "entry-repeated"),
        ("id,name,identifiers\n1,North,4711\n", "csv", "list-malformed"),
        ("{}", "json", "list-malformed"),
        ("[", "json", "list-malformed"),
        ("[1]", "json", "list-malformed"),
        ("[]", "json", "list-empty"),
        ('[{"id": 1, "name": "North"}]', "json", "list-malformed"),
        ('[{"id": "1", "name": "North", "aliases": "N"}]', "json", "list-malformed"),
        ('[{"id": "1", "name": "a\\u0000b"}]', "json", "list-malformed"),
    ],
)
def test_list_is_refused_when_it_is_none(content: str, form: str, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        read_list(content, form)
    assert refusal.value.code == code
    assert "North" not in refusal.value.detail


def test_editions_of_a_list_are_one_series() -> None:
    assert EDITION.series == series_id("Union", "All") != series_id("Union", "Other")
