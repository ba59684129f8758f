"""The evaluation service's settings."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from environment variables that begin with EVALUATION_; persons_key is that of the tender service."""

    model_config = SettingsConfigDict(env_prefix="EVALUATION_", extra="ignore")

    persons_key: SecretStr = Field(min_length=32)
