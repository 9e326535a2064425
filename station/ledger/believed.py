# SPDX-License-Identifier: GPL-3.0-or-later
"""Only a recovery lets a ledger go on that may not be believed (locked by E702): until then nothing is written to it,
by whatever command or screen. A set-back ledger has forgotten boards, so that whatever is decided by it may be wrong.

`Engine.write` asks here by itself. What may be written all the same is in `Although`, a reason each, and in no
other place; a new way to write is refused until it is named there.
"""

from __future__ import annotations

from enum import StrEnum

from station.codes import Code
from station.errors import NeedsPerson
from station.ledger import trouble
from station.ledger.transaction import Transaction

THIS_BENCH = "*"
"""The scope that a lock on the station of one bench is kept as where there are several. No slot is called so."""
_LOCKED = "SELECT code, what FROM locks WHERE scope = '' OR (scope = ? AND ? IN ('', bench)) ORDER BY scope"


class Begins(StrEnum):
    """Which board a write is to begin."""

    ANEW = "one that gets an identity"
    AGAIN = "one in doubt, with the identity that it has"


class Although(StrEnum):
    """Why something is written although the ledger may not be believed. The value is the reason."""

    OPENING = "its key is compared before anything of it is read"
    ALARM = "the lock itself, and each further cause of it"
    IN_HAND = "a board in hand, or left so by a dead process, has what it has: it is ended, never begun"
    SEEN = "what was seen of a board, which takes out of the stock and puts nothing into it"
    NOTED = "a line of the audit that moves nothing, or what a cloud gave for the next call"
    SENT = "the answer to what has gone out to the cloud"
    TOLD = "how far the factory's systems have been told of boards' stays, which are what they are"
    PROVED = "a supervisor proves to be one, since the recovery wants one; where none is known, the first is made"
    SHIFT = "who works here, and since when"
    COPIED = "a ledger is copied into it, and nobody works with it before it is whole"
    MENDED = "an index is made anew from its table, whose rows stay as they are"
    RECOVERY = "the recovery"
    REHEARSED = "it is undone at its end; what is written in it asks for itself"


def believed(db: Transaction) -> bool:
    return _lock(db) is None


def require_believed(db: Transaction) -> None:
    """NeedsPerson E614 while only a recovery lets this ledger go on."""
    if (what := _lock(db)) is not None:
        raise only_recovery(what)


def only_recovery(what: str) -> NeedsPerson:
    """E614 for a lock whose text is `what`."""
    return NeedsPerson(f"no unlock ends this: {what}", means=trouble.MEANS, do=trouble.what_to_do(what), code=Code.E614)


def require_for_board(db: Transaction, begins: Begins, bench: str) -> None:
    """The same where a board would be begun at a bench, "" for a file's: IntegrityAlarm E702, which stops every slot.
    NeedsPerson E614 while the whole station, the line, or all of this bench, is locked for any other reason: another
    bench, or another program of this one, may have raised it since this one looked.
    """
    row = db.execute(_LOCKED, (THIS_BENCH, bench)).fetchone()
    if row is None:
        return
    if row["code"] == trouble.CODE:
        raise trouble.locked(row["what"])
    if begins is Begins.ANEW:
        raise NeedsPerson(
            f"the station is locked ({row['code']}): {row['what']}",
            means="no board is begun",
            do="a supervisor looks for the cause, then unlocks",
            code=Code.E614,
        )


def _lock(db: Transaction) -> str | None:
    row = db.execute("SELECT what FROM locks WHERE scope = '' AND code = ?", (trouble.CODE,)).fetchone()
    return None if row is None else str(row[0])
