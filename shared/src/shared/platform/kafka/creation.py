"""Creates declared topics that are missing, and refuses those that are there and different."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from shared.platform.kafka.declaration import Topic, TopicsProblem
from shared.platform.kafka.starting import started

READY_WITHIN, POLL_EVERY = 30.0, 0.05  # seconds


@dataclass(frozen=True, slots=True)
class _Found:
    """A topic as it is, in the properties that were asked for, and whether it can be written to."""

    properties: Mapping[str, str]
    led: bool


async def create(
    options: Mapping[str, Any], topics: Iterable[Topic], prefix: str = "", single_broker: bool = False
) -> None:
    """Make sure that the topics are there as declared, and wait until they can be written to.

    Raises:
        TopicsProblem: if a topic is there with other properties, which are left alone; or if Kafka refuses one.
        aiokafka.errors.KafkaError: if Kafka cannot be asked.
    """
    wanted = {topic.name: topic for topic in (_real(topic, prefix, single_broker=single_broker) for topic in topics)}
    async with connected(options) as admin:
        found = await _find(admin, wanted)
        _refuse_differences(wanted, found)
        await _create(admin, [topic for name, topic in wanted.items() if name not in found])
        until = time.monotonic() + READY_WITHIN
        while not (wanted.keys() <= found.keys() and all(topic.led for topic in found.values())):
            if time.monotonic() > until:
                raise TopicsProblem(f"Kafka made the topics, and cannot be written to after {READY_WITHIN:g} seconds.")
            await asyncio.sleep(POLL_EVERY)
            found = await _find(admin, wanted)
        # Another creator may have been first, with another declaration.
        _refuse_differences(wanted, found)


def _real(topic: Topic, prefix: str, *, single_broker: bool) -> Topic:
    topic = replace(topic, name=prefix + topic.name)
    if single_broker:
        topic = replace(topic, replication_factor=1, config={**topic.config, "min.insync.replicas": "1"})
    return topic


@asynccontextmanager
async def connected(options: Mapping[str, Any]) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**options)
    try:
        await started(admin)
        yield admin
    finally:
        await admin.close()


async def _find(admin: AIOKafkaAdminClient, wanted: Mapping[str, Topic]) -> dict[str, _Found]:
    # All topics are listed, since a broker that is set up loosely would create those that are asked for by name.
    there = [topic for topic in await admin.describe_topics() if topic["topic"] in wanted]
    configs = await _configs(admin, [wanted[topic["topic"]] for topic in there])
    return {
        name: _Found(_placing(topic["partitions"]) | configs[name], _is_led(topic["partitions"]))
        for topic in there
        if (name := topic["topic"]) in configs
    }


async def _configs(admin: AIOKafkaAdminClient, topics: list[Topic]) -> dict[str, dict[str, str]]:
    if not topics:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(topic.config)) for topic in topics]
    found = {}
    for response in await admin.describe_configs(asked):
        for code, message, _, name, entries in response.resources:
            if code == UnknownTopicOrPartitionError.errno:  # this broker has not heard of it yet
                continue
            if code:
                raise TopicsProblem(f"Kafka does not tell how {name} is set up: {_reason(code, message)}.")
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


def _placing(partitions: list[dict[str, Any]]) -> dict[str, str]:
    copies = min((len(partition["replicas"]) for partition in partitions), default=0)
    return {"partitions": str(len(partitions)), "replication_factor": str(copies)}


def _is_led(partitions: list[dict[str, Any]]) -> bool:
    return bool(partitions) and all(partition["leader"] >= 0 for partition in partitions)


def _refuse_differences(wanted: Mapping[str, Topic], found: Mapping[str, _Found]) -> None:
    different = {name: _differences(wanted[name], topic) for name, topic in sorted(found.items())}
    listed = "; ".join(f"{name} has {', '.join(each)}" for name, each in different.items() if each)
    if listed:
        raise TopicsProblem(f"Topics are never altered, and some are not as declared: {listed}.")


def _differences(topic: Topic, found: _Found) -> list[str]:
    declared = {
        "partitions": str(topic.partitions),
        "replication_factor": str(topic.replication_factor),
        **topic.config,
    }
    return [
        f"{name} {found.properties.get(name)} instead of {value}"
        for name, value in declared.items()
        if found.properties.get(name) != value
    ]


async def _create(admin: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    if not topics:
        return
    new = [
        NewTopic(topic.name, topic.partitions, topic.replication_factor, topic_configs=dict(topic.config))
        for topic in topics
    ]
    response = await admin.create_topics(new)
    for name, code, *message in response.topic_errors:
        if code not in {0, TopicAlreadyExistsError.errno}:
            raise TopicsProblem(f"Kafka does not create {name}: {_reason(code, *message)}.")


def _reason(code: int, message: str | None = None) -> str:
    return (message or for_code(code).__name__).rstrip(".")
