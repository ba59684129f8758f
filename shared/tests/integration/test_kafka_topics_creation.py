"""Topics come from their declaration: what is missing is created, what is different is refused and left alone."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.contracts.catalogue import TOPICS as CATALOGUE
from shared.platform.kafka.creation import connected
from shared.platform.kafka.topics import Topic, TopicsProblem, create, declared, main
from shared.testing.kafka import TOPICS, KafkaForTests

pytestmark = pytest.mark.xdist_group("kafka")

TENDER, AWARD, *_ = declared(TOPICS)


async def found(kafka: KafkaForTests, prefix: str) -> dict[str, tuple[int, int]]:
    """Return partitions and replicas of every topic that has the prefix."""
    async with connected(kafka.settings("").client_options()) as admin:
        return {
            topic["topic"].removeprefix(prefix): (len(topic["partitions"]), len(topic["partitions"][0]["replicas"]))
            for topic in await admin.describe_topics()
            if topic["topic"].startswith(prefix)
        }


async def config_of(kafka: KafkaForTests, topic: str) -> dict[str, str]:
    async with connected(kafka.settings("").client_options()) as admin:
        (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    ((_, _, _, _, entries),) = response.resources
    return {entry[0]: entry[1] for entry in entries}


async def create_here(kafka: KafkaForTests, prefix: str, *topics: Topic, single_broker: bool = True) -> None:
    await create(kafka.settings(prefix).client_options(), topics, prefix, single_broker=single_broker)


async def problem_of(kafka: KafkaForTests, prefix: str, *topics: Topic, single_broker: bool = True) -> str:
    with pytest.raises(TopicsProblem) as raised:
        await create_here(kafka, prefix, *topics, single_broker=single_broker)
    said = str(raised.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said.replace(prefix, "")


async def test_every_topic_is_there_as_declared_when_it_was_missing(kafka: KafkaForTests) -> None:
    prefix = kafka.new_prefix()
    await kafka.create_topics(prefix)
    assert await found(kafka, prefix) == dict.fromkeys(CATALOGUE, (6, 1))
    config = await config_of(kafka, f"{prefix}tender")
    assert config.items() >= (dict(TENDER.config) | {"min.insync.replicas": "1"}).items()


async def test_nothing_happens_when_the_topics_are_there_as_declared(kafka: KafkaForTests) -> None:
    prefix = kafka.new_prefix()
    await kafka.create_topics(prefix, partitions=1)
    await kafka.create_topics(prefix, partitions=1)
    assert await found(kafka, prefix) == dict.fromkeys(CATALOGUE, (1, 1))


async def test_only_what_is_missing_is_created_when_some_topics_are_there(kafka: KafkaForTests) -> None:
    prefix = kafka.new_prefix()
    await create_here(kafka, prefix, TENDER)
    await create_here(kafka, prefix, TENDER, AWARD)
    assert set(await found(kafka, prefix)) == {"tender", "award"}


async def test_installations_do_not_meet_when_they_have_different_prefixes(kafka: KafkaForTests) -> None:
    one, other = kafka.new_prefix(), kafka.new_prefix()
    await create_here(kafka, one, TENDER)
    await create_here(kafka, other, replace(TENDER, partitions=2))
    assert await found(kafka, one) == {"tender": (6, 1)}
    assert await found(kafka, other) == {"tender": (2, 1)}


async def test_all_succeed_when_several_create_at_the_same_time(kafka: KafkaForTests) -> None:
    prefix = kafka.new_prefix()
    await asyncio.gather(*(kafka.create_topics(prefix, partitions=2) for _ in range(4)))
    assert await found(kafka, prefix) == dict.fromkeys(CATALOGUE, (2, 1))


async def test_one_is_refused_when_two_create_different_topics_at_the_same_time(kafka: KafkaForTests) -> None:
    prefix = kafka.new_prefix()
    outcomes = await asyncio.gather(
        *(kafka.create_topics(prefix, partitions=count) for count in (2, 3)), return_exceptions=True
    )
    (refused,) = [outcome for outcome in outcomes if outcome is not None]
    assert isinstance(refused, TopicsProblem)
    assert len(set((await found(kafka, prefix)).values())) == 1


async def test_every_difference_is_told_and_nothing_changes_when_topics_are_otherwise(kafka: KafkaForTests) -> None:
    prefix = kafka.new_prefix()
    short_lived = dict(AWARD.config) | {"retention.ms": "1000"}
    await create_here(kafka, prefix, replace(TENDER, partitions=3), replace(AWARD, config=short_lived))
    three_brokers = [replace(topic, replication_factor=3) for topic in declared(TOPICS)]
    assert await problem_of(kafka, prefix, *three_brokers, single_broker=False) == (
        "Topics are never altered, and some are not as declared: "
        "award has replication_factor 1 instead of 3, min.insync.replicas 1 instead of 2, "
        "retention.ms 1000 instead of -1; "
        "tender has partitions 3 instead of 6, replication_factor 1 instead of 3, min.insync.replicas 1 instead of 2."
    )
    assert await found(kafka, prefix) == {"tender": (3, 1), "award": (6, 1)}
    assert (await config_of(kafka, f"{prefix}award"))["retention.ms"] == "1000"


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        (replace(TENDER, config={"retention.mss": "1"}), "Unknown topic config name: retention.mss"),
        (replace(TENDER, name="ten der"), "ten der"),
        (replace(TENDER, replication_factor=99), "replication factor"),
    ],
)
async def test_kafkas_reason_is_told_when_it_refuses_a_topic(kafka: KafkaForTests, topic: Topic, expected: str) -> None:
    said = await problem_of(kafka, kafka.new_prefix(), topic, single_broker=False)
    assert said.startswith(f"Kafka does not create {topic.name}: ")
    assert expected in said


async def test_topics_can_be_written_to_when_they_were_just_created(kafka: KafkaForTests) -> None:
    prefix = kafka.new_prefix()
    await kafka.create_topics(prefix, partitions=3)
    async with connected(kafka.settings("").client_options()) as admin:
        topics = [topic for topic in await admin.describe_topics() if topic["topic"].startswith(prefix)]
    assert all(partition["leader"] >= 0 for topic in topics for partition in topic["partitions"])


# --- the job


def environment(kafka: KafkaForTests, prefix: str, **more: str) -> dict[str, str]:
    return {"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "KAFKA_TOPIC_PREFIX": prefix} | more


async def job(arguments: Sequence[str], environment: dict[str, str], patience: float = 60.0) -> int:
    return await asyncio.to_thread(main, arguments, environment, patience=patience)


async def test_the_job_ends_well_when_there_is_one_broker_and_that_is_said(
    kafka: KafkaForTests, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = kafka.new_prefix()
    for _ in range(2):
        assert await job([str(TOPICS)], environment(kafka, prefix, KAFKA_SINGLE_BROKER="true")) == 0
    assert await found(kafka, prefix) == dict.fromkeys(CATALOGUE, (6, 1))
    assert capsys.readouterr().err == ""


async def test_the_job_tells_the_differences_when_a_topic_is_otherwise(
    kafka: KafkaForTests, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = kafka.new_prefix()
    await create_here(kafka, prefix, replace(TENDER, partitions=5))
    assert await job([str(TOPICS)], environment(kafka, prefix, KAFKA_SINGLE_BROKER="true")) == 2
    assert capsys.readouterr().err == (
        f"Topics are never altered, and some are not as declared: {prefix}tender has partitions 5 instead of 6.\n"
    )


async def test_the_job_waits_for_all_brokers_when_topics_need_several(
    kafka: KafkaForTests, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, prefix = tmp_path / "topics.yaml", kafka.new_prefix()
    file.write_text(TOPICS.read_text().replace("replication_factor: 3", "replication_factor: 99"))
    assert await job([str(file)], environment(kafka, prefix), patience=0.1) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Kafka was not ready at {kafka.bootstrap_servers} within 0.1 seconds: ")
    assert said.endswith(" of the 99 brokers that the topics need are there.\n")
    assert await found(kafka, prefix) == {}


async def test_the_job_tells_why_when_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    assert await job([str(TOPICS)], {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, patience=0.1) == 2
    said = capsys.readouterr().err
    assert re.fullmatch(r"Kafka was not ready at 127\.0\.0\.1:1 within 0\.1 seconds: Unable connect to .*\.\n", said)
