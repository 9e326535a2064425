# SPDX-License-Identifier: GPL-3.0-or-later
"""`engine.AtOnce` by the functions of the steps 0033 and 0038. WRITING and CONSUMED are a round trip each, which is
their commit too; a commit whose answer was lost is looked up by the audit line that it wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import psycopg

from station.ledger.audit import Head, now
from station.ledger.postgres.faults import unusable
from station.ledger.postgres.outcome import Line, is_committed, require_committed
from station.ledger.postgres.work import TO_WRITE, KeptLine, LastStay, Link, MovedLine, Work
from station.ledger.proof import of_visit_behind
from station.ledger.standing import Standing
from station.ledger.transaction import Row, Transaction, Values
from station.ledger.values import STAY_COLUMNS, Takes, WorkOrder
from station.model import Attempt, BoardUid, Evidence, IdentityKind, State
from station.visiting import present_visit

_BY = "?,?,?,?,?"
"""Bench, chain, actor, moment and visit."""
CARRIED = "set_config('synchronous_commit', 'off', true) AS carried"
"""For one transaction, once it was asked what the server promises. The server's log is one: who waits for a later
commit, of whomever, waits for this one too, at its standbys likewise."""
RESERVE = f"SELECT *, {CARRIED} FROM reserve_at_once({_BY},?,?,?,?,?,?,?::bigint[],?,?,?,?,?)"
WRITE = f"SELECT * FROM write_at_once({_BY},?,?,?,?,?,?,?)"
CONSUME = f"SELECT * FROM consume_at_once({_BY},?,?,?,?,?,?,?,?)"
_OF_A_STAY = ",".join("?" * len(STAY_COLUMNS[:-1]))  # its bench is the chain's
STAY = f"SELECT stay_at_once({_BY},{_OF_A_STAY},?) AS number, {CARRIED}"

InTurn = Callable[[], AbstractContextManager[Link]]


def number_in_locks(chain: str) -> int:
    """By which the processes of one bench wait for each other."""
    return int.from_bytes(bytes.fromhex(chain)[:4], signed=True)


class Calls:
    """One connection's. `in_turn`: its link, while nobody else of this process writes by it; `chain`: the bench's;
    `promised`: what its server promised when it was asked."""

    def __init__(self, in_turn: InTurn, chain: Callable[[], str], promised: Callable[[], str], session: str) -> None:
        self._in_turn, self._chain, self._promised, self._session = in_turn, chain, promised, session

    @contextmanager
    def reserve(
        self,
        actor: str,
        wanted: tuple[Sequence[str], IdentityKind, Takes, WorkOrder],
        board: tuple[BoardUid, str],
        still: Callable[[], None],
    ) -> Iterator[Standing | None]:
        products, kind, takes, order = wanted
        asked = (list(products), kind, *takes.channels, takes.product_secret, list(takes.batches))
        where = (order.reference, order.quantity, *board, self._session)
        with self._in_turn() as link:
            db = link.begin(TO_WRITE)
            still()
            rows = db.execute(RESERVE, (*self._by(actor), self._promised(), *asked, *where)).fetchall()
            if not rows:
                yield None
                return
            yield Standing(db, rows[0]["identity"], found=rows)
            try:
                db.commit()
            except psycopg.OperationalError as lost:
                if not db.server.closed:
                    raise
                line = KeptLine(seq=rows[0]["line"], hash=rows[0]["line_hash"], chain=self._chain())
                require_committed(link, line, "", lost)

    def write(
        self, actor: str, attempt: Attempt, still: Callable[[], None], key: Callable[[Transaction], bytes | None]
    ) -> tuple[Standing, Head, str] | None:
        by = self._by(actor)
        line = MovedLine(identity=attempt.identity_id, to=State.WRITING, at=by[3], chain=by[1])
        with self._in_turn() as link:
            its = (attempt.identity_id, attempt.number, attempt.board_uid, attempt.slot, self._session)
            said = (*by, self._promised(), *its, key(Work(link.awake())))
            rows = _sent(link, (WRITE, said), line, still)
            if rows is None:
                return _as_kept(link, line)
            if rows[0]["line"] is None:
                return None
            standing = Standing(Work(link.server()), attempt.identity_id, found=rows)
            return standing, Head(seq=rows[0]["line"], hash=rows[0]["line_hash"]), line.chain

    def consume(
        self, actor: str, attempt: Attempt, evidence: Evidence, digests: tuple[str, str], *, destroy: bool
    ) -> bool:
        by = self._by(actor)
        line = MovedLine(identity=attempt.identity_id, to=State.CONSUMED, at=by[3], chain=by[1])
        which = (attempt.identity_id, attempt.number)
        proof = (evidence.uid_after, *digests, evidence.method, evidence.after_reset, destroy)
        with self._in_turn() as link:
            rows = _sent(link, (CONSUME, (*by, *which, *proof)), line, lambda: None)
        return rows is None or rows[0]["line"] is not None

    def stay(self, actor: str, columns: Sequence[object]) -> int:
        *of_it, _ = columns
        kept, said = LastStay(columns=tuple(columns)), (*self._by(actor), *of_it, of_visit_behind(columns))
        with self._in_turn() as link:
            rows = _sent(link, (STAY, said), kept, lambda: None)
            if rows is None:
                rows = Work(link.server()).execute(*kept.asked).fetchall()
            return int(rows[0][0])

    def _by(self, actor: str) -> tuple[int, str, str, str, str]:
        chain = self._chain()
        return number_in_locks(chain), chain, actor, now(), present_visit()


def _sent(
    link: Link, call: tuple[str, Values], line: Line, still: Callable[[], None], *, again: bool = True
) -> Sequence[Row] | None:
    """What the call answers; None when it is kept, and its answer was lost. What was cut and kept nothing is asked once
    more."""
    db = Work(link.awake())
    still()
    try:
        return db.execute(*call).fetchall()
    except psycopg.OperationalError as lost:
        if not db.server.closed:
            raise
        if is_committed(link, line, "", lost):
            return None
        if not again:
            raise unusable(lost) from lost
    return _sent(link, call, line, still, again=False)


def _as_kept(link: Link, line: MovedLine) -> tuple[Standing, Head, str]:
    db = Work(link.server())
    (row,) = db.execute(*line.asked)
    return Standing(db, line.identity), Head(seq=row["seq"], hash=row["hash"]), line.chain
