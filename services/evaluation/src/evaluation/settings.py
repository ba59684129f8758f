"""The evaluation service's settings."""

from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from environment variables that begin with EVALUATION_."""

    model_config = SettingsConfigDict(env_prefix="EVALUATION_", extra="ignore")
