"""The registry's settings."""

from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from environment variables that begin with PROVIDER_REGISTRY_."""

    model_config = SettingsConfigDict(env_prefix="PROVIDER_REGISTRY_", extra="ignore")
