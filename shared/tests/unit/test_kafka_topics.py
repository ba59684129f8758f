"""The file that declares the topics, and what it refuses."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.contracts import guarantees
from shared.contracts.catalogue import TOPICS
from shared.platform.kafka.topics import TopicsProblem, declared, main

FILE = Path(__file__).parents[3] / "deploy" / "kafka" / "topics.yaml"
NOWHERE = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write the file of topics anew, with some things changed."""

    def write(*changes: Callable[[list[dict[str, Any]]], object], **members: object) -> Path:
        document = yaml.safe_load(FILE.read_text("utf-8"))
        document["topics"] = [copy.deepcopy(topic) for topic in document["topics"]]  # aliases are no longer shared
        for change in changes:
            change(document["topics"])
        file = tmp_path / "topics.yaml"
        file.write_text(yaml.safe_dump(document | members))
        return file

    return write


def complaint(file: Path) -> str:
    with pytest.raises(TopicsProblem) as raised:
        declared(file)
    said = str(raised.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said.removeprefix(str(file))


def test_topics_are_those_of_the_catalogue_when_the_file_is_read() -> None:
    assert {topic.name: topic.owner for topic in declared(FILE)} == TOPICS


def test_topics_are_what_partners_are_promised_when_the_file_is_read() -> None:
    for topic in declared(FILE):
        assert (topic.partitions, topic.replication_factor) == (guarantees.PARTITIONS, guarantees.REPLICAS)
        assert topic.config == {
            "min.insync.replicas": "2",
            "unclean.leader.election.enable": "false",
            "cleanup.policy": "delete",
            "retention.ms": str(guarantees.RETENTION_MS),
            "retention.bytes": "-1",
            "max.message.bytes": str(guarantees.LARGEST_MESSAGE),
        }
        assert topic.description.endswith(".")


def test_settings_are_kafkas_text_when_yaml_has_numbers_and_truth_values(written: Callable[..., Path]) -> None:
    config = {"a": 1, "b": True, "c": False, "d": "text"}
    topic = declared(written(lambda topics: topics[0].update(config=config)))[0]
    assert topic.config == {"a": "1", "b": "true", "c": "false", "d": "text"}


@pytest.mark.parametrize(
    ("member", "value", "expected"),
    [
        ("partitions", "6", "Input should be a valid integer"),
        ("partitions", 0, "Input should be greater than or equal to 1"),
        ("partitions", True, "Input should be a valid integer"),
        ("replication_factor", 0, "Input should be greater than or equal to 1"),
        ("description", "", "String should have at least 1 character"),
        ("config", None, "Input should be a valid dictionary"),
        ("retention", "-1", "Extra inputs are not permitted"),
    ],
)
def test_a_member_is_refused_when_it_is_wrong(
    written: Callable[..., Path], member: str, value: object, expected: str
) -> None:
    said = complaint(written(lambda topics: topics[1].update({member: value})))
    assert said == f" at /topics/1/{member}: {expected}."


def test_a_member_is_asked_for_when_it_is_missing(written: Callable[..., Path]) -> None:
    assert complaint(written(lambda topics: topics[2].pop("owner"))) == " at /topics/2/owner: Field required."


def test_a_setting_is_refused_when_it_is_no_single_value(written: Callable[..., Path]) -> None:
    said = complaint(written(lambda topics: topics[0]["config"].update({"cleanup.policy": ["delete"]})))
    assert said == " at /topics/0/config/cleanup.policy: Input should be a valid string."


def test_the_file_is_refused_when_it_has_another_member(written: Callable[..., Path]) -> None:
    assert complaint(written(version=1)) == " at /version: Extra inputs are not permitted."


def test_the_file_is_refused_when_a_topic_is_missing(written: Callable[..., Path]) -> None:
    assert complaint(written(lambda topics: topics.pop(1))) == ": the topic award of the catalogue is missing."


def test_the_file_is_refused_when_a_topic_is_foreign(written: Callable[..., Path]) -> None:
    said = complaint(written(lambda topics: topics.append(topics[0] | {"name": "weather"})))
    assert said == ": the catalogue has no topic weather."


def test_the_file_is_refused_when_a_topic_is_declared_twice(written: Callable[..., Path]) -> None:
    said = complaint(written(lambda topics: topics.append(topics[0])))
    assert said == ": the topic tender is declared twice."


def test_the_file_is_refused_when_a_member_is_written_twice(tmp_path: Path) -> None:
    file = tmp_path / "topics.yaml"
    file.write_text("topics:\n  - name: tender\n    partitions: 6\n    partitions: 12\n", "utf-8")
    assert "written twice" in complaint(file)


def test_the_file_is_refused_when_a_topic_has_another_owner(written: Callable[..., Path]) -> None:
    said = complaint(written(lambda topics: topics[0].update(owner="budget")))
    assert said == ": the topic tender is owned by tender, not by budget."


def test_the_file_is_refused_when_the_topics_of_an_owner_have_different_partitions(
    written: Callable[..., Path],
) -> None:
    said = complaint(written(lambda topics: topics[1].update(partitions=12)))
    assert said == ": the topics of tender do not all have the same number of partitions."


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"", "Input should be a valid dictionary"), (b"a: [", "is not YAML"), (b"\xff\xfe\xff", "is not YAML")],
)
def test_the_file_is_refused_when_it_holds_something_else(tmp_path: Path, content: bytes, expected: str) -> None:
    file = tmp_path / "topics.yaml"
    file.write_bytes(content)
    assert expected in complaint(file)


def test_the_file_is_refused_when_it_is_not_there(tmp_path: Path) -> None:
    assert complaint(tmp_path / "topics.yaml") == " cannot be read (No such file or directory)."


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], NOWHERE, "usage: python -m shared.platform.kafka.topics FILE\n"),
        ([str(FILE)], {}, "KAFKA_BOOTSTRAP_SERVERS: Field required.\n"),
        ([str(FILE)], NOWHERE | {"KAFKA_SINGLE_BROKER": "maybe"}, "KAFKA_SINGLE_BROKER is true or false.\n"),
        (
            [str(FILE)],
            NOWHERE | {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USERNAME": "tender"},
            "KAFKA_SECURITY_PROTOCOL: SASL_SSL needs sasl_mechanism, username and password.\n",
        ),
        (
            [str(FILE)],
            NOWHERE | {"KAFKA_TOPIC_PREFIX": "a b", "KAFKA_SASL_MECHANISM": "GSSAPI"},
            (
                "KAFKA_TOPIC_PREFIX: It has at most 200 letters, digits, dots, _ and -.\n"
                "KAFKA_SASL_MECHANISM: Input should be 'PLAIN', 'SCRAM-SHA-256' or 'SCRAM-SHA-512'.\n"
            ),
        ),
    ],
)
def test_the_job_says_what_is_wrong_when_it_cannot_begin(
    capsys: pytest.CaptureFixture[str], arguments: list[str], environment: dict[str, str], expected: str
) -> None:
    assert main(arguments, environment) == 2
    assert capsys.readouterr().err == expected
