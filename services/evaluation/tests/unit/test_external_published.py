import json
from datetime import UTC, datetime
from importlib.resources import files
from uuid import UUID

import pytest

from evaluation.domain.events import ProcessImported
from evaluation.domain.external.release import read_release
from evaluation.messaging.publish import published
from shared.contracts import audit, catalogue

RELEASE = {
    "ocid": "ocds-1",
    "date": "2024-05-06T07:08:09.5Z",
    "parties": [
        {"id": "B-1", "name": "The Council", "roles": ["buyer"], "contactPoint": {"name": "Jane Doe", "email": "j@x"}}
    ],
    "buyer": {"id": "B-1"},
    "tender": {
        "title": "Meals",
        "description": "Call Jane Doe",
        "status": "odd",
        "procurementMethod": "open",
        "mainProcurementCategory": "services",
        "value": {"amount": 1, "currency": "EUR"},
        "tenderPeriod": {"startDate": "2024-01-01T00:00:00Z", "endDate": "2024-02-01T12:00:00Z"},
    },
    "bids": {"details": [{}, {}]},
    "awards": [
        {
            "id": 1,
            "status": "active",
            "date": "2024-03-02T00:00:00Z",
            "suppliers": [{"id": "S-1", "name": "Meals Ltd"}],
        },
        {"id": 2, "status": "pending", "date": "2024-03-01T00:00:00Z", "value": {"amount": 2, "currency": "EUR"}},
        {
            "id": 3,
            "status": "cancelled",
            "date": "2024-02-28T00:00:00Z",
            "value": {"amount": 4, "currency": "EUR"},
            "suppliers": [{"name": "Nobody Ltd"}],
        },
    ],
    "contracts": [
        {"status": "terminated", "dateSigned": "2024-04-02T00:00:00Z", "value": {"amount": 8, "currency": "EUR"}},
        {"status": "cancelled", "dateSigned": "2024-04-01T00:00:00Z", "value": {"amount": 16, "currency": "EUR"}},
        {"value": {"amount": 32, "currency": "EUR"}},
    ],
}


def test_what_holds_is_published_without_persons_when_a_process_is_imported() -> None:
    release = read_release(json.dumps(RELEASE))
    event = ProcessImported(
        aggregate=UUID(int=1),
        version=1,
        process=release.process,
        release=release.digest,
        originals=("a" * 64, "b" * 64),
        remarks=("A release has no date.",),
    )

    data = published(event)

    assert data.TYPE == "audit.process-imported.v1"
    assert data.key() == "ocds-1"
    written = data.model_dump(mode="json")
    assert written.pop("notes") == [
        "A release has no date.",
        "/awards/0/suppliers/0/id: The organisation is not among the parties.",
        "/tender/status: The code is not on the code list of OCDS and is left out.",
    ]
    assert written == {
        "ocid": "ocds-1",
        "title": "Meals",
        "status": None,
        "buyer": {"id": "B-1", "name": "The Council"},
        "procurement_method": "open",
        "category": "services",
        "estimate": {"amount": "1", "currency": "EUR"},
        "awards": [{"amount": "2", "currency": "EUR"}],
        "contracts": [{"amount": "8", "currency": "EUR"}, {"amount": "32", "currency": "EUR"}],
        "suppliers": [{"id": "S-1", "name": "Meals Ltd"}],
        "published": "2024-05-06T07:08:09.500000Z",
        "closes": "2024-02-01T12:00:00.000000Z",
        "awarded": "2024-03-01T00:00:00.000000Z",
        "signed": "2024-04-02T00:00:00.000000Z",
        "bids": 2,
        "release": release.digest,
        "originals": ["a" * 64, "b" * 64],
    }
    assert "Jane" not in data.model_dump_json()
    assert catalogue.read(data.TYPE, data.model_dump(mode="json")) == data


@pytest.mark.parametrize("amount", ["9999999999999999999.99999999999999999999", "-0.00000000000000000001", "0"])
def test_every_amount_that_the_domain_keeps_can_be_published(amount: str) -> None:
    text = f'{{"ocid":"x","tender":{{"value":{{"amount":{amount},"currency":"DOP"}}}}}}'
    release = read_release(text)
    event = ProcessImported(
        aggregate=UUID(int=1), version=1, process=release.process, release=release.digest, originals=(), remarks=()
    )

    data = published(event)

    assert isinstance(data, audit.ProcessImported)
    assert data.estimate == audit.PublishedAmount(amount=amount, currency="DOP")


@pytest.mark.parametrize("amount", ["", "1.", ".5", "01", "1e3", "+1", " 1", "1" * 20, f"0.{'1' * 21}", "1,000"])
def test_an_amount_is_refused_when_it_is_not_plain(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        audit.PublishedAmount(amount=amount, currency="EUR")


def test_every_example_is_of_the_type_and_stays_the_same_when_it_is_read_and_written() -> None:
    examples = files("shared.contracts").joinpath("examples", "audit.process-imported.v1")
    read = {file.name: json.loads(file.read_text("utf-8")) for file in examples.iterdir()}

    assert len(read) >= 2
    for data in read.values():
        assert catalogue.read("audit.process-imported.v1", data).model_dump(mode="json") == data
    assert audit.ProcessImported.model_validate(read["two-contracts.json"]).published == datetime(
        2025, 6, 1, 14, 50, 42, tzinfo=UTC
    )
