from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from evaluation.domain.events import ProcessImported
from evaluation.domain.external.imported import (
    ImportedProcess,
    Original,
    Provenance,
    Revision,
    import_release,
    process_id,
)
from evaluation.domain.external.release import read_release

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TITLES = ("one", "two", "three")
RELEASES = {title: read_release(f'{{"ocid":"ocds-1","tender":{{"title":"{title}"}}}}') for title in TITLES}
PROVENANCE = Provenance((Original("a" * 64, "one.json"), Original("b" * 64, "two.json")), ("c" * 64,), ("Odd.",))


def test_the_event_names_what_was_kept_when_a_process_is_taken_in() -> None:
    imported, (event,) = import_release(RELEASES["one"], PROVENANCE, None, at=AT)

    assert isinstance(event, ProcessImported)
    assert imported is not None
    assert (imported.id, imported.version, imported.imported_at) == (process_id("ocds-1"), 1, AT)
    assert (event.aggregate, event.version) == (imported.id, 1)
    assert event.release == imported.release == RELEASES["one"].digest
    assert event.originals == ("a" * 64, "b" * 64)
    assert event.remarks == ("Odd.",)


def test_the_id_stays_the_same_when_the_ocid_does() -> None:
    # uuid5 of the URL namespace and "coxswain:external-process/ocds-1".
    assert process_id("ocds-1") == UUID("f9142bb7-95cd-5de6-bc61-c88cb837cbdd")
    assert process_id("ocds-1") != process_id("ocds-2")


@given(st.lists(st.sampled_from(TITLES)))
def test_there_is_a_version_for_each_change_when_releases_come_in_a_row(titles: list[str]) -> None:
    state: ImportedProcess | None = None
    published = []
    for number, title in enumerate(titles):
        known = Revision(state.version, state.release) if state else None
        following, events = import_release(RELEASES[title], PROVENANCE, known, at=AT + timedelta(days=number))
        published += events
        state = following or state

    changes = [title for number, title in enumerate(titles) if number == 0 or titles[number - 1] != title]
    assert [event.version for event in published] == list(range(1, len(changes) + 1))
    assert [event.process.title for event in published if isinstance(event, ProcessImported)] == changes
    assert (state.process.title if state else None) == (titles[-1] if titles else None)
