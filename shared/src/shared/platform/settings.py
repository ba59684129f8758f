"""Settings that every service has; each is read once, at its composition root."""

from enum import StrEnum

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.platform.auth import DEMO_ISSUER
from shared.platform.kafka.settings import KafkaSettings


class Role(StrEnum):
    """What one process of a service does."""

    ALL = "all"
    """Everything: the service is this one process."""
    API = "api"
    """Answer requests; as many processes as are wanted."""
    WORKER = "worker"
    """Consume the events of others; as many as there are partitions, or one where the source is a feed."""
    RELAY = "relay"
    """Give events their positions and send them to Kafka; one leads, others stand by."""


class DemoSecretsOutsideOneBox(Exception):  # noqa: N818 - said to the operator as it stands
    """A service was about to trust secrets that everybody knows."""


class ServiceSettings(BaseSettings):
    """Settings of a service; the environment variables begin with its name."""

    model_config = SettingsConfigDict(extra="ignore", env_nested_delimiter="__", hide_input_in_errors=True)

    database_url: SecretStr
    issuer: str
    jwks_url: str = ""
    feeds: dict[str, str] = Field(default_factory=dict)
    pool_size: int = 8
    answers_kept_days: int = Field(default=7, ge=1, description="How long a request may be sent again with its key.")
    sandbox: bool = False
    role: Role = Role.ALL
    kafka: KafkaSettings | None = None
    one_box: bool = False
    persons_key: SecretStr | None = None

    def refuse_demo_outside_one_box(self) -> None:
        """Refuse to start where demo tokens would open real doors.

        Raises:
            DemoSecretsOutsideOneBox: if the issuer is the one-box's and this is not the one-box.
        """
        if self.issuer == DEMO_ISSUER and not self.one_box:
            raise DemoSecretsOutsideOneBox(
                "The issuer is the one-box's, whose secrets everybody knows. Set the issuer and jwks_url of your own "
                "OpenID Connect provider."
            )
