"""The tender service's settings."""

from pydantic import Field, FilePath, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from environment variables that begin with TENDER_.

    receipt_key is an Ed25519 private key in PEM; persons_key is the one that the evaluation service has. ocid_prefix
    is the publisher's prefix, registered with the Open Contracting Partnership before anything is published in earnest.
    pack is the rule pack of plans that name none; catalogue is the path of a service catalogue that takes the place of
    the one that comes with the software. objects is where documents are kept: a folder, or a URL such as file:///folder
    or s3://bucket; largest_document is in bytes.
    """

    model_config = SettingsConfigDict(env_prefix="TENDER_", extra="ignore")

    persons_key: SecretStr = Field(min_length=32)
    receipt_key: SecretStr
    ocid_prefix: str = "ocds-coxswn"
    pack: str = "model"
    catalogue: FilePath | None = None
    objects: str = "var/objects"
    largest_document: int = 20 * 1024 * 1024
