"""Reads another service's topics as a member of a consumer group, so that several workers share the partitions."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError

from shared.platform.kafka.messages import decode, topics_of
from shared.platform.kafka.settings import KafkaSettings
from shared.platform.kafka.starting import started
from shared.platform.sources import Batch, Delivered, SourceUnavailable

log = structlog.get_logger()

_COMMIT_EVERY = 5.0  # seconds; offsets in Kafka only tell how far we are, the database decides
_SILENT_FOR = 15.0  # seconds without any answer, after which everything is opened anew
_ANSWERED_WITHIN = 5.0  # seconds; aiokafka would wait for a coordinator for ever


class KafkaSource:
    """Delivers one service's events from Kafka; a lane is a partition, its positions are offsets."""

    def __init__(self, name: str, group: str, settings: KafkaSettings) -> None:
        self.name, self._group, self._settings = name, group, settings
        self._topics = {settings.topic_prefix + topic: topic for topic in topics_of(name)}
        self._consumer: AIOKafkaConsumer | None = None
        self._at: dict[TopicPartition, int] = {}
        self._applied: dict[TopicPartition, int] = {}
        self._committed_at = self._heard_at = 0.0

    async def read(self, positions: Mapping[str, int], limit: int, wait: float) -> Batch | None:
        try:
            consumer = self._consumer or await self._open()
            self._go_to(consumer, positions)
            await self._commit(consumer)
            fetched = await consumer.getmany(timeout_ms=int(wait * 1000), max_records=limit)
            await self._listen(consumer)
        except (KafkaError, OSError, TimeoutError) as error:
            await self.close()
            raise SourceUnavailable(self.name) from error
        return self._batch(consumer, fetched)

    async def applied(self, batch: Batch) -> None:
        self._applied |= {_partition(lane): end for lane, end in batch.ends.items()}

    async def close(self) -> None:
        consumer, self._consumer = self._consumer, None
        self._at.clear()
        if consumer is not None:
            await self._commit(consumer, at_once=True)
            await _stop(consumer)

    async def _open(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            group_id=self._group,
            enable_auto_commit=False,
            # A new group has everything before it; the database says where an old one goes on.
            auto_offset_reset="earliest",
            # The same partitions of a service's topics go to the same worker, since they have the same keys.
            partition_assignment_strategy=(RangePartitionAssignor,),
            metadata_max_age_ms=10_000,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            **self._settings.client_options(),
        )
        try:
            await started(consumer)
            consumer.subscribe(list(self._topics), listener=_Rebalanced(self._at))
        except BaseException:
            await _stop(consumer)
            raise
        self._consumer, self._heard_at = consumer, time.monotonic()
        return consumer

    def _go_to(self, consumer: AIOKafkaConsumer, positions: Mapping[str, int]) -> None:
        """Read each of our partitions from where the database is."""
        for partition in consumer.assignment():
            position = positions.get(_lane(partition), 0)
            if self._at.get(partition) != position:
                consumer.seek(partition, position)
                self._at[partition] = position

    def _batch(self, consumer: AIOKafkaConsumer, fetched: Mapping[TopicPartition, Sequence[Any]]) -> Batch | None:
        starts, delivered, assigned = dict[str, int](), list[Delivered](), consumer.assignment()
        for partition, messages in fetched.items():
            # A partition that has come to us meanwhile is read when the database has said from where.
            if partition in assigned and partition in self._at:
                lane, topic = _lane(partition), self._topics[partition.topic]
                starts[lane], self._at[partition] = self._at[partition], messages[-1].offset + 1
                delivered += [
                    Delivered(lane, message.offset + 1, decode(message, topic, self.name)) for message in messages
                ]
        return Batch(starts, delivered) if delivered else None

    async def _commit(self, consumer: AIOKafkaConsumer, *, at_once: bool = False) -> None:
        """Tell Kafka how far the database is, for those who watch the lag."""
        ours = consumer.assignment()
        offsets = {partition: offset for partition, offset in self._applied.items() if partition in ours}
        if offsets and (at_once or time.monotonic() - self._committed_at > _COMMIT_EVERY):
            self._applied, self._committed_at = {}, time.monotonic()
            try:
                async with asyncio.timeout(_ANSWERED_WITHIN):
                    await consumer.commit(offsets)
            except (KafkaError, OSError, TimeoutError) as error:
                # Another member has the partition now, or the broker is gone; the database knows better anyway.
                log.info("offsets.not-committed", group=self._group, error=type(error).__name__)

    async def _listen(self, consumer: AIOKafkaConsumer) -> None:
        """Notice when nobody answers any more; then everything is opened anew, since aiokafka may not recover (#718).

        Raises:
            TimeoutError: if nobody has answered for too long.
        """
        now, partitions = time.monotonic(), consumer.assignment()
        if partitions:
            answered = max(consumer.last_poll_timestamp(partition) or 0 for partition in partitions) / 1000
            heard = time.time() - answered < _SILENT_FOR
        else:
            # Others have all partitions, or nobody tells us which are ours.
            heard = await _answers(consumer)
        if heard:
            self._heard_at = now
        elif now - self._heard_at > _SILENT_FOR:
            raise TimeoutError


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer in whatever state it is.

    In a task of its own: while the broker is away, aiokafka's is cancelled by itself in the middle and leaves its
    connections open (fetcher.close awaits tasks that it has cancelled).
    """
    for closing in (consumer.stop, consumer._client.close):  # noqa: SLF001 - nothing else closes the connections then
        task = asyncio.create_task(closing())
        await asyncio.wait({task}, timeout=_ANSWERED_WITHIN)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _answers(consumer: AIOKafkaConsumer) -> bool:
    try:
        async with asyncio.timeout(_ANSWERED_WITHIN):
            await consumer.topics()
    except (KafkaError, OSError, TimeoutError):
        return False
    return True


class _Rebalanced(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Forgets where we are in partitions that may have gone on elsewhere when they come back."""

    def __init__(self, at: dict[TopicPartition, int]) -> None:
        self._at = at

    def on_partitions_revoked(self, _: Iterable[TopicPartition]) -> None:
        """Read each from where the database is when it is ours again."""
        self._at.clear()

    def on_partitions_assigned(self, _: Iterable[TopicPartition]) -> None:
        """Do nothing: the next reading goes to where the database is."""


def _lane(partition: TopicPartition) -> str:
    return f"{partition.topic}/{partition.partition}"


def _partition(lane: str) -> TopicPartition:
    topic, _, number = lane.rpartition("/")
    return TopicPartition(topic, int(number))
