# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits behind the station's back, as by somebody who knows SQLite well."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def forge(path: Path, script: str) -> None:
    """Runs `script` with every trigger away, and puts them back: nothing in the schema tells of it. To drop and make
    each would be hundreds of transactions.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.executescript(
            "PRAGMA writable_schema = ON;"
            "CREATE TEMP TABLE guards AS SELECT * FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid;"
            "DELETE FROM sqlite_schema WHERE type = 'trigger';"
            "PRAGMA writable_schema = RESET"
        )
        raw.executescript(script)
        raw.executescript(
            "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM temp.guards ORDER BY rowid"
        )


def damage_index(path: Path, index: str, key: str) -> None:
    """Flips one byte of `key` where the index keeps it; the table stays whole."""
    with closing(sqlite3.connect(path)) as raw:
        root = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (index,)).fetchone()[0]
        size = raw.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(path.read_bytes())
    at = content.index(key.encode(), (root - 1) * size, root * size)
    content[at + len(key) - 1] ^= 1
    path.write_bytes(content)
