# SPDX-License-Identifier: GPL-3.0-or-later
"""What a witness told of a board and this ledger cannot bring together with what it holds: a person's matter until it
can. Derived from what stands in the ledger now, so that it is said again and again, and no more once it is settled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from station.ledger.book import Book
from station.ledger.spellings import ANY_SPELLING
from station.ledger.transaction import Row, Transaction
from station.ledger.witness_lines import MARRIAGES, RETIRED, name_mark
from station.model import BoardUid, CertName, State
from station.rules import BOUND

_KINDS = ",".join(f"'{kind}'" for kind in sorted(MARRIAGES))
_STATES = ",".join(f"'{state}'" for state in BOUND)
_TOLD = (
    f"SELECT name, board_uid, at FROM foretold f WHERE kind IN ({_KINDS}) AND NOT EXISTS"
    f" (SELECT 1 FROM foretold r WHERE r.name = f.name AND r.kind LIKE '{RETIRED} %') ORDER BY seq"
)
_BOUND = (
    "SELECT c.product_key, c.device_name FROM identities i JOIN certificates c ON c.identity = i.id"
    f" WHERE i.board_uid IN {ANY_SPELLING} AND i.state IN ({_STATES})"
)
_NAMES = (
    "SELECT c.product_key, c.device_name, i.state, i.board_uid FROM certificates c"
    " JOIN identities i ON i.id = c.identity"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A board that carries an identity whose certificate is not here. `at`: when a recovery heard of it."""

    board_uid: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """An identity that is on one board here, and on others as witnesses say."""

    name: CertName
    state: State
    here: str
    there: tuple[str, ...]


def unsettled(book: Book) -> tuple[list[Unknown], list[Elsewhere]]:
    """Names are looked through only where a told board has not just what was told of it."""
    with book.read() as db:
        boards: dict[str, list[str]] = {}
        last: dict[str, tuple[str, str]] = {}  # by board: what it carries
        for row in db.execute(_TOLD):
            boards.setdefault(row["name"], []).append(row["board_uid"])
            last[row["board_uid"]] = (row["name"], row["at"])
        open_marks = {mark for mark, uids in boards.items() if not _is_there(db, book, mark, uids)}
        if not open_marks:
            return [], []
        here = {mark: row for mark, row in _by_mark(db, book) if mark in open_marks}
    unknown = [Unknown(board_uid=uid, at=at) for uid, (mark, at) in last.items() if mark in open_marks - here.keys()]
    elsewhere = [one for mark, row in here.items() if (one := _elsewhere(row, boards[mark]))]
    return unknown, sorted(elsewhere, key=lambda one: one.name)


def _is_there(db: Transaction, book: Book, mark: str, uids: list[str]) -> bool:
    if len(set(uids)) > 1:
        return False
    rows = db.execute(_BOUND, {"uid": uids[0]})
    return any(name_mark(book.vault, CertName(row[0], row[1])) == mark for row in rows)


def _by_mark(db: Transaction, book: Book) -> Iterator[tuple[str, Row]]:
    for row in db.execute(_NAMES):
        yield name_mark(book.vault, CertName(row["product_key"], row["device_name"])), row


def _elsewhere(row: Row, uids: list[str]) -> Elsewhere | None:
    if State(row["state"]) not in BOUND:
        return None
    there = tuple(dict.fromkeys(uid for uid in uids if BoardUid.stored(uid) != BoardUid.stored(row["board_uid"])))
    if not there:
        return None
    name = CertName(row["product_key"], row["device_name"])
    return Elsewhere(name=name, state=State(row["state"]), here=row["board_uid"], there=there)
