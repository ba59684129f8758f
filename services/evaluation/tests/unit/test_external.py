import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.domain.external import Amount, ExternalProcess, Organisation, external_process, instant
from shared.kernel.errors import Invalid

ROOT = Path(__file__).resolve().parents[4]
SAMPLE = ROOT / "examples" / "ocds" / "dominican-republic-sample.jsonl.gz"
PUBLISHED = ROOT.parent / "shared" / "data" / "dr" / "do-sample.jsonl.gz"
EDGE = ROOT.parent / "shared" / "data" / "edge" / "edge.jsonl.gz"

# The machine may be busy; neither time nor the speed of making examples is what is tested.
calmly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def lines(path: Path) -> list[Any]:
    with gzip.open(path) as stream:
        return [json.loads(line, parse_float=Decimal) for line in stream]


def process(**release: object) -> ExternalProcess:
    return external_process({"ocid": "ocds-1", **release})


def notes(found: ExternalProcess) -> list[tuple[str, str]]:
    return [(note.path, note.code) for note in found.notes if note.code != "status-derived"]


FULL = {
    "ocid": "ocds-1",
    "date": "2024-05-06T07:08:09Z",
    "buyer": {"id": "B-1"},
    "parties": [
        {"id": "B-1", "name": "Town", "roles": ["buyer"], "identifier": {"id": "77", "scheme": "XX"}},
        {"id": "S-1", "name": "Meals", "roles": ["supplier"], "identifier": {"id": "88", "scheme": "XX"}},
    ],
    "tender": {
        "title": "Meals on wheels",
        "description": "Every day\nat noon",
        "status": "complete",
        "procurementMethod": "selective",
        "mainProcurementCategory": "services",
        "value": {"amount": Decimal("1234.50"), "currency": "EUR"},
        "numberOfTenderers": 3,
        "tenderPeriod": {"startDate": "2024-01-01T00:00:00+02:00", "endDate": "2024-02-01T12:00:00.5Z"},
    },
    "bids": {"details": [{"id": "1"}, {"id": "2"}]},
    "awards": [
        {
            "id": 5,
            "status": "active",
            "date": "2024-03-01T00:00:00Z",
            "value": {"amount": 1000, "currency": "EUR"},
            "suppliers": [{"id": "S-1"}],
        },
        {"id": "6", "status": "cancelled", "suppliers": [{"id": "S-2", "name": "Gone"}]},
    ],
    "contracts": [
        {
            "id": "C",
            "awardID": 5,
            "status": "terminated",
            "dateSigned": "2024-04-01T00:00:00Z",
            "value": {"amount": Decimal("1E+3"), "currency": "EUR"},
        }
    ],
}


