"""The portal's settings."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings

# Where the services stand beside the portal when all run on one machine.
_ONE_BOX = {name: f"/{name}" for name in ("tender", "budget", "evaluation", "provider-registry")}
# What publishers of open data ask to be said, by the prefix that the Open Contracting Partnership gave them.
_ATTRIBUTIONS = {
    "ocds-6550wx": (
        "Contains data of the Dirección General de Contrataciones Públicas (Dominican Republic), "
        "made available under the ODbL."
    )
}


class Settings(ServiceSettings):
    """Read from environment variables that begin with PORTAL_."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", extra="ignore")

    service_urls: dict[str, str] = Field(default_factory=lambda: dict(_ONE_BOX))
    attributions: dict[str, str] = Field(default_factory=lambda: dict(_ATTRIBUTIONS))
