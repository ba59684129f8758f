"""Versions of a pack: each day has one at the most, and a later one never touches what was begun."""

import json
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid, NotAllowed, NotFound
from shared.rules.loader import read_document, resolved
from shared.rules.pack import (
    available_packs,
    load_pack,
    pack_document,
    pack_in_force,
    pack_of,
    pack_versions,
    pinned_pack,
    read_pack,
)

RULE = {"title": "Bids are opened only if so many were received", "source": "Some Act, s. 1", "mark": "read"}
STANDSTILL = {"reason": "There is none.", "source": "Some Act, s. 2", "mark": "read"}


def effect(start: str, end: str | None) -> dict[str, str | None]:
    return {"from": start, "to": end}


def gate(minimum: int, **more: Any) -> dict[str, Any]:
    return {**RULE, "value": minimum, "unit": "bids", "inequality": "inclusive", **more}


def two_versions() -> dict[str, Any]:
    """Return a file whose gate rises from two bids to three with its second version, in July."""
    return {
        "id": "some",
        "version": "1.1.0",
        "title": "Some pack",
        "jurisdiction": "Somewhere",
        "language": "en",
        "effective": effect("2026-07-01", None),
        "earlier_versions": [{"version": "1.0.0", "effective": effect("2026-01-01", "2026-06-30")}],
        "based_on": {"id": "model", "version": "1.0.0"},
        "without": {"standstill": STANDSTILL},
        "calendar": {"time_zone": "UTC", "weekend": [6, 7], "holidays": [], "working_days": []},
        "rules": {
            "gate.opening.minimum-bids": [
                gate(2, effective=effect("2026-01-01", "2026-06-30")),
                gate(3, effective=effect("2026-07-01", None)),
            ],
            "gate.qualified.minimum-bids": gate(3, effective=effect("2026-07-01", None)),
            "retention": {**RULE, "value": 3, "unit": "years"},
        },
    }


def read(document: dict[str, Any]) -> dict[str, Any]:
    return read_document("some", json.dumps(document))


def test_version_has_the_editions_that_hold_in_it_when_it_is_resolved() -> None:
    older, newer = (read_pack(resolved(read(two_versions()), version)) for version in ("1.0.0", "1.1.0"))
    assert [pack.rule("gate.opening.minimum-bids").value for pack in (older, newer)] == [2, 3]
    assert (older.effective_from, older.effective_to) == (date(2026, 1, 1), date(2026, 6, 30))
    assert (newer.effective_from, newer.effective_to) == (date(2026, 7, 1), None)
    assert older.rule("retention").effective_from == newer.rule("retention").effective_from == date(2026, 1, 1)


def test_rule_comes_from_the_model_and_says_so_when_the_file_has_none() -> None:
    pack = read_pack(resolved(read(two_versions()), "1.1.0"))
    assert pack.rule("tender-period").value == load_pack("model").rule("tender-period").value
    # Where the model cites an act of its own, the rule is still no rule of this jurisdiction.
    assert pack.rule("supervisor-accredited").mark == "model"
    assert not pack.rule("tender-period").verified
    assert pack.rule("tender-period").effective_from == date(2026, 7, 1)


def test_rule_never_comes_from_the_model_when_the_file_has_it_at_another_time() -> None:
    older = read_pack(resolved(read(two_versions()), "1.0.0"))
    assert "gate.qualified.minimum-bids" in load_pack("model").rules
    assert "gate.qualified.minimum-bids" not in older.rules


def test_rule_is_absent_with_its_reason_when_it_is_left_out() -> None:
    pack = read_pack(resolved(read(two_versions()), "1.0.0"))
    assert "standstill" not in pack.rules
    assert (pack.without["standstill"].reason, pack.without["standstill"].mark) == ("There is none.", "read")
    with pytest.raises(Invalid, match="rule-unknown"):
        pack.period("standstill")


def test_pack_is_read_when_it_leaves_out_both_the_grades_and_what_they_make_payable() -> None:
    document = two_versions()
    document["without"] |= {"grading": STANDSTILL, "payment-by-grade": STANDSTILL}
    assert "grading" not in read_pack(resolved(read(document), "1.1.0")).rules
    del document["without"]["payment-by-grade"]
    with pytest.raises(Invalid) as refusal:
        read_pack(resolved(read(document), "1.1.0"))
    assert refusal.value.pointer == "/rules/payment-by-grade/value"