def test_every_field_is_read_when_the_release_is_complete() -> None:
    found = external_process(FULL)
    assert (found.ocid, found.title, found.description) == ("ocds-1", "Meals on wheels", "Every day\nat noon")
    assert (found.status, found.procurement_method, found.category) == ("complete", "selective", "services")
    assert found.buyer == Organisation("B-1", "Town")
    assert found.estimate == Amount("1234.50", "EUR")
    assert found.published_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert found.tender_period_start == datetime(2023, 12, 31, 22, tzinfo=UTC)
    assert found.tender_period_end == datetime(2024, 2, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    assert (found.number_of_tenderers, found.bids) == (3, 2)
    first, second = found.awards
    assert (first.id, first.status, first.value) == ("5", "active", Amount("1000", "EUR"))
    assert first.awarded_at == datetime(2024, 3, 1, tzinfo=UTC)
    assert second.suppliers == (Organisation("S-2", "Gone"),)
    assert found.suppliers == (Organisation("S-1", "Meals"),)
    [contract] = found.contracts
    assert (contract.id, contract.award_id, contract.status) == ("C", "5", "terminated")
    assert (contract.signed_at, contract.value) == (datetime(2024, 4, 1, tzinfo=UTC), Amount("1000", "EUR"))
    assert notes(found) == [("/awards/1/suppliers/0/id", "party-missing")]
    assert found.notes[0].detail == "The organisation is not among the parties."


@pytest.mark.parametrize(
    ("release", "code"),
    [
        (None, "release-not-an-object"),
        ([], "release-not-an-object"),
        ({}, "ocid-missing"),
        ({"ocid": 5}, "ocid-missing"),
        ({"ocid": "  "}, "ocid-missing"),
        ({"ocid": "x" * 201}, "ocid-too-long"),
        ({"ocid": "a\nb"}, "ocid-not-printable"),
        ({"ocid": "a\0b"}, "ocid-not-printable"),
        ({"ocid": "a\N{RIGHT-TO-LEFT OVERRIDE}b"}, "ocid-not-printable"),
        ({"ocid": "a\N{LINE SEPARATOR}b"}, "ocid-not-printable"),
        ({"ocid": "a\ud800b"}, "ocid-not-printable"),
    ],
)
def test_a_release_is_refused_when_it_cannot_be_named(release: object, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        external_process(release)
    assert refused.value.code == code


def test_an_ocid_is_taken_when_it_is_as_long_as_allowed_and_has_spaces() -> None:
    ocid = "ocds-6550wx-OISOE B&S-ñ".ljust(200, "x")
    assert external_process({"ocid": ocid}).ocid == ocid


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ({"tender": [1]}, [("/tender", "wrong-type")]),
        ({"tender": {"title": 5}}, [("/tender/title", "wrong-type")]),
        ({"tender": {"description": []}}, [("/tender/description", "wrong-type")]),
        ({"tender": {"title": "x" * 1_001}}, [("/tender/title", "text-cut")]),
        ({"tender": {"title": "a\0b"}}, [("/tender/title", "control-characters")]),
        ({"tender": {"status": "Complete"}}, [("/tender/status", "unknown-code")]),
        ({"tender": {"status": True}}, [("/tender/status", "wrong-type")]),
        ({"tender": {"numberOfTenderers": True}}, [("/tender/numberOfTenderers", "wrong-type")]),
        ({"tender": {"numberOfTenderers": "3"}}, [("/tender/numberOfTenderers", "wrong-type")]),
        ({"tender": {"numberOfTenderers": Decimal("3.0")}}, [("/tender/numberOfTenderers", "wrong-type")]),
        ({"tender": {"numberOfTenderers": -1}}, [("/tender/numberOfTenderers", "count-negative")]),
        ({"tender": {"tenderPeriod": {"endDate": ""}}}, [("/tender/tenderPeriod/endDate", "date-invalid")]),
        ({"tender": {"tenderPeriod": {"endDate": 20240101}}}, [("/tender/tenderPeriod/endDate", "wrong-type")]),
        ({"date": "2024-01-01"}, [("/date", "time-missing")]),
        ({"buyer": "Town"}, [("/buyer", "wrong-type")]),
        ({"buyer": {"name": "T", "identifier": 7}}, [("/buyer/identifier", "wrong-type")]),
        ({"awards": {"id": 1}}, [("/awards", "wrong-type")]),
        ({"awards": [None, {"id": 1}]}, [("/awards/0", "wrong-type")]),
        ({"awards": [{"suppliers": {"id": 1}}]}, [("/awards/0/suppliers", "wrong-type")]),
        ({"bids": {"details": "many"}}, [("/bids/details", "wrong-type")]),
        ({"parties": [7]}, [("/parties/0", "wrong-type")]),
    ],
)  # fmt: skip
def test_the_value_counts_as_absent_and_is_noted_when_it_is_wrong(
    release: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert notes(process(**release)) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "expected", "code"),
    [
        (0, "DOP", "0", "amount-zero"),
        (Decimal("-0.0"), "DOP", "0", "amount-zero"),
        (Decimal("-5.10"), "DOP", "-5.10", "amount-negative"),
        (Decimal("0.10"), "DOP", "0.10", None),
        (Decimal("1234567890123456.78"), "DOP", "1234567890123456.78", None),
        (10**18, "DOP", "1000000000000000000", None),
        (10**19, "DOP", None, "amount-not-exact"),
        (Decimal("1E+999999999"), "DOP", None, "amount-not-exact"),
        (Decimal("1E-21"), "DOP", None, "amount-not-exact"),
        (Decimal("NaN"), "DOP", None, "amount-not-exact"),
        (True, "DOP", None, "wrong-type"),
        ("1234.50", "MDL", None, "wrong-type"),
        (1234.5, "DOP", None, "wrong-type"),
        (5, None, None, "currency-missing"),
        (5, "pesos", None, "currency-unknown"),
        (5, "ÄÖÜ", None, "currency-unknown"),
        (None, "DOP", None, None),
    ],
)
def test_an_amount_keeps_its_digits_or_is_left_out_when_it_is_odd(
    amount: object, currency: str | None, expected: str | None, code: str | None
) -> None:
    found = process(tender={"value": {"amount": amount, "currency": currency}})
    assert found.estimate == (Amount(expected, str(currency)) if expected else None)
    assert [found_code for _, found_code in notes(found)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [
        ("2021-10-29 13:35:00.3011698", datetime(2021, 10, 29, 13, 35, 0, 301_169, UTC), "time-zone-missing"),
        ("2021-10-29T13:35:00-04:00", datetime(2021, 10, 29, 17, 35, tzinfo=UTC), None),
        ("2021-10-29t13:35:00z", datetime(2021, 10, 29, 13, 35, tzinfo=UTC), None),
        ("2021-10-29T13:35+0545", datetime(2021, 10, 29, 7, 50, tzinfo=UTC), None),
        (" 2021-10-29 ", datetime(2021, 10, 29, tzinfo=UTC), "time-missing"),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC), None),
        ("2016-12-31T23:59:61Z", None, "date-invalid"),
        ("2021-02-29T00:00:00Z", None, "date-invalid"),
        ("2021-01-01T24:00:00Z", None, "date-invalid"),
        ("2021-01-01T00:00:00+25:00", None, "date-invalid"),
        ("0001-01-01T00:00:00+14:00", None, "date-invalid"),
        ("9999-12-31T23:59:60Z", None, "date-invalid"),
        ("0000-00-00", None, "date-invalid"),
        ("29/10/2021", None, "date-invalid"),
        ("٢٠٢١-١٠-٢٩", None, "date-invalid"),  # noqa: RUF001 - other digits than ASCII on purpose
        ("", None, "date-invalid"),
    ],
)
def test_a_date_is_read_as_far_as_it_says_when_it_is_not_rfc_3339(
    text: str, expected: datetime | None, code: str | None
) -> None:
    assert instant(text) == (expected, code)


