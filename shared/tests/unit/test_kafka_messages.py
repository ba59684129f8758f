"""Events as Kafka messages: what is sent, and what is made of messages that are no events of ours."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.event import MOST_BYTES, Event
from shared.platform.kafka.messages import decode, encode, topics_of
from shared.platform.sources import Unreadable

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
EVENT = Event(
    id=UUID("019a0000-0000-7000-8000-000000000001"),
    source="/tender",
    type="contract.signed.v1",
    subject="019a0000-0000-7000-8000-0000000000aa",
    time=datetime(2026, 3, 2, 9, tzinfo=UTC),
    dataschema="urn:coxswain:event:contract.signed.v1",
    partitionkey="ocds-coxswn-1",
    sequence="0000000003",
    position=7,
    predecessor=5,
    sandbox=True,
    traceparent=TRACE,
    data={"title": "Mäht", "value": {"amount": "12.50", "currency": "EUR"}},
)


@dataclass(frozen=True)
class Received:
    """A message as aiokafka gives it."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    topic: str = "town.contract"
    partition: int = 2
    offset: int = 41


def received(event: Event) -> Received:
    encoded = encode(event)
    return Received(encoded.key, encoded.value, tuple(encoded.headers))


def with_header(message: Received, name: str, value: bytes | None) -> Received:
    others = tuple(header for header in message.headers if header[0] != name)
    return replace(message, headers=others if value is None else (*others, (name, value)))


def read(message: Received) -> Event | Unreadable:
    return decode(message, "contract", "tender")


GOOD = received(EVENT)


def test_message_is_binary_mode_when_an_event_is_encoded() -> None:
    # Written out by hand from the CloudEvents Kafka protocol binding 1.0.2, section 3.2.
    assert dict(GOOD.headers) == {
        "content-type": b"application/json",
        "ce_specversion": b"1.0",
        "ce_id": b"019a0000-0000-7000-8000-000000000001",
        "ce_source": b"/tender",
        "ce_type": b"contract.signed.v1",
        "ce_subject": b"019a0000-0000-7000-8000-0000000000aa",
        "ce_time": b"2026-03-02T09:00:00.000000Z",
        "ce_dataschema": b"urn:coxswain:event:contract.signed.v1",
        "ce_partitionkey": b"ocds-coxswn-1",
        "ce_sequence": b"0000000003",
        "ce_position": b"7",
        "ce_predecessor": b"5",
        "ce_sandbox": b"true",
        "ce_traceparent": TRACE.encode(),
        "traceparent": TRACE.encode(),
    }
    assert len(GOOD.headers) == len(dict(GOOD.headers))
    assert GOOD.key == b"ocds-coxswn-1"
    assert GOOD.value is not None
    assert json.loads(GOOD.value) == EVENT.data


def test_there_is_no_header_when_there_is_no_trace() -> None:
    names = {name for name, _ in received(EVENT.model_copy(update={"traceparent": None})).headers}
    assert not {"traceparent", "ce_traceparent"} & names


@given(
    key=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    data=st.dictionaries(st.text(), st.text() | st.integers(-(2**53), 2**53) | st.booleans() | st.none()),
    position=st.integers(1, 2**62),
    sandbox=st.booleans(),
)
def test_event_is_the_same_when_it_has_gone_through_kafka(
    key: str, data: dict[str, Any], position: int, sandbox: bool
) -> None:
    changes = {"partitionkey": key, "data": data, "position": position, "predecessor": position - 1, "sandbox": sandbox}
    try:
        json.dumps(data).encode()
        [text.encode() for text in [*data, *map(str, data.values())]]
    except UnicodeEncodeError:
        return
    event = EVENT.model_copy(update=changes)
    assert read(received(event)) == event
    assert encode(event) == encode(event)


def test_event_is_read_when_it_has_headers_that_nobody_knows() -> None:
    assert read(with_header(with_header(GOOD, "ce_later", b"x"), "else", b"\xff")) == EVENT


def test_event_is_read_when_it_is_of_a_type_that_nobody_knows_yet() -> None:
    future = EVENT.model_copy(update={"type": "contract.imagined.v9"})
    assert read(received(future)) == future


STRUCTURED = Received(
    b"ocds-coxswn-1",
    json.dumps(EVENT.model_dump(mode="json")).encode(),
    (("content-type", b"application/cloudevents+json; charset=UTF-8"),),
)
NO_CLOUDEVENT = "It is no CloudEvent 1.0 in binary mode: the header ce_specversion is missing or another."
NOT_OURS = "It is no event of ours; wrong or missing: "


