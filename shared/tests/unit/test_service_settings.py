"""Secrets that everybody knows open nothing but the one-box."""

import pytest
from fastapi import APIRouter

from shared.kernel.events import DomainEvent
from shared.platform.auth import DEMO_ISSUER
from shared.platform.service import Definition, Surroundings, create_service
from shared.platform.settings import DemoSecretsOutsideOneBox, ServiceSettings
from shared.testing.clock import ManualClock
from shared.testing.services import ScriptedSource
from shared.testing.tokens import ISSUER, Tokens

DATABASE = "postgresql+asyncpg://nobody:secret-word@127.0.0.1:1/nowhere"


def create(issuer: str, *, one_box: bool) -> None:
    def publish(event: DomainEvent) -> None:
        raise TypeError(event)

    create_service(
        Definition(name="empty", title="Empty", summary="", routers=(APIRouter(),), policy={}, publish=publish),
        ServiceSettings(database_url=DATABASE, issuer=issuer, one_box=one_box),
        Surroundings(clock=ManualClock(), source=lambda name, _: ScriptedSource(name), keys=Tokens().keys),
    )


def test_service_refuses_to_start_when_the_demo_issuer_is_trusted_outside_the_one_box() -> None:
    with pytest.raises(DemoSecretsOutsideOneBox, match="OpenID Connect"):
        create(DEMO_ISSUER, one_box=False)


@pytest.mark.parametrize(("issuer", "one_box"), [(DEMO_ISSUER, True), (ISSUER, False), (ISSUER, True)])
def test_service_starts_when_the_issuer_may_be_trusted(issuer: str, one_box: bool) -> None:
    create(issuer, one_box=one_box)


def test_password_is_not_shown_when_settings_are_printed() -> None:
    settings = ServiceSettings(database_url=DATABASE, issuer=ISSUER)
    assert "secret-word" not in repr(settings)
    assert "secret-word" not in str(settings.model_dump())
    assert "secret-word" not in settings.model_dump_json()
