# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger has a face, and nobody looks behind it: outside its room no connection, no cursor, no SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import house

TESTS = house.ROOT / "tests"
BEHIND = frozenset({"book", "connection"})
"""What an open ledger has, for its own room."""
ROOMS_OWN = ("station.ledger.book", "station.ledger.sqlite", "station.ledger.postgres")
OTHERS = {
    "station/simulate/cloud/server.py": "the socket of an HTTP server is called connection there",
    "station/outbox/table_in_file.py": "a table of the factory's own",
    "station/outbox/table_on_server.py": "likewise",
}
OWN_TESTS = (
    "tests/ledger/",
    "tests/postgres/",
    "tests/raw.py",
    "tests/migrated.py",
    "tests/benchmarks/bench_line.py",
    "tests/benchmarks/server_alone.py",
)
"""The room's own tests, what helps all others, and what measures it beside its server."""

_NAMED = re.compile(r"book|connection|sqlite|psycopg|postgres")
"""A source without these has nothing of it, and need not be parsed, which is most of what this costs."""


def behind(source: str) -> list[str]:
    """What a source asks for that is behind the face."""
    found: list[str] = []
    if not _NAMED.search(source):
        return found
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in BEHIND:
            found.append(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ROOMS_OWN):
            found.append(node.module or "")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
            found += [name for name in names if name.partition(".")[0] in ("sqlite3", "sqlite_utils", "psycopg")]
    return found


def sources(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(house.ROOT).as_posix(), path.read_text("utf-8")


def test_nobody_outside_the_ledger_s_room_looks_behind_its_face() -> None:
    rest = [(name, text) for name, text in sources(house.STATION) if not name.startswith("station/ledger/")]
    assert {name: found for name, text in rest if (found := behind(text)) and name not in OTHERS} == {}
    assert len(rest) > 200 and all(behind(text) for name, text in rest if name in OTHERS)


SQLITES_OWN = re.compile(
    r"INSERT OR |json_extract|json_each|julianday|\bGLOB\b|INDEXED BY|PRAGMA|REINDEX|sqlite_master|\browid\b"
    r"|lastrowid|checkpoint|\?[0-9]"
)
"""Words of statements that another engine does not know."""


def test_what_sqlite_alone_speaks_is_in_its_folder() -> None:
    room = [(name, text) for name, text in sources(house.STATION / "ledger") if "/sqlite/" not in name]
    assert {name: found for name, text in room if (found := SQLITES_OWN.findall(text))} == {}
    assert any(SQLITES_OWN.search(text) for name, text in sources(house.STATION / "ledger" / "sqlite"))


def test_the_other_rooms_tests_look_into_the_file_and_not_behind_the_face() -> None:
    """They may open the file with sqlite3: that is what they judge the ledger by."""
    found = {
        name: seen
        for name, text in sources(TESTS)
        if not name.startswith(OWN_TESTS) and (seen := [one for one in behind(text) if not one.startswith("sqlite3")])
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "ledger.connection.read()",
        "self._ledger.book",
        "import sqlite3",
        "import sqlite_utils.db",
        "import psycopg",
        "from sqlite3 import connect",
        "from station.ledger.sqlite.connection import Connection",
        "from station.ledger.book import Book",
    ],
)
def test_what_looks_behind_it_is_found(source: str) -> None:
    assert behind(source)


@pytest.mark.parametrize("source", ["ledger.locks.held()", "from urllib3.connection import HTTPConnection"])
def test_what_does_not_is_not(source: str) -> None:
    assert behind(source) == []
