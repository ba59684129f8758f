"""Roles and their passwords, kept in the data folder."""

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path


def role_of(name: str) -> str:
    return name.replace("-", "_")


def passwords(folder: Path, roles: Sequence[str] = ()) -> dict[str, str]:
    """Read the passwords, making those that are missing; they are on disk before any role gets one."""
    path = folder / "credentials.json"
    passwords: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [role for role in roles if role not in passwords]
    if missing:
        passwords |= {role: secrets.token_urlsafe(32) for role in missing}
        written = folder / "credentials.json.new"
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(passwords, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    return passwords
