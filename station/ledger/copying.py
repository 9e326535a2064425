# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger is moved: copied row by row into another engine, and locked where it was. Two that live with one stock would
give identities out twice, so at no moment, however a copy is killed, can both give one out.

1. The copy is made, marked as half: nobody opens it. The ledger may be worked with again at once if this ends here.
2. Both are the same, row by row, and the copy's chain is verified.
3. The ledger is locked (E702) by its last line, and its witnesses are told: an older file of it is known by that.
4. That line is copied too; both are compared once more; the mark goes, the copy is the ledger.

The same command, given again, goes on wherever it ended.
"""

from __future__ import annotations

import json
import secrets
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Protocol

from station.codes import Code
from station.errors import ConfigError, IntegrityAlarm, LedgerFault, NeedsPerson
from station.ledger import audit, copied_rows, half_copy, succession
from station.ledger.audit_verify import verify
from station.ledger.engine import Guards
from station.ledger.locks import STATION
from station.ledger.opening import Surroundings, settle_copy_in
from station.ledger.store import Ledger
from station.ledger.taking_over import in_hand
from station.ledger.transaction import Transaction
from station.ledger.trouble import CODE, Trouble
from station.ledger.witness_lines import MOVED_EVENT, last_line

_PUT_LOCK = "INSERT INTO locks (scope, code, what, since) VALUES (?,?,?,?)"
_IN_HAND = "SELECT 1 FROM identities WHERE state IN ('RESERVED','WRITING')"


class Destination(Protocol):
    """An engine's place for a copy. Errors come out as the station's own."""

    @property
    def guards(self) -> Guards: ...

    def work(self, tables: tuple[str, ...]) -> AbstractContextManager[Transaction]:
        """One transaction; these tables take any row in it. LedgerFault E320 for a ledger that is used, ConfigError
        E126 for one that is whole."""

    def look(self) -> AbstractContextManager[Transaction]: ...

    def settle(self, db: Transaction) -> None:
        """After the rows, what follows from them: counts, the numbers that come next."""

    def place(self) -> None:
        """What is whole takes its place. Again, it changes nothing."""


class Show(Protocol):
    def __call__(self, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """`again`: it had been copied before."""

    rows: int
    head: audit.Head
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    copy: str
    to: str
    head: str


def copy_ledger(
    source: Ledger, into: Destination, *, to: str, show: Show, at_home: Surroundings | None = None
) -> Copied:
    """`to`: what the new place is called, without a secret; `at_home`: of a PC that the copy is to belong to.

    LedgerFault E320 while a station works on either; ConfigError E126 when there is another ledger already, E116 when
    it was moved elsewhere; NeedsPerson for a ledger with an alarm or a board in hand; IntegrityAlarm E702 when it, or
    the copy, is not as it should be.
    """
    moved = _moved(source)
    with into.look() as db:
        mark = half_copy.mark_of(db)
        arrived = mark is None and moved is not None and audit.contains(db, moved.head)
    if arrived:
        into.place()
        return _told(source, again=True)
    if moved is None:
        _require_quiet(source)
        source.audit.verify()
        mark, begun_before = _begin(source, into)
        _make_equal(source, into, may_be_stale=begun_before, show=show)
        _mark_moved(source, mark, to)
    elif mark is None or mark.copy != moved.copy:
        raise ConfigError(
            f"this ledger was moved to {moved.to}",
            means="no other copy of it may give out its certificates",
            do=f"go on there; to end a copy that was interrupted: station ledger copy SRC {moved.to}",
            code=Code.E116,
        )
    _require_alone(source)
    _make_equal(source, into, may_be_stale=True, show=show)
    with into.work(("meta",)) as db:
        if at_home is not None:
            settle_copy_in(db, source, at_home)
        else:
            succession.forget(db, source.actor)
        half_copy.take_away(db)
    into.place()
    return _told(source)


def look_over(source: Ledger, into: Destination | None) -> Copied:
    """What would be copied; errors as `copy_ledger`, as far as they are known before. Changes nothing. `into`: None for
    a place where nothing is yet."""
    moved = _moved(source) is not None
    if not moved:
        _require_quiet(source)
        source.audit.verify()
    if into is not None:
        with into.look() as db:
            mark = half_copy.mark_of(db)
            if not moved and (mark is None or mark.ledger != source.facts.get("ledger_id")):
                _require_empty(db, mark)
    return _told(source, again=moved)


def _require_empty(db: Transaction, mark: half_copy.Mark | None) -> None:
    if mark is not None or not copied_rows.is_empty(db):
        raise ConfigError(
            "there is a ledger already, or a copy of another one",
            means="nothing of it was touched",
            do="choose an empty place: another file, or a new database with station ledger init",
            code=Code.E126,
        )


def _begin(source: Ledger, into: Destination) -> tuple[half_copy.Mark, bool]:
    """The copy's mark, and whether a copy was begun before."""
    ledger_id = source.facts.get("ledger_id") or ""
    with into.work(tuple(copied_rows.TABLES)) as db:
        mark = half_copy.mark_of(db)
        if mark is not None and mark.ledger == ledger_id:
            return mark, True
        _require_empty(db, mark)
        mark = half_copy.Mark(copy=secrets.token_hex(8), ledger=ledger_id)
        copied_rows.empty(db)
        half_copy.put(db, mark)
    return mark, False


