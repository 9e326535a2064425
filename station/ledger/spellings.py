# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards that an older station wrote down in other spellings than today's one normal form (`BoardUid`).

The old rows stay as they are. Whoever asks for a board asks for `ANY_SPELLING` of it, and what is written to an old row
keeps that row's spelling, since its audit lines and its evidence have it too.
"""

from __future__ import annotations

from collections.abc import Sequence

from station.codes import Code
from station.errors import NeedsPerson
from station.ledger.book import Book
from station.model import BoardUid, CertName

ANY_SPELLING = "(SELECT :uid UNION ALL SELECT spelling FROM spellings WHERE uid = :uid)"
"""For `board_uid IN …`; :uid is a normal form."""
_TWICE = (
    "SELECT coalesce(s.uid, i.board_uid) AS uid, i.board_uid, c.product_key, c.device_name FROM identities i"
    " JOIN certificates c ON c.identity = i.id AND c.channel = i.channel"
    " LEFT JOIN spellings s ON s.spelling = i.board_uid"
    " WHERE i.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED') AND i.board_uid IN"
    " (SELECT spelling FROM spellings UNION SELECT uid FROM spellings) ORDER BY uid, i.id"
)


def normal(column: str) -> str:
    """Of what an SQL expression names, its normal form."""
    return f"coalesce((SELECT uid FROM spellings WHERE spelling = {column}), {column})"


def as_kept(kept: str | None, uid: BoardUid) -> str:
    """`uid` as the identity's own row spells it; `uid` itself where that is another board, which the schema refuses."""
    return kept if kept and kept != uid and BoardUid.stored(kept) == uid else uid


class Spellings:
    """Of boards' uids."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def boards_with_two(self) -> dict[str, list[tuple[str, CertName]]]:
        """Normal form → (spelling, identity) of each board that has more than one; for a person to settle."""
        boards: dict[str, list[tuple[str, CertName]]] = {}
        with self._book.read() as db:
            for row in db.execute(_TWICE):
                name = CertName(row["product_key"], row["device_name"])
                boards.setdefault(row["uid"], []).append((row["board_uid"], name))
        return {uid: held for uid, held in boards.items() if len(held) > 1}


def two_identities(uid: str, held: Sequence[tuple[str, CertName]]) -> NeedsPerson:
    """Which of them the board carries, only a person who looks at it can say."""
    which = ", ".join(f"{name} as {spelling}" for spelling, name in held)
    return NeedsPerson(
        f"board {uid} is in the ledger {len(held)} times, under labels that were read differently: {which}",
        means="nothing was written; it may be one board, or several whose labels are alike",
        do="find out which identity it carries; a supervisor retires the others: station retire NAME --reason …",
        code=Code.E635,
    )
