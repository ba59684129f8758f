import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from provider_registry.domain.provider import Provider, register
from provider_registry.domain.provider_data import Evidence, Identifier, Status

sys.path.insert(0, str(Path(__file__).parent))  # for the figures that only these tests make

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
MakeProvider = Callable[[Status], Provider]


def evidence(digit: str = "a", valid_until: date = date(2027, 3, 2)) -> Evidence:
    return Evidence("statutes", digit * 64, valid_until)


@pytest.fixture
def document() -> Callable[..., Evidence]:
    return evidence


@pytest.fixture
def provider() -> MakeProvider:
    """Bring a provider to a status, by the steps that lead there."""

    def at(status: Status) -> Provider:
        state, _ = register(
            organisation="org-oarsmen",
            name="Oarsmen Care",
            legal_form="association",
            identifier=Identifier("XX-REG", "4711"),
        )
        if status is not Status.REGISTERED:
            state, _ = state.submit((evidence(),), at=NOW, check_due=DUE)
        if status in {Status.CHECKED, Status.VERIFIED}:
            state, _ = state.check(by="rosa")
        if status is Status.VERIFIED:
            state, _ = state.verify(by="rolf", at=NOW)
        return state

    return at
