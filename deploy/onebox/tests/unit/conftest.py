"""What the tests of a replay start from."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for what several of these files start from

from golden_procedure import Write


@pytest.fixture
def log(tmp_path: Path) -> Write:
    def write(text: str | bytes) -> Path:
        file = tmp_path / "events.jsonl"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write
