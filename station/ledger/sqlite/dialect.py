# SPDX-License-Identifier: GPL-3.0-or-later
"""Where one engine's SQL is not another's, said in SQLite's way. Statements elsewhere are of the common subset."""

from __future__ import annotations

from typing import Final

ALL: Final = -1
"""A LIMIT that limits nothing."""


def json_text(column: str, key: str) -> str:
    """A value of a JSON object, as text; NULL where it is not there."""
    return f"json_extract({column}, '$.{key}')"


def unindexed(column: str) -> str:
    """The rows are to be found by another index than this column's."""
    return f"+{column}"


def by_index(name: str) -> str:
    """Behind a table: its rows are to be found by this index."""
    return f"INDEXED BY {name}"