@calmly
@given(
    st.datetimes().filter(lambda local: 1 < local.year < 9999),
    st.timedeltas(timedelta(hours=-14), timedelta(hours=14)),
)
def test_the_same_instant_is_read_when_it_is_written_in_another_zone(local: datetime, offset: timedelta) -> None:
    minutes = offset // timedelta(minutes=1)
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    expected = (local - timedelta(minutes=minutes)).replace(tzinfo=UTC)
    assert instant(f"{local.isoformat(timespec='microseconds')}{zone}") == (expected, None)


PARTY = {"id": "DO-UC-140", "name": "Office", "roles": ["procuringEntity"], "identifier": {"id": "140"}}


@pytest.mark.parametrize(
    ("release", "expected", "codes"),
    [
        pytest.param(
            {"tender": {"procuringEntity": {"id": "140", "name": "O"}}, "parties": [PARTY]},
            Organisation("DO-UC-140", "O"), ["party-by-identifier"], id="by identifier, which is a text",
        ),
        pytest.param(
            {"tender": {"procuringEntity": {"id": 140}}, "parties": [{**PARTY, "roles": ["tenderer"]}, PARTY]},
            Organisation("DO-UC-140", "Office"), ["party-by-identifier"], id="by identifier, a number, in its role",
        ),
        pytest.param(
            {"tender": {"procuringEntity": {"id": "140"}}, "parties": [PARTY, {**PARTY, "id": "B"}]},
            Organisation("140", None), ["party-missing"], id="by an identifier that two have",
        ),
        pytest.param(
            {"buyer": {"id": "B"}, "parties": [{"id": "B", "name": "first"}, {"id": "B", "name": "second"}]},
            Organisation("B", "first"), [], id="by an id that two have",
        ),
        pytest.param(
            {"buyer": {"name": "Town", "identifier": {"scheme": "XX", "id": 7}}},
            Organisation("XX-7", "Town"), [], id="in place, as in OCDS 1.0",
        ),
        pytest.param(
            {"buyer": {"identifier": {"id": "7", "legalName": "Town Ltd"}}},
            Organisation("7", "Town Ltd"), [], id="in place, without scheme",
        ),
        pytest.param({"parties": [PARTY]}, Organisation("DO-UC-140", "Office"), [], id="by role alone"),
        pytest.param({"buyer": {}, "parties": []}, None, [], id="nowhere"),
    ],
)  # fmt: skip
def test_the_buyer_is_found_when_publishers_refer_to_it_in_their_own_ways(
    release: dict[str, Any], expected: Organisation | None, codes: list[str]
) -> None:
    found = process(**release)
    assert found.buyer == expected
    assert [code for _, code in notes(found)] == codes


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ({"tender": {"status": "withdrawn"}, "contracts": [{}]}, "withdrawn"),
        ({"tender": {"status": "Primirea ofertelor"}, "contracts": [{}]}, None),
        ({"tender": {"status": None}, "contracts": [{}]}, "complete"),
        ({"awards": [{"status": "pending"}, {"status": "active"}]}, "complete"),
        ({"awards": [{"status": "cancelled"}, {"status": "unsuccessful"}]}, "unsuccessful"),
        ({"awards": [{"status": "pending"}]}, "active"),
        ({"tender": {}, "planning": {}}, "active"),
        ({"bids": {}}, "active"),
        ({"planning": {}}, "planning"),
        ({}, None),
    ],
)
def test_the_status_is_the_tenders_own_or_concluded_when_the_tender_has_none(
    release: dict[str, Any], expected: str | None
) -> None:
    found = process(**release)
    assert found.status == expected
    concluded = expected is not None and not (release.get("tender") or {}).get("status")
    assert (("/tender/status", "status-derived") in [(note.path, note.code) for note in found.notes]) == concluded


