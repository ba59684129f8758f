"""Settings that every service has; each is read once, at its composition root."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.platform.auth import DEMO_ISSUER


class DemoSecretsOutsideOneBox(Exception):  # noqa: N818 - said to the operator as it stands
    """A service was about to trust secrets that everybody knows."""


class ServiceSettings(BaseSettings):
    """Settings of a service; the environment variables begin with its name."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: SecretStr
    issuer: str
    jwks_url: str = ""
    feeds: dict[str, str] = Field(default_factory=dict)
    pool_size: int = 8
    sandbox: bool = False
    one_box: bool = False

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
