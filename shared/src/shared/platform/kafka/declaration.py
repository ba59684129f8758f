"""The topics as their file declares them, held to the catalogue of published events."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from shared.contracts.catalogue import TOPICS
from shared.rules import strict_yaml


class TopicsProblem(Exception):  # noqa: N818 - said to the operator as it stands
    """One sentence on why the topics are not as they should be."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it should be; its settings in Kafka's own names and spelling."""

    name: str
    owner: str
    description: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str]


def declared(path: Path) -> tuple[Topic, ...]:
    """Read the file of topics.

    Raises: TopicsProblem.
    """
    try:
        document = strict_yaml.read(path.read_text("utf-8"))
    except OSError as error:
        raise TopicsProblem(f"{path} cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TopicsProblem(f"{path} is not YAML: {' '.join(str(error).split())}.") from error
    try:
        read = _File.model_validate(document)
    except ValidationError as errors:
        first = errors.errors()[0]
        place = "".join(f"/{part}" for part in first["loc"])
        raise TopicsProblem(f"{path} at {place or '/'}: {first['msg']}.") from errors
    topics = tuple(Topic(**entry.model_dump()) for entry in read.topics)
    complaints = _complaints(topics)
    if complaints:
        raise TopicsProblem(f"{path}: {complaints[0]}")
    return topics


def _as_kafka_writes_it(value: object) -> object:
    # Kafka takes text; YAML has numbers and truth values of its own.
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


class _Entry(BaseModel, extra="forbid", strict=True):
    name: str
    owner: str
    description: Annotated[str, Field(min_length=1)]
    partitions: Annotated[int, Field(ge=1)]
    replication_factor: Annotated[int, Field(ge=1)]
    config: dict[str, Annotated[str, BeforeValidator(_as_kafka_writes_it)]]


class _File(BaseModel, extra="forbid", strict=True):
    topics: list[_Entry]


def _complaints(topics: tuple[Topic, ...]) -> list[str]:
    names = [topic.name for topic in topics]
    complaints = [f"the topic {name} is declared twice." for name in sorted(set(names)) if names.count(name) > 1]
    complaints += [f"the catalogue has no topic {name}." for name in names if name not in TOPICS]
    complaints += [f"the topic {name} of the catalogue is missing." for name in TOPICS if name not in names]
    partitions: dict[str, int] = {}
    for topic in topics:
        owner = TOPICS.get(topic.name)
        if owner != topic.owner:
            complaints.append(f"the topic {topic.name} is owned by {owner}, not by {topic.owner}.")
        if partitions.setdefault(topic.owner, topic.partitions) != topic.partitions:
            complaints.append(f"the topics of {topic.owner} do not all have the same number of partitions.")
    return complaints
