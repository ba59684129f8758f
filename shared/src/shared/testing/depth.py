"""How far property tests look: as far as every run can wait for, or with `make test-deep` as far as a night allows."""

import os


def examples(usual: int, deep: int = 2_000) -> int:
    """Return how many examples a property is tried on."""
    return deep if os.environ.get("COXSWAIN_TEST_DEEP") else usual
