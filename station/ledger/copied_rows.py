# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of a ledger, table by table in the order of its key, in pages: read, written elsewhere, and compared.

What an engine keeps for itself is left out: its steps, the counts that its triggers keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from station.ledger import half_copy
from station.ledger.transaction import Row, Transaction

TABLES = {
    "meta": ("key",),
    "batches": ("id",),
    "identities": ("id",),
    "certificates": ("id",),
    "conflicts": ("product_key", "device_name", "content"),
    "audit": ("seq",),
    "visits": ("id",),
    "locks": ("bench", "scope"),
    "unlocks": ("bench", "scope"),
    "cloud_requests": ("id",),
    "registrations": ("id",),
    "found_on_boards": ("identity",),
    "cloud_answers": ("certificate", "line"),
    "spellings": ("spelling",),
    "strangers": ("id",),
    "vouched": ("identity", "attempt"),
    "foretold": ("head",),
    "odd_items": ("id",),
    "cameras_left_out": ("camera",),
    "serials": ("id",),
    "scan_backs": ("id",),
    "receivers": ("name",),
    "held_events": ("receiver", "visit"),
    "ordered": ("identity", "attempt"),
}
"""Each table's key; in an order in which a row finds those that it refers to."""
TALLIED = "SELECT product_key, kind, state, count(*), sum(size) FROM identities GROUP BY 1, 2, 3"
"""The counts that an engine's triggers would have kept."""
NEEDS = "needs"
"""In meta: which program a file needs, its engine's own."""
_ONLY = {
    "meta": f"key NOT IN ('{half_copy.KEY}', '{NEEDS}')",
    "locks": "NOT (scope = '' AND code = 'E702')",  # what locks the one that was copied from is not in the copy
}
_PAGE = 2000

Show = Callable[[int], None]
"""Called with the number of rows of each page."""


def count(db: Transaction) -> int:
    return sum(int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in TABLES)


def after(db: Transaction, table: str, last: Sequence[object] | None) -> list[Row]:
    """The next page behind the row with this key."""
    keys = ", ".join(TABLES[table])
    where = [_ONLY.get(table, "true")]
    if last is not None:
        where.append(f"({keys}) > ({','.join('?' * len(last))})")
    sql = f"SELECT * FROM {table} WHERE {' AND '.join(where)} ORDER BY {keys} LIMIT {_PAGE}"
    return list(db.execute(sql, tuple(last or ())))


def last_key(db: Transaction, table: str) -> list[object] | None:
    keys = TABLES[table]
    down = ", ".join(f"{key} DESC" for key in keys)
    where = _ONLY.get(table, "true")
    row = db.execute(f"SELECT {', '.join(keys)} FROM {table} WHERE {where} ORDER BY {down} LIMIT 1").fetchone()
    return list(row) if row else None


def key_of(table: str, row: Row) -> list[object]:
    return [row[key] for key in TABLES[table]]


def put(db: Transaction, table: str, page: Sequence[Row]) -> None:
    columns = list(page[0].keys())
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({','.join('?' * len(columns))})"
    db.executemany(sql, [tuple(row) for row in page])


def empty(db: Transaction) -> None:
    """All of them, what refers to others first; what is the engine's own stays."""
    for table in reversed(TABLES):
        db.execute(f"DELETE FROM {table}" + (f" WHERE key <> '{NEEDS}'" if table == "meta" else ""))


def is_empty(db: Transaction) -> bool:
    """Whether nobody has worked with it: a new file has a name of its own, and nothing more."""
    held = (table for table in TABLES if table != "meta")
    return not any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in held)


def difference(one: Transaction, other: Transaction, show: Show) -> str:
    """The first row that is not the same in both, in words without its contents; "" when all are."""
    for table in TABLES:
        for here, there in zip_longest(_rows(one, table, show), _rows(other, table, lambda _many: None)):
            if here is None or there is None or _named(here) != _named(there):
                found = key_of(table, here if here is not None else there)
                return f"{table} {found[0] if table != 'meta' else 'rows'}"
    return ""


def _rows(db: Transaction, table: str, show: Show) -> Iterator[Row]:
    last = None
    while page := after(db, table, last):
        yield from page
        show(len(page))
        last = key_of(table, page[-1])


def _named(row: Row) -> dict[str, Any]:
    """Engines may have a table's columns in another order."""
    return {name: row[name] for name in row.keys()}  # noqa: SIM118 - a Row gives values, not names
