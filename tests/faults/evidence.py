"""What databases and topics hold, read without any of our own readers, and what is wrong between them."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.platform.embedded_postgres import execute

Logs = Mapping[str, Sequence["Stored"]]
"""Each service's log, in the order of its positions."""
Consumers = Mapping[str, Mapping[str, str]]
"""By service: the names of its consumers, and the service that each of them reads."""

# A line's money is all accounted for, nothing is below zero, and the balances are what the transfers make them.
LEDGER_VIOLATIONS = (
    """
    SELECT line_id FROM balances GROUP BY line_id
    HAVING sum(amount) FILTER (WHERE stage = 'appropriated') <> sum(amount) FILTER (WHERE stage <> 'appropriated');
    """,
    "SELECT line_id, stage, amount FROM balances WHERE amount < 0;",
    """
    SELECT line_id, stage, amount FROM balances WHERE amount <>
        coalesce((SELECT sum(amount) FROM transfers WHERE line_id = balances.line_id AND to_stage = stage), 0)
        + CASE stage WHEN 'appropriated' THEN 1 ELSE -1 END
        * coalesce((SELECT sum(amount) FROM transfers WHERE line_id = balances.line_id AND from_stage = stage), 0);
    """,
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of a service's log."""

    position: int
    id: str
    type: str
    key: str
    data: Any


@dataclass(frozen=True, slots=True)
class Sent:
    """A message, as it lies on a topic."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def attributes(self) -> Mapping[str, str]:
        """The CloudEvents attributes."""
        return {name.removeprefix("ce_"): value.decode() for name, value in self.headers}

    @property
    def event(self) -> tuple[str, str]:
        """Which event of which service it carries."""
        return self.attributes["source"].removeprefix("/"), self.attributes["id"]


def log_of(url: str) -> Sequence[Stored]:
    """Read a service's log; every event in it has its position."""
    query = "SELECT position, id, type, key, data FROM events ORDER BY position"
    lines = execute(url, f"SELECT row_to_json(event) FROM ({query}) event;").splitlines()
    return [Stored(**json.loads(line)) for line in lines]


async def messages(bootstrap_servers: str, topics: Sequence[str]) -> Sequence[Sent]:
    """Read topics from beginning to end, each partition in its order."""
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = consumer.assignment()
        ends = await consumer.end_offsets(partitions)
        found = list[Sent]()
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [_sent(record) for record in records]
        return found
    finally:
        await consumer.stop()


def behind(logs: Logs, urls: Mapping[str, str], consumers: Consumers) -> Iterator[str]:
    """Yield what has not been relayed, and what has not been taken in, each as a sentence."""
    for service, log in logs.items():
        relayed = int(execute(urls[service], "SELECT position FROM relayed;"))
        if [event.position for event in log] != [*range(1, relayed + 1)]:
            yield f"{service} has numbered and relayed {relayed} of {len(log)} events"
        for consumer, source in consumers[service].items():
            expected = {event.key: event.position for event in logs[source]}
            query = f"SELECT json_object_agg(key, position) FROM key_positions WHERE consumer = '{consumer}';"
            known = json.loads(execute(urls[service], query).strip() or "{}")
            if known != expected:
                different = len(expected.items() ^ known.items())
                yield f"{service} has read {source} as {consumer} otherwise than to its end ({different} positions)"


def lost_or_doubled(logs: Logs, sent: Sequence[Sent], topic_prefix: str) -> Iterator[str]:
    """Yield what of the logs is not on its topic as it should be, each as a sentence."""
    stored = {(service, event.id): event for service, log in logs.items() for event in log}
    by_event = defaultdict(list)
    for message in sent:
        by_event[message.event].append(message)
    yield from (f"lost: {event}" for event in stored.keys() - by_event.keys())
    yield from (f"from nowhere: {event}" for event in by_event.keys() - stored.keys())
    before = dict(_predecessors(logs))
    for event in stored.keys() & by_event.keys():
        row, copies = stored[event], by_event[event]
        if len({(copy.topic, copy.partition, copy.key, copy.value, copy.headers) for copy in copies}) > 1:
            yield f"sent again otherwise: {event}"
        told = copies[0].attributes
        place = (topic_prefix + row.type.partition(".")[0], row.key, row.key, row.type, row.position, before[event])
        found = (copies[0].topic, copies[0].key, told["partitionkey"], told["type"])
        if (*found, int(told["position"]), int(told["predecessor"])) != place:
            yield f"sent wrongly: {event}"
        if json.loads(copies[0].value) != row.data:
            yield f"altered: {event}"


def disordered(sent: Sequence[Sent]) -> Iterator[str]:
    """Yield keys whose events came onto a topic in another order than that of their service's log, as sentences."""
    first: dict[tuple[str, str, str], dict[int, None]] = defaultdict(dict)
    places = defaultdict(set)
    for message in sent:
        place = (message.topic, message.event[0], message.key)
        first[place].setdefault(int(message.attributes["position"]))
        places[place].add(message.partition)
    for place, positions in first.items():
        if any(earlier > later for earlier, later in pairwise(positions)):
            yield f"out of order: {place}"
        if len(places[place]) > 1:
            yield f"on several partitions: {place}"


def repeated(sent: Sequence[Sent]) -> int:
    """Return how many messages carry an event that another carries too."""
    return sum(count - 1 for count in Counter(message.event for message in sent).values())


def _predecessors(logs: Logs) -> Iterator[tuple[tuple[str, str], int]]:
    for service, log in logs.items():
        last: dict[str, int] = {}
        for event in log:
            yield (service, event.id), last.get(event.key, 0)
            last[event.key] = event.position


def _sent(record: Any) -> Sent:
    return Sent(record.topic, record.partition, record.offset, record.key.decode(), record.value, tuple(record.headers))