@pytest.mark.parametrize(
    ("message", "problem", "key"),
    [
        pytest.param(Received(None, None), NO_CLOUDEVENT, "town.contract/2/41", id="nothing"),
        pytest.param(Received(b"k", b"hello"), NO_CLOUDEVENT, "k", id="plain text"),
        pytest.param(Received(b"\xff\x00", b"\xff\xfe"), NO_CLOUDEVENT, "town.contract/2/41", id="bytes"),
        pytest.param(STRUCTURED, NO_CLOUDEVENT, "ocds-coxswn-1", id="structured mode"),
        pytest.param(with_header(GOOD, "ce_specversion", b"0.3"), NO_CLOUDEVENT, EVENT.partitionkey, id="version 0.3"),
        pytest.param(with_header(GOOD, "ce_id", None), f"{NOT_OURS}id", EVENT.partitionkey, id="no id"),
        pytest.param(with_header(GOOD, "ce_id", b"\xff"), f"{NOT_OURS}id", EVENT.partitionkey, id="id is no text"),
        pytest.param(with_header(GOOD, "ce_time", b"noon"), f"{NOT_OURS}time", EVENT.partitionkey, id="no time"),
        pytest.param(with_header(GOOD, "ce_position", b"-"), f"{NOT_OURS}position", EVENT.partitionkey, id="position"),
        pytest.param(
            with_header(GOOD, "ce_partitionkey", None), f"{NOT_OURS}partitionkey", "ocds-coxswn-1", id="no partitionkey"
        ),
        pytest.param(replace(GOOD, value=None), "The value is not JSON.", EVENT.partitionkey, id="tombstone"),
        pytest.param(replace(GOOD, value=b""), "The value is not JSON.", EVENT.partitionkey, id="empty"),
        pytest.param(replace(GOOD, value=b'{"a": '), "The value is not JSON.", EVENT.partitionkey, id="cut off"),
        pytest.param(replace(GOOD, value=b"[1]"), f"{NOT_OURS}data", EVENT.partitionkey, id="an array"),
        pytest.param(
            replace(GOOD, key=b"other"), "The key of the message is not its partitionkey.", EVENT.partitionkey, id="key"
        ),
        pytest.param(
            replace(GOOD, key=None), "The key of the message is not its partitionkey.", EVENT.partitionkey, id="no key"
        ),
        pytest.param(
            with_header(GOOD, "ce_source", b"/budget"),
            "The source of the event is not the service that owns it.",
            EVENT.partitionkey,
            id="another's source",
        ),
        pytest.param(
            with_header(GOOD, "ce_type", b"award.proposed.v1"),
            "An event of this type does not belong on this topic.",
            EVENT.partitionkey,
            id="another's topic",
        ),
        pytest.param(
            replace(GOOD, value=b'"' + b"x" * (2 * 1024 * 1024 - 2) + b'"'),
            "The message has 2,097,152 bytes; an event has at most 1,000,000.",
            EVENT.partitionkey,
            id="two megabytes",
        ),
    ],
)
def test_message_is_told_apart_with_its_reason_when_it_is_no_event(message: Received, problem: str, key: str) -> None:
    found = read(message)
    assert isinstance(found, Unreadable)
    assert (found.problem, found.key) == (problem, key)
    described = found.message
    assert (described["topic"], described["partition"], described["offset"]) == ("town.contract", 2, 41)
    # What is kept goes into a database as JSON, and stays small.
    assert len(json.dumps(described)) < MOST_BYTES
    assert "\0" not in json.dumps(described)
    assert found.id == read(message).id != read(replace(message, offset=42)).id


def test_whole_message_is_kept_when_it_may_be_read_later() -> None:
    found = read(replace(GOOD, key=None))
    assert isinstance(found, Unreadable)
    assert json.loads(found.message["value"]) == EVENT.data
    assert found.message["attributes"]["id"] == str(EVENT.id)
    binary = read(Received(b"k", b"\xff\xfe"))
    assert isinstance(binary, Unreadable)
    assert binary.message["value_base64"] == "//4="


def test_topics_are_the_owners_when_a_service_is_named() -> None:
    assert topics_of("tender") == ("tender", "award", "contract")
    assert topics_of("budget") == ("budget",)


@given(
    key=st.none() | st.binary(max_size=20),
    value=st.none() | st.binary(max_size=50),
    changed=st.dictionaries(st.sampled_from([name for name, _ in GOOD.headers]), st.none() | st.binary(max_size=20)),
)
def test_there_is_always_an_answer_when_anything_comes(
    key: bytes | None, value: bytes | None, changed: dict[str, bytes | None]
) -> None:
    message = replace(GOOD, key=key, value=value)
    for name, content in changed.items():
        message = with_header(message, name, content)
    found = read(message)
    assert isinstance(found, Event | Unreadable)
    if isinstance(found, Unreadable):
        assert found.key
        assert found.problem
        json.dumps(dict(found.message))
