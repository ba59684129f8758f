"""The key by which the services of a sandbox recognise a person."""

import secrets
from pathlib import Path


def persons_key(file: Path) -> str:
    """Return the key that a file holds, and make one where there is none."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), "ascii")
    return file.read_text("ascii")
