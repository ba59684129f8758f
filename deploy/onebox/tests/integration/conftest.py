from collections.abc import Iterator

import pytest

from shared.testing.onebox import OneBox, data_folder


@pytest.fixture(scope="module")
def box() -> Iterator[OneBox]:
    """A one-box that runs; a test that stops it starts it again."""
    with data_folder() as folder:
        running = OneBox(folder)
        running.start()
        yield running
        running.stop()