def changed(path: str, value: Any) -> dict[str, Any]:
    document: Any = deepcopy(two_versions())
    inner = document
    *parents, last = path.split("/")
    for key in parents:
        inner = inner[int(key) if isinstance(inner, list) else key]
    inner[int(last) if isinstance(inner, list) else last] = value
    return dict(document)


OPENING = "rules/gate.opening.minimum-bids"


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        pytest.param(
            "earlier_versions/0/effective", effect("2026-01-01", "2026-07-01"), "/earlier_versions", id="overlap"
        ),
        pytest.param("earlier_versions/0/effective", effect("2026-01-01", None), "/earlier_versions", id="open-end"),
        pytest.param(
            "earlier_versions/0/effective", effect("2026-08-01", "2026-08-31"), "/earlier_versions", id="wrong-order"
        ),
        pytest.param(
            "earlier_versions/0/effective",
            effect("2026-06-30", "2026-06-29"),
            "/earlier_versions/0/effective",
            id="ends-before-it-begins",
        ),
        pytest.param("earlier_versions/0/version", "1.1.0", "/earlier_versions", id="version-twice"),
        pytest.param(
            f"{OPENING}/0/effective", effect("2026-01-01", "2026-07-01"), f"/{OPENING}", id="editions-overlap"
        ),
        pytest.param(f"{OPENING}/1/effective", effect("2026-08-01", None), f"/{OPENING}", id="begins-within-a-version"),
        pytest.param(
            f"{OPENING}/1/effective",
            effect("2026-08-01", "2026-07-01"),
            f"/{OPENING}/1/effective",
            id="edition-ends-before-it-begins",
        ),
        pytest.param(
            "rules/retention/effective", effect("2024-01-01", "2024-12-31"), "/rules/retention", id="in-no-version"
        ),
    ],
)
def test_file_is_refused_when_two_things_hold_on_one_day_or_nothing_does(path: str, value: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(changed(path, value))
    assert (refusal.value.code, refusal.value.pointer) == ("pack-invalid", pointer)


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        pytest.param("based_on", {"id": "nowhere", "version": "1.0.0"}, "/based_on", id="unknown"),
        pytest.param("based_on", {"id": "some", "version": "1.0.0"}, "/based_on", id="itself"),
        pytest.param("based_on", {"id": "uk-2023", "version": "1.0.0"}, "/based_on", id="stands-on-another"),
        pytest.param("based_on/version", "0.0.1", "/based_on/version", id="version"),
        pytest.param("without", {"standstil": STANDSTILL}, "/without/standstil", id="not-in-the-base"),
        pytest.param(
            "without", {"gate.opening.minimum-bids": STANDSTILL}, "/without/gate.opening.minimum-bids", id="its-own"
        ),
    ],
)
def test_pack_is_refused_when_what_it_stands_on_is_not_there(path: str, value: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        resolved(read(changed(path, value)), "1.1.0")
    assert (refusal.value.code, refusal.value.pointer) == ("pack-invalid", pointer)


@pytest.mark.parametrize(
    ("pack_id", "on", "version"),
    [
        ("cn-services", date(2026, 1, 31), "1.0.0"),
        ("cn-services", date(2026, 2, 1), "1.1.0"),
        ("cn-services", date(2026, 9, 30), "1.1.0"),
        ("cn-services", date(2026, 10, 1), "1.2.0"),
        ("uk-2023", date(2025, 2, 24), "1.0.0"),
        ("uk-2023", date(2026, 1, 1), "1.1.0"),
        ("uk-2023", date(2026, 11, 30), "1.1.0"),
        ("uk-2023", date(2026, 12, 1), "1.2.0"),
        ("eu-light", date(2027, 12, 31), "1.0.0"),
        ("model", date(2126, 1, 1), "1.0.0"),
    ],
)
def test_procedure_has_the_version_in_force_when_it_starts(pack_id: str, on: date, version: str) -> None:
    assert pack_in_force(pack_id, on).version == version


@pytest.mark.parametrize(
    ("pack_id", "on"),
    [("uk-2023", date(2025, 2, 23)), ("eu-light", date(2028, 1, 1)), ("cn-services", date(2025, 12, 31))],
)
def test_no_pack_is_given_when_none_is_in_force(pack_id: str, on: date) -> None:
    with pytest.raises(NotAllowed) as refusal:
        pack_in_force(pack_id, on)
    assert refusal.value.code == "pack-not-in-force"
    assert str(pack_versions(pack_id)[0]["effective"]["from"]) in str(refusal.value.satisfied_by)


def test_triggers_in_figures_hold_only_for_procedures_started_since_february() -> None:
    before, after = (pack_in_force("cn-services", date(2026, *day)) for day in ((1, 31), (2, 1)))
    assert "abnormally-low.mean" not in before.rules
    assert str(after.number("abnormally-low.mean")) == "0.50"
    assert before.reference("abnormally-low.judgement").source == "Ministry of Finance Order 87, art. 60"
    assert after.rule("abnormally-low.judgement").mark == "second-hand"


def test_pinned_version_is_untouched_when_later_ones_exist() -> None:
    begun = pack_in_force("cn-services", date(2026, 1, 31))
    assert pinned_pack("cn-services", begun.version) is begun
    assert load_pack("cn-services").version == "1.2.0"
    with pytest.raises(NotAllowed, match="pack-version-differs"):
        pinned_pack("cn-services", "0.9.0")


def test_bank_holidays_count_only_for_what_was_begun_since_the_version_that_has_them() -> None:
    began = datetime(2026, 12, 21, 12, tzinfo=UTC)
    # Eight working days, Monday the 21st the first: Christmas, a substitute day and New Year are not worked.
    ends = {version: pinned_pack("uk-2023", version).ends_at("standstill", began) for version in ("1.1.0", "1.2.0")}
    assert ends == {"1.1.0": datetime(2026, 12, 31, tzinfo=UTC), "1.2.0": datetime(2027, 1, 5, tzinfo=UTC)}
    easter = date(2026, 4, 6)
    worked = {version: load_pack("uk-2023", version).calendar.is_working_day(easter) for version in ends}
    assert worked == {"1.1.0": True, "1.2.0": False}


@dataclass(frozen=True)
class Begun:
    pack: str
    pack_version: str


def test_pack_is_the_one_that_was_pinned_when_something_begun_is_asked_for_it() -> None:
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        assert pack_of(Begun("cn-services", version)).version == version
    with pytest.raises(NotAllowed, match="pack-version-differs"):
        pack_of(Begun("cn-services", "0.9.0"))


def test_version_is_not_found_when_the_pack_has_none_such() -> None:
    with pytest.raises(NotFound, match="pack-version-unknown"):
        load_pack("model", "0.9.0")
    with pytest.raises(NotFound, match="pack-unknown"):
        pack_in_force("nowhere", date(2026, 1, 1))


@given(st.sampled_from(available_packs()), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_day_has_one_version_at_the_most_when_any_is_in_force(pack_id: str, on: date) -> None:
    holding = [
        entry["version"]
        for entry in pack_versions(pack_id)
        if entry["effective"]["from"] <= on.isoformat() <= (entry["effective"]["to"] or "9999")
    ]
    try:
        found = [pack_in_force(pack_id, on).version]
    except NotAllowed:
        found = []
    assert found == holding


@pytest.mark.parametrize(
    "named", [(pack_id, entry["version"]) for pack_id in available_packs() for entry in pack_versions(pack_id)]
)
def test_every_rule_holds_all_the_time_when_its_version_does(named: tuple[str, str]) -> None:
    pack = load_pack(*named)
    end = pack.effective_to or date.max
    for rule in pack.rules.values():
        assert rule.effective_from <= pack.effective_from
        assert (rule.effective_to or date.max) >= end


def test_versions_leave_no_day_between_them_when_a_pack_has_several() -> None:
    for pack_id in ("cn-services", "uk-2023"):
        versions = [load_pack(pack_id, entry["version"]) for entry in pack_versions(pack_id)]
        for earlier, later in pairwise(versions):
            assert earlier.effective_to is not None
            assert earlier.effective_to + timedelta(days=1) == later.effective_from


@pytest.mark.parametrize("pack_id", available_packs())
def test_document_reads_as_the_same_pack_when_it_went_through_json(pack_id: str) -> None:
    for entry in pack_versions(pack_id):
        document = json.loads(json.dumps(pack_document(pack_id, entry["version"])))
        assert read_pack(document) == load_pack(pack_id, entry["version"])
