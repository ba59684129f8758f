"""Where Kafka is and how it is entered."""

import re
import ssl
from typing import Any, Literal, Self

from pydantic import BaseModel, FilePath, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

HOST_AND_PORT = re.compile(r"([^\s,:\[\]]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}")  # in brackets an IPv6 address
TOPIC_PREFIX = re.compile(r"[A-Za-z0-9._-]{0,200}")  # a topic's whole name may have 249 of these


class KafkaSettings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What every client needs to know; an empty value counts as none, as environments are written."""

    bootstrap_servers: str
    topic_prefix: str = ""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    username: str | None = None
    password: SecretStr | None = None
    ca_file: FilePath | None = None

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_empty(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value != ""} if isinstance(given, dict) else given

    @field_validator("bootstrap_servers")
    @classmethod
    def _lists_addresses(cls, servers: str) -> str:
        if not all(HOST_AND_PORT.fullmatch(server) for server in servers.split(",")):
            raise PydanticCustomError("bootstrap_servers", "It is written host:port,host:port without spaces.")
        return servers

    @field_validator("topic_prefix")
    @classmethod
    def _begins_a_topics_name(cls, prefix: str) -> str:
        if not TOPIC_PREFIX.fullmatch(prefix):
            raise PydanticCustomError("topic_prefix", "It has at most 200 letters, digits, dots, _ and -.")
        return prefix

    @field_validator("ca_file")
    @classmethod
    def _holds_certificates(cls, ca_file: FilePath) -> FilePath:
        try:
            ssl.create_default_context(cafile=ca_file)
        except OSError:  # as are OpenSSL's own
            raise PydanticCustomError("ca_file", "The file holds no certificates that can be read.") from None
        return ca_file

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        login = (self.sasl_mechanism, self.username, self.password)
        protocol = {"protocol": self.security_protocol}
        if self._has_login and None in login:
            raise PydanticCustomError("login", "{protocol} needs sasl_mechanism, username and password.", protocol)
        if not self._has_login and login != (None, None, None):
            raise PydanticCustomError("login", "{protocol} takes no sasl_mechanism, username or password.", protocol)
        if not self._has_tls and self.ca_file:
            raise PydanticCustomError("ca_file", "{protocol} takes no ca_file.", protocol)
        return self

    @property
    def _has_login(self) -> bool:
        return self.security_protocol.startswith("SASL_")

    @property
    def _has_tls(self) -> bool:
        return self.security_protocol.endswith("SSL")

    def client_options(self) -> dict[str, Any]:
        """Return the keyword arguments that every aiokafka client takes."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol,
        }
        if self._has_tls:
            # Without a file the system's own authorities are trusted; the server's name is checked either way.
            options["ssl_context"] = ssl.create_default_context(cafile=self.ca_file)
        if self.password is not None:
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password.get_secret_value(),
            }
        return options
