"""Rows go to the database as one array per column, so that one statement enters any number of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause

Bound = tuple[TextClause, dict[str, Any]]
"""A statement, and what it is sent with."""


def inserted(table: str, columns: Mapping[str, str]) -> str:
    """Write the insertion of rows into a table whose columns have these types; each column is bound by its name."""
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"


def columns_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
    """Turn rows of the same columns into one array per column."""
    given = list(rows)
    return {name: [row[name] for row in given] for name in given[0]}