def test_notes_end_when_there_are_very_many() -> None:
    found = process(awards=[None] * 5_000)
    assert len(found.notes) == 101
    assert found.notes[-1].code == "notes-left-out"


def test_real_processes_are_read_without_loss_when_the_publisher_has_its_quirks() -> None:
    # The numbers are those of data/README.md and examples/ocds/README.md, where they were counted by other means.
    whole = PUBLISHED.is_file()
    published = lines(PUBLISHED if whole else SAMPLE)
    found = [external_process(release) for release in published]
    assert len(found) == (2_168 if whole else 300)
    assert sum(process.status == "cancelled" for process in found) == (59 if whole else 9)
    assert sum(process.bids or 0 for process in found) == (5_805 if whole else 892)
    assert sum(len(process.awards) for process in found) == (2_069 if whole else 276)
    assert sum(len(process.contracts) for process in found) == (2_911 if whole else 322)
    for process, release in zip(found, published, strict=True):
        assert process.buyer is not None
        assert process.buyer.id == f"DO-UC-{release['tender']['procuringEntity']['id']}"
        values = [process.estimate, *(contract.value for contract in process.contracts)]
        written = [release["tender"]["value"], *(contract["value"] for contract in release.get("contracts", []))]
        assert all(value is not None and value.currency == "DOP" for value in values)
        assert [Decimal(value.amount) for value in values if value] == [value["amount"] for value in written]
    codes = Counter(note.code for process in found for note in process.notes)
    assert codes.keys() <= {"party-by-identifier", "party-missing", "amount-zero"}
    assert codes["party-by-identifier"] == len(found)


def test_nothing_is_refused_but_missing_ocids_when_records_are_odd_on_purpose() -> None:
    if not EDGE.is_file():
        damaged = [external_process({**release, "tender": 5, "awards": {"id": 1}}) for release in lines(SAMPLE)]
        assert [process.title for process in damaged] == [None] * 300
        return
    with gzip.open(EDGE) as stream:
        odd = [json.loads(line, parse_float=Decimal) for line in stream.readlines()[:3_000]]
    named = [release for release in odd if isinstance(release["ocid"], str)]
    assert len(named) == 2_994
    assert {external_process(release).ocid for release in named} == {release["ocid"] for release in named}


def names_in(value: object) -> set[str]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set(value if isinstance(value, dict) else ()).union(*map(names_in, inner))


names = st.sampled_from(sorted(names_in(FULL) - {"ocid"}))
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=15,
)


@calmly
@given(st.dictionaries(names, anything, max_size=8))
def test_reading_never_fails_when_the_content_is_anything(release: dict[str, Any]) -> None:
    found = process(**release)
    assert found.ocid == "ocds-1"
    assert all(note.detail for note in found.notes)
