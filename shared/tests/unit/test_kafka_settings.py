"""How Kafka is entered: only combinations that can work are taken."""

import ssl
from pathlib import Path

import certifi
import pytest
from pydantic import ValidationError

from shared.platform.kafka.settings import KafkaSettings

SERVERS = "one.kafka.test:9092,[::1]:9093"
LOGIN = {"sasl_mechanism": "SCRAM-SHA-512", "username": "tender", "password": "secret-word"}
AUTHORITIES = certifi.where()


def complaint(**given: str) -> str:
    with pytest.raises(ValidationError) as raised:
        KafkaSettings.model_validate({"bootstrap_servers": SERVERS} | given)
    (error,) = raised.value.errors()
    return ".".join([*map(str, error["loc"]), error["msg"]])


def test_clients_connect_in_the_open_when_nothing_else_is_said() -> None:
    settings = KafkaSettings(bootstrap_servers=SERVERS)
    assert settings.client_options() == {"bootstrap_servers": SERVERS, "security_protocol": "PLAINTEXT"}
    assert settings.topic_prefix == ""


def test_clients_log_in_when_a_login_is_given() -> None:
    settings = KafkaSettings.model_validate(
        {"bootstrap_servers": SERVERS, "security_protocol": "SASL_PLAINTEXT"} | LOGIN
    )
    assert settings.client_options() == {
        "bootstrap_servers": SERVERS,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "tender",
        "sasl_plain_password": "secret-word",
    }


@pytest.mark.parametrize("ca_file", ["", AUTHORITIES])
@pytest.mark.parametrize(("protocol", "login"), [("SSL", {}), ("SASL_SSL", LOGIN)])
def test_clients_check_whom_they_talk_to_when_the_connection_is_encrypted(
    ca_file: str, protocol: str, login: dict[str, str]
) -> None:
    settings = KafkaSettings.model_validate(
        {"bootstrap_servers": SERVERS, "security_protocol": protocol, "ca_file": ca_file} | login
    )
    options = settings.client_options()
    context = options["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(context.get_ca_certs()) > 0
    assert ("sasl_plain_password" in options) == bool(login)


def test_values_count_as_none_when_they_are_empty() -> None:
    given = dict.fromkeys(("security_protocol", "sasl_mechanism", "username", "password", "ca_file"), "")
    assert KafkaSettings.model_validate({"bootstrap_servers": SERVERS} | given) == KafkaSettings(
        bootstrap_servers=SERVERS
    )


@pytest.mark.parametrize(
    "servers", ["kafka", "kafka:", "a:1, b:2", "a:1,", ":9092", "::1:9092", "a:port", "http://a:1"]
)
def test_addresses_are_refused_when_they_are_not_hosts_and_ports(servers: str) -> None:
    assert complaint(bootstrap_servers=servers) == "bootstrap_servers.It is written host:port,host:port without spaces."


def test_addresses_are_asked_for_when_there_are_none() -> None:
    assert complaint(bootstrap_servers="") == "bootstrap_servers.Field required"


@pytest.mark.parametrize("prefix", ["a b", "ä-", "a/", "a\n", "x" * 201])
def test_a_prefix_is_refused_when_no_topic_could_have_it(prefix: str) -> None:
    assert complaint(topic_prefix=prefix) == "topic_prefix.It has at most 200 letters, digits, dots, _ and -."


def test_a_prefix_is_taken_when_topics_can_have_it() -> None:
    assert KafkaSettings(bootstrap_servers=SERVERS, topic_prefix="City-1_a.").topic_prefix == "City-1_a."


@pytest.mark.parametrize("missing", LOGIN)
@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_a_login_is_refused_when_a_part_is_missing(protocol: str, missing: str) -> None:
    given = LOGIN | {"security_protocol": protocol, missing: ""}
    assert complaint(**given) == f"{protocol} needs sasl_mechanism, username and password."


@pytest.mark.parametrize("part", LOGIN)
@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL"])
def test_a_login_is_refused_when_the_protocol_has_none(protocol: str, part: str) -> None:
    given = {"security_protocol": protocol, part: LOGIN[part]}
    assert complaint(**given) == f"{protocol} takes no sasl_mechanism, username or password."


@pytest.mark.parametrize(("protocol", "login"), [("PLAINTEXT", {}), ("SASL_PLAINTEXT", LOGIN)])
def test_authorities_are_refused_when_nothing_is_encrypted(protocol: str, login: dict[str, str]) -> None:
    given = login | {"security_protocol": protocol, "ca_file": AUTHORITIES}
    assert complaint(**given) == f"{protocol} takes no ca_file."


def test_authorities_are_refused_when_the_file_is_missing_or_no_certificate(tmp_path: Path) -> None:
    file = tmp_path / "authorities.pem"
    assert complaint(security_protocol="SSL", ca_file=str(file)) == "ca_file.Path does not point to a file"
    file.write_text("-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n")
    expected = "ca_file.The file holds no certificates that can be read."
    assert complaint(security_protocol="SSL", ca_file=str(file)) == expected


@pytest.mark.parametrize(
    ("name", "value"), [("security_protocol", "TLS"), ("sasl_mechanism", "GSSAPI"), ("bootstrap_server", "a:1")]
)
def test_a_value_is_refused_when_it_is_unknown(name: str, value: str) -> None:
    assert complaint(**{name: value}).startswith(f"{name}.")


def test_the_password_is_not_shown_when_settings_are_printed_or_refused() -> None:
    given = LOGIN | {"bootstrap_servers": SERVERS, "security_protocol": "SASL_PLAINTEXT"}
    settings = KafkaSettings.model_validate(given)
    assert "secret-word" not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    with pytest.raises(ValidationError) as raised:
        KafkaSettings.model_validate(given | {"username": ""})
    assert "secret-word" not in str(raised.value)
