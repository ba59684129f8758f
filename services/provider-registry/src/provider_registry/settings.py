"""The registry's settings."""

from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from environment variables that begin with PROVIDER_REGISTRY_.

    pack is the rule pack that verification is held to. objects is where documents are kept: a folder, or a URL such as
    file:///folder or s3://bucket; largest_document is in bytes.
    """

    model_config = SettingsConfigDict(env_prefix="PROVIDER_REGISTRY_", extra="ignore")

    pack: str = "model"
    objects: str = "var/objects"
    largest_document: int = 20 * 1024 * 1024
