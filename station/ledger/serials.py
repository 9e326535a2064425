# SPDX-License-Identifier: GPL-3.0-or-later
"""Product serial numbers: which board has which, in one normal form (`serial_number`).

A board has one, a serial number is of one board. It is given by a scan, before anything is written to the board, and
taken away only by a supervisor; what was so is never forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass

from station.codes import Code
from station.errors import BoardFault, ConfigError
from station.ledger import audit
from station.ledger.book import Book
from station.ledger.transaction import Transaction
from station.model import BoardUid

_OF_BOARD = "SELECT id, serial FROM serials WHERE board_uid = ? AND ended_line IS NULL"
_OF_SERIAL = "SELECT board_uid FROM serials WHERE serial = ? AND ended_line IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Why a board does not get a serial number: the `serial` is `board`'s already."""

    serial: str
    board: BoardUid


class Serials:
    """Of boards."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def of(self, board: BoardUid) -> str:
        """ "" where it has none."""
        with self._book.read() as db:
            return _of(db, board)

    def board_of(self, serial: str) -> BoardUid | None:
        """Who has it, or had it last."""
        with self._book.read() as db:
            sql = "SELECT board_uid FROM serials WHERE serial = ? ORDER BY ended_line IS NOT NULL, id DESC LIMIT 1"
            row = db.execute(sql, (serial,)).fetchone()
        return BoardUid(row["board_uid"]) if row else None

    def give(self, board: BoardUid, serial: str, slot: str) -> Taken | None:
        """On disk when it returns; what is in the way instead. Again, it changes nothing."""
        with self._book.write() as db:
            taken = _in_the_way(db, board, serial)
            if taken is None and _of(db, board) != serial:
                _give(db, board, serial, actor=self._book.actor, slot=slot)
        return taken

    def correct(self, board: BoardUid, serial: str, reason: str, *, by: str) -> str:
        """The supervisor `by` takes the board's serial number away and gives it this one, "" for none. Returns the one
        before. ConfigError E116 where that changes nothing, BoardFault E217 when another board has it.
        """
        with self._book.write() as db:
            before = _of(db, board)
            if before == serial:
                said = f"board {board} has serial number {before}" if before else f"board {board} has no serial number"
                raise ConfigError(f"{said} already", do="look it up: station history UID", code=Code.E116)
            if serial and (taken := _in_the_way(db, board, serial)) and taken.board != board:
                raise BoardFault(
                    f"serial number {serial} is that of board {taken.board}",
                    means="nothing was changed",
                    do=f"is that one wrong, take it away first: station serial correct {taken.board} --reason …",
                    code=Code.E217,
                )
            why: dict[str, object] = {"why": reason, "by": by}
            if before:
                _take_away(db, board, actor=self._book.actor, why=why)
            if serial:
                _give(db, board, serial, actor=self._book.actor, why=why)
        return before


def _of(db: Transaction, board: BoardUid) -> str:
    row = db.execute(_OF_BOARD, (board,)).fetchone()
    return str(row["serial"]) if row else ""


def _in_the_way(db: Transaction, board: BoardUid, serial: str) -> Taken | None:
    other = db.execute(_OF_SERIAL, (serial,)).fetchone()
    if other is not None and other["board_uid"] != board:
        return Taken(serial=serial, board=BoardUid(other["board_uid"]))
    own = _of(db, board)
    return Taken(serial=own, board=board) if own and own != serial else None


def _give(
    db: Transaction, board: BoardUid, serial: str, *, actor: str, slot: str = "", why: dict[str, object] | None = None
) -> None:
    about = audit.About(board_uid=board, slot=slot or None)
    line = audit.append(db, event="serial given", actor=actor, about=about, detail={"serial": serial, **(why or {})})
    db.execute("INSERT INTO serials (board_uid, serial, given_line) VALUES (?,?,?)", (board, serial, line.seq))


def _take_away(db: Transaction, board: BoardUid, *, actor: str, why: dict[str, object]) -> None:
    row = db.execute(_OF_BOARD, (board,)).fetchone()
    about, detail = audit.About(board_uid=board), {"serial": row["serial"], **why}
    line = audit.append(db, event="serial taken away", actor=actor, about=about, detail=detail)
    db.execute("UPDATE serials SET ended_line = ? WHERE id = ?", (line.seq, row["id"]))
