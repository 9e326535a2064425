# SPDX-License-Identifier: GPL-3.0-or-later
"""RESERVED or IN_DOUBT → WRITING: the identity is its board's from now on (I4). What the witnesses are told of it."""

from __future__ import annotations

from collections.abc import Callable

from station.codes import Code
from station.errors import NeedsPerson
from station.ledger import board_keys, disputes, reserving, spellings, waiting
from station.ledger.book import Book
from station.ledger.standing import Standing
from station.ledger.transaction import Transaction
from station.ledger.transitions import Expected, move
from station.ledger.witness_lines import Line, of_marriage
from station.model import Attempt, Secret, State


def at_once(book: Book, attempt: Attempt, still: Callable[[], None], board_key: Secret | None) -> Line | None:
    """`begin`, as `engine.AtOnce` does it; None where it cannot."""
    calls = book.connection.at_once

    def key(db: Transaction) -> bytes | None:
        return board_keys.sealed_key(db, book.vault, attempt.identity_id, board_key)

    if calls is None or (written := calls.write(book.actor, attempt, still, key)) is None:
        return None
    standing, line, chain = written
    return of_marriage(book.vault, standing, standing.row["board_uid"], line, chain)


def begin(db: Transaction, book: Book, attempt: Attempt, board_key: Secret | None) -> Line:
    """NeedsPerson E619 when it came into dispute since it was reserved, NoCertificates E500 when a camera of its set
    was retired; LedgerFault E329 when the reservation was lost."""
    standing = Standing(db, attempt.identity_id)
    reserving.require_held(standing, book, attempt)
    if disputes.is_disputed(db, attempt.identity_id):
        raise NeedsPerson(
            "two sources disagree about this identity since it was chosen",
            means="nothing was written to the board",
            do="put the board in again for another one; see: station conflict list",
            code=Code.E619,
        )
    if waits := waiting.of_nvr(db, standing):
        raise waits
    line = move(
        db,
        Expected(attempt.identity_id, State.RESERVED, attempt.number, standing),
        to=State.WRITING,
        event="writing",
        actor=book.actor,
        columns=board_keys.to_set(db, book.vault, attempt.identity_id, board_key),
    )
    return of_marriage(book.vault, standing, standing.row["board_uid"], line, db.chain)


def resume(db: Transaction, book: Book, before: int, attempt: Attempt, board_key: Secret | None) -> Line:
    """`attempt` follows on the one numbered `before`. LedgerFault E326 for another `board_key`."""
    standing = Standing(db, attempt.identity_id)
    uid = spellings.as_kept(standing.row["board_uid"], attempt.board_uid)
    key = board_keys.to_set(db, book.vault, attempt.identity_id, board_key)
    line = move(
        db,
        Expected(attempt.identity_id, State.IN_DOUBT, before, standing),
        to=State.WRITING,
        next_attempt=attempt.number,
        event="writing again",
        actor=book.actor,
        columns={"board_uid": uid, "slot": attempt.slot, "owner": book.session, "reason": None} | key,
    )
    return of_marriage(book.vault, standing, uid, line, db.chain)
