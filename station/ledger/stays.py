# SPDX-License-Identifier: GPL-3.0-or-later
"""Every board's stay in a slot, failures too, row by row with its certificate's name: for yield by slot and by code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from station.events import moment
from station.ledger.book import Book
from station.ledger.certificates import name_of
from station.ledger.transaction import Row
from station.model import BoardUid

_PAGE = 1000
_STAYS = f"SELECT visits.*, {name_of('visits')} AS name FROM visits WHERE id > ? AND at >= ? ORDER BY id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """`at`: when it ended, ISO 8601 UTC; `name`: "PRODUCT/DEVICE", '' where no identity was for it; `details`: JSON."""

    number: int
    at: str
    slot: str
    board_uid: str
    outcome: str
    code: str
    what: str
    name: str
    attempt: int | str
    seconds: float
    operator: str
    details: str


def stays(book: Book, since: float = 0.0) -> Iterator[Stay]:
    """Those that ended at `since` (Unix time) or later, in the order they were stored."""
    return map(_stay, book.pages(_STAYS, "id", (since,), size=_PAGE))


def _stay(row: Row) -> Stay:
    return Stay(
        number=row["id"],
        at=moment(row["at"]),
        slot=row["slot"],
        board_uid=BoardUid.stored(row["board_uid"]) if row["board_uid"] else "",
        outcome=row["outcome"],
        code=row["code"],
        what=row["what"],
        name=row["name"],
        attempt=row["attempt"] or "",
        seconds=round(row["seconds"], 3),
        operator=row["operator"],
        details=row["details"],
    )
