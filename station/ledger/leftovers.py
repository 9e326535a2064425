# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dead process left in a slot's hands, and what this one gave up while the disk failed: RESERVED → READY,
WRITING → IN_DOUBT.
"""

from __future__ import annotations

from collections.abc import Mapping

from station.codes import Code
from station.ledger import disputes, strangers
from station.ledger.book import Book
from station.ledger.known import KNOWN, as_known
from station.ledger.transaction import Row, Transaction
from station.ledger.transitions import Expected, move
from station.ledger.witness_lines import Line, last_line
from station.model import State
from station.rules import Known, recovered

Left = Mapping[tuple[int, int, str], str]
"""Identity, attempt and slot → the uid of a board that may hold a part of it, or "": given up here, and not written
down; or begun, and nobody could say whether it was."""


def put_right(db: Transaction, book: Book, left: Left) -> tuple[list[Known], list[Line]]:
    """What is in doubt now, and what the witnesses are to be told of strangers."""
    in_doubt, lines = list[Known](), list[Line]()
    rows = db.execute(f"{KNOWN} WHERE i.state IN ('RESERVED','WRITING')").fetchall()
    dead = set(book.connection.dead_sessions(sorted({row["owner"] for row in rows})))
    for row in rows:
        token = (row["id"], row["attempt"], row["slot"])
        given_up = token in left and row["owner"] == book.session  # what another has since is another's
        if row["owner"] not in dead and not given_up:
            continue
        _move(db, row, book.actor)
        stranger = left.get(token)
        if stranger and strangers.record(db, stranger, *token, actor=book.actor):
            lines.append(last_line(db, book.vault))
        if row["state"] == State.WRITING:
            in_doubt.append(as_known(row))
    disputes.withhold_all(db, actor=book.actor)
    return in_doubt, lines


def _move(db: Transaction, row: Row, actor: str) -> None:
    state, columns = State(row["state"]), dict[str, object](owner=None)
    if state is State.WRITING:
        columns |= {"reason": "the station stopped while writing", "code": Code.E301}
    else:
        columns["board_uid"] = None
    move(
        db,
        Expected(row["id"], state, row["attempt"]),
        to=recovered(state),
        event="recovered",
        actor=actor,
        columns=columns,
    )
