# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the ledger still the one it was? Asked when it is opened and before each board is begun: the open file is the one
at the path, and the chain goes through what every witness has heard. Where a server had to be reached anew, all of it
is asked again.

What was found once stays found for this process: another slot must not begin a board because the first one was told.
Only a recovery, which takes over what the witnesses said, ends that, also one by another process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from station.codes import Code
from station.errors import IntegrityAlarm, LedgerFault
from station.ledger import age, succession
from station.ledger.book import Book
from station.ledger.foretold import knows
from station.ledger.transaction import Transaction
from station.ledger.trouble import Trouble, alarm
from station.ledger.view import View
from station.ledger.witness import Journal, Witness, unwitnessed
from station.ledger.witness_lines import DOUBTED, FOUND, MOVED, RECOVERED, RETIRED, STRANGER, Line, told_by_chain
from station.secrets.vault import Vault

_WHAT = {
    RECOVERED: "it was recovered",
    MOVED: "it was moved",
    STRANGER: "board {} may hold a part of an identity",
    RETIRED: "an identity was retired",
    FOUND: "an identity was found on board {}",
    DOUBTED: "an identity was withheld",
}
_SEE_S = 5.0
"""Of a line: so long what others have written may not be remembered yet."""


class Watch:
    """One open ledger's. May be shared by threads."""

    def __init__(self, book: Book, witness: Witness) -> None:
        self._book, self._connection, self._vault, self.witness = book, book.connection, book.vault, witness
        self._joins = self._connection.joins
        self._strange: list[tuple[Journal, Line]] = []
        self._see_at = 0.0  # monotonic
        self._lock = threading.Lock()  # what one slot has read is judged before another one reads on

    def look(self) -> None:
        """Before a board is begun. IntegrityAlarm E702; LedgerFault E328 when no witness is left to be told."""
        self._connection.require_in_place()
        self.meet()
        self.witness.lose_gone()
        if self.witness.present:
            self.begin_missing()
        else:
            raise unwitnessed(self.witness.journals)

    def require_met(self) -> None:
        """Inside the transaction that begins a board. LedgerFault E329 where its server was reached anew since all of
        this was asked: the board's next try asks again."""
        if self._connection.joins != self._joins:
            raise LedgerFault(
                "the line’s server was reached anew in between",
                means="nothing was sent to the board",
                do="wait: it is asked whether it is the one it was",
                code=Code.E329,
            )

    def meet(self) -> None:
        """Hear every witness that is there, and bring each one that has come back up to date. IntegrityAlarm E702."""
        with self._lock:
            joins = self._connection.joins
            if joins != self._joins:
                succession.require_same(self._book)
                self._see_at = 0.0
                self._see()
                succession.remember(self._book)
            self._meet(anew=joins != self._joins)
            self._see()
            self._joins = joins

    def _see(self) -> None:
        """A server that was set back to a snapshot of itself tells nothing of it."""
        if not self._connection.bench or time.monotonic() < self._see_at:
            return
        if not age.remember_more(self._connection):
            raise alarm(
                Trouble.WITNESS,
                f"the server of {self._connection.name} was set back: it lacks what was seen in it here",
            )
        self._see_at = time.monotonic() + _SEE_S

    def _meet(self, *, anew: bool) -> None:
        """`anew`: by what each of them said before, too. None is closed for that: another slot may tell it something
        at this moment."""
        away = [journal for journal in self.witness.journals if anew or not journal.is_open]
        if anew:
            self.witness.read_anew()
        if away:
            self.witness.open()
        lines = self._strange + self.witness.read()
        back = [journal for journal in away if journal.is_open]
        if not lines and not back:
            return
        with self._connection.read() as db:
            found = _first_strange(db, lines, self._book.bench)
            self._strange = lines if found else []
            if found is not None:
                raise found
            for journal in back:
                told = [line for at, line in lines if at is journal]
                heard = {line.head for line in told}
                # a killed process may have left a line out anywhere behind the first one
                first = next((line.seq for line in told if _in_chain(db, line)), 1)
                self.witness.tell(told_by_chain(db, self._vault, first - 1, heard=heard), [journal])

    def begin_missing(self) -> None:
        """Make the journals that no place has yet, where they can be made, and tell them everything."""
        if len(self.witness.present) == len(self.witness.journals):
            return
        made = self.witness.make_missing()
        if made:
            with self._connection.read() as db:
                self.witness.tell(told_by_chain(db, self._vault, 0), made)

    def close(self) -> None:
        self.witness.close()


def _first_strange(db: Transaction, lines: Sequence[tuple[Journal, Line]], bench: str) -> IntegrityAlarm | None:
    """`bench`: of a line, whose lock is read at others too, where a recovery does not hear this witness."""
    for journal, line in lines:
        if not knows(db, line):
            place = f"{bench}:{journal.path}" if bench else journal.path
            what = _WHAT.get(line.decision or line.kind, "board {} was written").format(line.board_uid)
            return alarm(Trouble.WITNESS, f"{what}, says line {line.seq} of {place}, and the ledger does not")
    return None


def _in_chain(db: Transaction, line: Line) -> bool:
    row = db.execute("SELECT hash FROM audit WHERE seq = ?", (line.seq,)).fetchone()
    return row is not None and row["hash"] == line.head


def beside_the_chain(ledger: View, vault: Vault, lines: Sequence[Line]) -> tuple[int, int]:
    """How many of a witness's lines this ledger's chain does not know, and how many that witness lacks behind them."""
    heard = {line.head: line.seq for line in lines}
    with ledger.book.read() as db:
        strange = sum(not knows(db, line) for line in lines)
        lacks = sum(1 for _ in told_by_chain(db, vault, next(iter(heard.values()), 1) - 1, heard=heard))
    return strange, lacks
