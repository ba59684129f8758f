"""The budget's settings."""

from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from environment variables that begin with BUDGET_."""

    model_config = SettingsConfigDict(env_prefix="BUDGET_", extra="ignore")
