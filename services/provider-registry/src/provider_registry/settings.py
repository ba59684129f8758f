"""The registry's settings."""

from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from environment variables that begin with PROVIDER_REGISTRY_.

    pack is the rule pack that verification is held to.
    """

    model_config = SettingsConfigDict(env_prefix="PROVIDER_REGISTRY_", extra="ignore")

    pack: str = "model"
