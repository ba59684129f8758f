"""Text of others, made fit for a terminal: what would steer the terminal is shown and not obeyed."""

import json
from typing import Any


def printable(text: str) -> str:
    """Replace what cannot be printed."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def json_text(value: Any, indent: int | None = None) -> str:
    """Write JSON; what cannot be printed is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)
