"""`python -m shared.platform.kafka.topics FILE`: a job that creates the declared topics of KAFKA_BOOTSTRAP_SERVERS."""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from aiokafka.errors import KafkaError
from pydantic import ValidationError

from shared.platform.kafka.creation import connected, create
from shared.platform.kafka.declaration import Topic, TopicsProblem, declared
from shared.platform.kafka.settings import KafkaSettings

__all__ = ["Topic", "TopicsProblem", "create", "declared", "main"]

PATIENCE = 60.0  # seconds until enough brokers must have answered
_TRY_MILLISECONDS = 5_000
_POLL_SECONDS = 0.5
_VARIABLES = {
    "bootstrap_servers": "KAFKA_BOOTSTRAP_SERVERS",
    "topic_prefix": "KAFKA_TOPIC_PREFIX",
    "security_protocol": "KAFKA_SECURITY_PROTOCOL",
    "sasl_mechanism": "KAFKA_SASL_MECHANISM",
    "username": "KAFKA_USERNAME",
    "password": "KAFKA_PASSWORD",
    "ca_file": "KAFKA_CA_FILE",
}
_TRUTH = {"": False, "false": False, "true": True}


def main(arguments: Sequence[str], environment: Mapping[str, str], *, patience: float = PATIENCE) -> int:
    """Return 0 when the topics are as declared, and 2 with sentences when they are not."""
    try:
        topics = declared(_file(arguments))
        settings, single_broker = _settings(environment), _single_broker(environment)
        asyncio.run(_create(settings, topics, single_broker, patience))
    except TopicsProblem as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


def _file(arguments: Sequence[str]) -> Path:
    if len(arguments) != 1:
        raise TopicsProblem("usage: python -m shared.platform.kafka.topics FILE")
    return Path(arguments[0])


def _settings(environment: Mapping[str, str]) -> KafkaSettings:
    given = {name: environment[variable] for name, variable in _VARIABLES.items() if variable in environment}
    try:
        return KafkaSettings.model_validate(given)
    except ValidationError as errors:
        sentences = []
        for error in errors.errors():
            variables = [_VARIABLES[str(part)] for part in error["loc"]] or ["KAFKA_SECURITY_PROTOCOL"]
            sentences.append(f"{variables[0]}: {error['msg'].rstrip('.')}.")
        raise TopicsProblem("\n".join(sentences)) from errors


def _single_broker(environment: Mapping[str, str]) -> bool:
    single_broker = _TRUTH.get(environment.get("KAFKA_SINGLE_BROKER", "").lower())
    if single_broker is None:
        raise TopicsProblem("KAFKA_SINGLE_BROKER is true or false.")
    return single_broker


async def _create(settings: KafkaSettings, topics: Sequence[Topic], single_broker: bool, patience: float) -> None:
    needed = 1 if single_broker else max(topic.replication_factor for topic in topics)
    try:
        with _listening() as heard:
            await _answered(settings, needed, patience, heard)
            await create(settings.client_options(), topics, settings.topic_prefix, single_broker=single_broker)
    except (KafkaError, OSError, TimeoutError) as error:
        reason = str(error).rstrip(".") or type(error).__name__
        raise TopicsProblem(f"Kafka stopped answering at {settings.bootstrap_servers}: {reason}.") from error


async def _answered(settings: KafkaSettings, needed: int, patience: float, heard: "_Heard") -> None:
    """Wait for as many brokers as a topic has replicas, since together started ones come one after the other."""
    until = time.monotonic() + patience
    while True:
        try:
            async with connected(settings.client_options() | {"request_timeout_ms": _TRY_MILLISECONDS}) as admin:
                brokers = len((await admin.describe_cluster())["brokers"])
            if brokers >= needed:
                return
            reason = f"{brokers} of the {needed} brokers that the topics need are there"
        except (KafkaError, OSError, TimeoutError):
            reason = heard.last.rstrip(".")
        if time.monotonic() > until:
            raise TopicsProblem(
                f"Kafka was not ready at {settings.bootstrap_servers} within {patience:g} seconds: {reason}."
            )
        await asyncio.sleep(_POLL_SECONDS)


class _Heard(logging.Handler):
    """Remembers why aiokafka cannot connect: it tells its log alone."""

    last = "it did not answer"

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()


@contextmanager
def _listening() -> Iterator[_Heard]:
    logger, heard = logging.getLogger("aiokafka"), _Heard(logging.WARNING)
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(heard)
    try:
        yield heard
    finally:
        logger.removeHandler(heard)
        logger.propagate = propagated


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