def _make_equal(source: Ledger, into: Destination, *, may_be_stale: bool, show: Show) -> None:
    """IntegrityAlarm E702 where that cannot be. `may_be_stale`: some of it may have been copied before the ledger went
    on; then it is copied once more from the beginning."""
    _fill(source, into, show)
    wrong = _difference(source, into, show)
    if wrong and may_be_stale:
        with into.work(tuple(copied_rows.TABLES)) as db:
            mark = half_copy.mark_of(db)
            copied_rows.empty(db)
            if mark is not None:
                half_copy.put(db, mark)
        _fill(source, into, show)
        wrong = _difference(source, into, show)
    if wrong:
        raise IntegrityAlarm(
            f"the copy is not what was copied: {wrong}",
            means="it is marked as half, and nobody can work with it",
            do="check both disks, then copy again to an empty place; if it comes again, report it",
            code=CODE,
        )
    with into.look() as db:
        verify(db, into.guards)


def _fill(source: Ledger, into: Destination, show: Show) -> None:
    """Behind what is there already, a page a transaction."""
    with source.book.read() as db:
        total = copied_rows.count(db)
    done = 0
    for table in copied_rows.TABLES:
        with into.look() as there:
            last = copied_rows.last_key(there, table)
        while True:
            with source.book.read() as here:
                page = copied_rows.after(here, table, last)
            if not page:
                break
            with into.work((table,)) as there:
                copied_rows.put(there, table, page)
            last = copied_rows.key_of(table, page[-1])
            done += len(page)
            show(done, total)
    with into.work(()) as there:
        into.settle(there)


def _difference(source: Ledger, into: Destination, show: Show) -> str:
    done = 0

    def compared(many: int) -> None:
        nonlocal done
        done += many
        show(min(done, total), total)

    with source.book.read() as here, into.look() as there:
        total = copied_rows.count(here)
        return copied_rows.difference(here, there, compared)


def _mark_moved(source: Ledger, mark: half_copy.Mark, to: str) -> None:
    what = f"{Trouble.MOVED} {to}"
    with source.book.write() as db:
        _require_alone(source)
        if db.execute(_IN_HAND).fetchone():
            raise in_hand()
        _require_no_lock(db)
        audit.append(db, MOVED_EVENT, actor=source.actor, detail={"copy": mark.copy, "to": to, "why": what})
        db.execute(_PUT_LOCK, (STATION, CODE, what, audit.now()))
        line = last_line(db, source.book.vault)
    _require_locked(source, mark)
    if source.watch is not None:
        with suppress(LedgerFault):  # one that comes back is told then
            source.watch.witness.tell([line])


def _require_locked(source: Ledger, mark: half_copy.Mark) -> None:
    """What is in the ledger is asked, not what was told of the step that put it there."""
    moved = _moved(source)
    if moved is None or moved.copy != mark.copy:
        raise LedgerFault(
            "the ledger was not locked where it is, so its copy stays half",
            means="nobody can work with the copy; the ledger is what it was",
            do="give the same command again",
            code=Code.E320,
        )


def _moved(source: Ledger) -> _Moved | None:
    lock = source.locks.held().get(STATION)
    if lock is None or not lock.what.startswith(Trouble.MOVED):
        return None
    with source.book.read() as db:
        sql = "SELECT hash, detail FROM audit WHERE event = ? ORDER BY seq DESC LIMIT 1"
        row = db.execute(sql, (MOVED_EVENT,)).fetchone()
    said = json.loads(row["detail"])
    return _Moved(copy=said["copy"], to=said["to"], head=row["hash"])


def _require_quiet(source: Ledger) -> None:
    _require_alone(source)
    with source.book.read() as db:
        _require_no_lock(db)


def _require_no_lock(db: Transaction) -> None:
    row = db.execute("SELECT what FROM locks WHERE scope = ?", (STATION,)).fetchone()
    if row:
        raise NeedsPerson(
            f"the ledger is locked: {row['what']}",
            do="a supervisor ends the lock first, then copy again",
            code=Code.E614,
        )


def _require_alone(source: Ledger) -> None:
    if source.book.connection.others_work():
        raise LedgerFault("a station works on this ledger", do="end it everywhere, then copy again")


def _told(source: Ledger, *, again: bool = False) -> Copied:
    with source.book.read() as db:
        return Copied(rows=copied_rows.count(db), head=audit.whole_head(db), again=again)
