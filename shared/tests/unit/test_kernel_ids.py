"""Identifiers: what they show and what they do not."""

from uuid import UUID

from shared.kernel.ids import derived_id, new_id, opaque_id, process_identifier


def test_new_ids_are_version_7_and_differ_when_made_twice() -> None:
    first, second = new_id(), new_id()
    assert (first.version, second.version) == (7, 7)
    assert first != second


def test_opaque_id_has_no_time_when_made() -> None:
    assert opaque_id().version == 4


def test_derived_id_is_the_same_when_the_parts_are_the_same() -> None:
    assert derived_id("tender", 1) == derived_id("tender", 1) != derived_id("tender", 2)


def test_process_identifier_is_prefix_and_tender_when_made() -> None:
    tender = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert process_identifier("ocds-abc123", tender) == "ocds-abc123-01890a5d-ac96-774b-bcce-b302099a8057"
