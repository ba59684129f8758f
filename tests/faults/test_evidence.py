"""The evidence of the fault tests: each fault that is planted is found."""

import json
from dataclasses import replace

import pytest
from evidence import Sent, Stored, disordered, lost_or_doubled, repeated

PREFIX = "county."
LOGS = {
    "tender": [
        Stored(1, "a", "tender.planned.v1", "one", {"n": 1}),
        Stored(2, "b", "tender.planned.v1", "two", {"n": 2}),
        Stored(3, "c", "award.proposed.v1", "one", {"n": 3}),
        Stored(4, "d", "tender.cancelled.v1", "one", {"n": 4}),
    ],
    "budget": [Stored(1, "e", "budget.reserved.v1", "one", {"n": 5})],
}


def sent(event: str, service: str, position: int, predecessor: int, *, offset: int) -> Sent:
    row = next(row for row in LOGS[service] if row.id == event)
    attributes = {
        "id": event,
        "source": f"/{service}",
        "type": row.type,
        "partitionkey": row.key,
        "position": str(position),
        "predecessor": str(predecessor),
    }
    headers = tuple((f"ce_{name}", value.encode()) for name, value in attributes.items())
    topic = PREFIX + row.type.partition(".")[0]
    return Sent(topic, len(row.key) % 2, offset, row.key, json.dumps(row.data).encode(), headers)


A = sent("a", "tender", 1, 0, offset=0)
B = sent("b", "tender", 2, 0, offset=1)
C = sent("c", "tender", 3, 1, offset=0)
D = sent("d", "tender", 4, 3, offset=2)
E = sent("e", "budget", 1, 0, offset=0)
SENT = [A, B, C, D, E]


def test_nothing_is_found_when_nothing_is_wrong() -> None:
    assert list(lost_or_doubled(LOGS, SENT, PREFIX)) == []
    assert list(disordered(SENT)) == []
    assert repeated(SENT) == 0


def test_repetition_is_no_fault_when_it_is_the_same() -> None:
    again = [*SENT, replace(A, offset=3), replace(D, offset=4)]
    assert list(lost_or_doubled(LOGS, again, PREFIX)) == []
    assert list(disordered(again)) == []
    assert repeated(again) == 2


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ([A, B, C, D], ["lost: ('budget', 'e')"]),
        ([*SENT, replace(A, value=b'{"n": 9}', offset=3)], ["sent again otherwise: ('tender', 'a')"]),
        ([*SENT, replace(A, headers=(*A.headers, ("x", b"y")), offset=3)], ["sent again otherwise: ('tender', 'a')"]),
        ([*SENT, replace(A, topic=E.topic)], ["sent again otherwise: ('tender', 'a')"]),
        ([A, B, replace(C, topic=A.topic), D, E], ["sent wrongly: ('tender', 'c')"]),
        ([A, replace(B, key="one"), C, D, E], ["sent wrongly: ('tender', 'b')"]),
        ([A, B, C, sent("d", "tender", 4, 1, offset=2), E], ["sent wrongly: ('tender', 'd')"]),
        ([A, B, sent("c", "tender", 2, 1, offset=0), D, E], ["sent wrongly: ('tender', 'c')"]),
        ([A, B, C, replace(D, value=b'{"n": 5}'), E], ["altered: ('tender', 'd')"]),
    ],
)
def test_message_that_is_lost_or_wrong_is_found(messages: list[Sent], found: list[str]) -> None:
    assert list(lost_or_doubled(LOGS, messages, PREFIX)) == found


def test_message_that_nobody_has_written_is_found() -> None:
    logs = {**LOGS, "budget": []}
    assert list(lost_or_doubled(logs, SENT, PREFIX)) == ["from nowhere: ('budget', 'e')"]


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ([D, A, B, C, E], "out of order: ('county.tender', 'tender', 'one')"),
        ([D, A, D, B, C, E], "out of order: ('county.tender', 'tender', 'one')"),
        ([A, B, C, replace(D, partition=0), E], "on several partitions: ('county.tender', 'tender', 'one')"),
    ],
)
def test_key_whose_order_is_lost_is_found(messages: list[Sent], found: str) -> None:
    assert list(disordered(messages)) == [found]


@pytest.mark.parametrize("messages", [[B, A, C, D, E], [A, B, D, C, E], [A, B, D, A, C, E]])
def test_order_is_kept_when_only_other_keys_other_topics_or_repetitions_come_between(messages: list[Sent]) -> None:
    assert list(disordered(messages)) == []
