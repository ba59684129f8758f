"""How far property tests look: as far as every run can wait for, or with `make test-deep` as far as a night allows."""

import os

DEEP = 2_000


def examples(usual: int) -> int:
    """Return how many examples a property is tried on; deep it is the same for all, whatever keeps the state."""
    return DEEP if os.environ.get("COXSWAIN_TEST_DEEP") else usual
