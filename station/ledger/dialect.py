# SPDX-License-Identifier: GPL-3.0-or-later
"""What SQL says in more than one way, said so that SQLite and PostgreSQL both understand it.

A value that may be NULL is first compared with its column, then asked whether it is NULL: PostgreSQL takes its type
from where it comes first.
"""

from __future__ import annotations

from typing import Final

ALL: Final = 2**63 - 1
"""A LIMIT that limits nothing."""


UNLESS_HELD: Final = " /*+ FOR NO KEY UPDATE SKIP LOCKED */"
"""Behind a SELECT of a writer: rows that another one has in hand are passed over, those found are held. PostgreSQL
reads what stands in such a comment; a file has one writer."""


def unindexed(column: str) -> str:
    """The rows are to be found by another index than this column's. SQLite takes it as said, PostgreSQL knows best."""
    return f"CASE WHEN true THEN {column} END"
