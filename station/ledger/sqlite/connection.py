# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens the ledger file safely and hands out transactions.

WAL, `synchronous=FULL` (set and read back): a commit that returned survives a power cut; one that is `carried` is at
NORMAL, and does once the next one returned: they are in one log. Every write is BEGIN IMMEDIATE: a deferred transaction
that turns into a write loses its place under contention. Files are made 0600 before SQLite opens them, the directory
0700. One connection, one lock: many threads may call, one at a time is inside.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from station.codes import Code
from station.errors import ConfigError, LedgerFault
from station.ledger.audit import last_of_all
from station.ledger.believed import Although, Begins, require_believed, require_for_board
from station.ledger.engine import Guards
from station.ledger.half_copy import require_whole
from station.ledger.sqlite import guards, log_base
from station.ledger.sqlite.faults import translated
from station.ledger.sqlite.file import File
from station.ledger.sqlite.files import first_start, leave_no_copy, make_private, may_write
from station.ledger.sqlite.holders import LOOK_AFTER_MS, OPENING_MS, patiently
from station.ledger.sqlite.migrating import applied, is_current, migrate, refuse_newer, require_known
from station.ledger.sqlite.same_file import SameFile, is_left_over, put_log_aside
from station.ledger.sqlite.sessions import alone, hold, is_dead, is_in_use, session_path
from station.ledger.sqlite.sweeping import Sweeper
from station.ledger.whose_key import require_key

_NORMAL, _FULL = 1, 2
"""SQLite's numbers for `synchronous`."""


class Connection:
    """The only way to the file. `read()` and `write()` give a cursor; errors of SQLite come out as LedgerFault."""

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool = False,
        half: bool = False,
        key: str = "",
        older: Callable[[str], None] = lambda _version: None,
    ) -> None:
        """`half`: also a copy that is not whole yet. `key`: the id of the one that it is to be worked with, which is
        asked before anything is changed: ConfigError E114 for another ledger's. `older` hears which version left it,
        before it is brought up to date."""
        self.path = path
        self.guards: Guards = guards
        self.at_once = None
        self.read_only = read_only
        self._lock = threading.RLock()
        self._opening = True
        self._level: int | None = _FULL
        if read_only and not path.exists():
            raise ConfigError(f"there is no ledger at {path}", do="run: station init", code=Code.E115)
        self.session = secrets.token_hex(8)
        with translated():
            if not read_only:
                make_private(path)
            log_base.require_own(path, "" if read_only else self.session)
            self._sqlite = patiently(path, partial(_open, path, read_only=read_only, key=key, older=older))
            try:
                if not half:
                    require_whole(self._sqlite, str(path))
                self._session_file = None if read_only else hold(session_path(path, self.session))
                self._keeper = None if read_only else _keeper(path)
            except BaseException:
                self._sqlite.close()
                raise
        noted = () if self._session_file is None else (partial(log_base.note, self._session_file),)
        self._same_file = SameFile(path, self._sqlite, self._lock, self.others_work, *noted)
        self._sweeper = Sweeper(self._sqlite, self._lock, self._same_file)
        if not read_only and (not is_left_over(path) or self._sweeper.now()):
            log_base.forget_the_dead(path)

    @property
    def name(self) -> str:
        return str(self.path)

    @property
    def bench(self) -> str:
        return ""

    @property
    def joins(self) -> int:
        """Once: `require_in_place` tells whether the file is still the same one."""
        return 1

    @property
    def looks(self) -> int:
        """Once, likewise."""
        return 1

    @property
    def history(self) -> str:
        return ""

    @property
    def database(self) -> str:
        return ""

    def beside(self) -> Connection:
        return Connection(self.path, read_only=True)

    @contextmanager
    def read(self) -> Iterator[File]:
        """A consistent view: everything inside sees one moment of the ledger."""
        with self._lock, translated():
            if self._sqlite.in_transaction:  # inside a write of this very thread
                yield self._sqlite
                return
            self._sqlite.execute("BEGIN")
            try:
                yield self._sqlite
            except sqlite3.OperationalError as error:
                require_known(self._sqlite, self.path, error)
                raise
            finally:
                if self._sqlite.in_transaction:  # a disk error ends it by itself
                    self._sqlite.execute("ROLLBACK")

    @contextmanager
    def write(
        self,
        although: Although | None = None,
        *,
        begins: Begins | None = None,
        beside: bool = False,  # noqa: ARG002 - a file has one writer
        carried: bool = False,
    ) -> Iterator[File]:
        """One immediate transaction; committed and synced when the block ends, undone when it raises.

        NeedsPerson E614 for a ledger that may not be believed, unless there is a reason; where it `begins` a
        board, as `require_for_board`.
        """
        with self._lock, translated():
            self._same_file.require_writable()
            self._set_level(_NORMAL if carried else _FULL)
            patiently(self.path, lambda: self._sqlite.execute("BEGIN IMMEDIATE"))
            self._is_begun()
            try:
                if although is None:
                    require_for_board(self._sqlite, begins, self.bench) if begins else require_believed(self._sqlite)
                yield self._sqlite
                self._sweeper.stamp()
                self._sqlite.execute("COMMIT")
                self._sweeper.soon()
            except BaseException:
                if self._sqlite.in_transaction:
                    self._sqlite.execute("ROLLBACK")
                raise

    def _set_level(self, level: int) -> None:
        """By each write, so that no earlier one can leave it too low, however it ended."""
        if level == self._level:
            return
        self._level = None  # until it is known
        _set_synchronous(self._sqlite, level)
        self._level = level

    def _is_begun(self) -> None:
        """From the first write on there may be boards that wait."""
        if self._opening:
            self._opening = False
            self._sqlite.execute(f"PRAGMA busy_timeout={LOOK_AFTER_MS}")

    def settled(self) -> int:
        with self.read() as db:
            return last_of_all(db).seq

    def require_in_place(self) -> None:
        """IntegrityAlarm E702 when the file at the path is not the one that is open, or another was copied over it:
        what is committed here is lost."""
        self._same_file.require()

    def copy_to(self, path: Path) -> None:
        """One moment of the ledger into a new 0600 file of its own, while others go on writing."""
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with self._lock, translated(), closing(sqlite3.connect(path)) as copy:
            self._sqlite.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")

    def dead_sessions(self, owners: Sequence[str]) -> list[str]:
        """Those owners whose process is gone: nobody holds their session file's lock any more."""
        with translated():
            return [owner for owner in owners if owner != self.session and is_dead(self.path, owner)]

    def others_work(self) -> bool:
        """Whether another session has this ledger open. Asked inside a write, it stays so until that has ended: a
        session is there before it first writes."""
        return is_in_use(self.path, besides=self.session)

    def others_here(self) -> bool:
        return self.others_work()

    def is_elsewhere(self) -> bool:
        return False

    def be_seen(self) -> None:
        """Nobody else is there to see it."""

    def present(self) -> Mapping[str, float | None]:
        return {}

    def make_last(self) -> None:
        """What is told outside was synced with its own transaction."""

    def pin(self) -> None:
        """One chain needs no other one over it."""

    @contextmanager
    def only(self, what: str) -> Iterator[bool]:
        with ExitStack() as held:
            with translated():
                ours = held.enter_context(alone(self.path, what))
            yield ours

    def close(self) -> None:
        """Idempotent, and never raises: what was committed stays. The session file goes, so a later start does not take
        us for crashed; one that a failing disk keeps is nobody's once we are gone."""
        with self._lock:
            if self._session_file is not None:
                self._sweeper.end()
            self._let_go()
            if self._session_file is not None:
                with suppress(OSError):
                    session_path(self.path, self.session).unlink()
                with suppress(OSError):
                    self._session_file.close()
                self._session_file = None

    def _let_go(self) -> None:
        """Of the file; where another one was copied over it, its log is not moved into that one."""
        keeper, self._keeper, is_another = self._keeper, None, False
        with suppress(sqlite3.Error, OSError):  # a disk that fails: nothing can be moved into it either
            is_another = keeper is not None and self._same_file.is_copied_over()
        if keeper is not None and not is_another:
            with suppress(sqlite3.Error):
                keeper.close()
        with suppress(sqlite3.Error):
            self._sqlite.close()
        if keeper is not None and is_another:
            with suppress(sqlite3.Error, OSError):
                put_log_aside(self.path, self.session)
            with suppress(sqlite3.Error):
                keeper.close()


def _mode(path: Path, *, read_only: bool) -> str:
    """A reader too makes a file beside a WAL. Where nobody may, and none waits, the file is taken as it is."""
    if not read_only:
        return "mode=rw"
    alone = not may_write(path) and not is_left_over(path)
    return "mode=ro&immutable=1" if alone else "mode=ro"


def _keeper(path: Path) -> sqlite3.Connection:
    """Who closes a file last moves the log into it, whosever it is by then, and SQLite does not ask. As long as this
    one is there, no other is the last; and it may not write."""
    keeper = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=LOOK_AFTER_MS / 1000
    )
    keeper.execute("PRAGMA user_version").fetchone()  # takes the lock that says so, without a look at the schema
    return keeper


def _open(path: Path, *, read_only: bool, key: str, older: Callable[[str], None]) -> File:
    uri = f"{path.absolute().as_uri()}?{_mode(path, read_only=read_only)}"
    patience_ms = LOOK_AFTER_MS if read_only else OPENING_MS
    sqlite = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=patience_ms / 1000, factory=File
    )
    sqlite.row_factory = sqlite3.Row
    sqlite.execute("PRAGMA foreign_keys=ON")
    sqlite.execute("PRAGMA cache_size=-16000")
    sqlite.execute("PRAGMA secure_delete=ON")
    try:
        refuse_newer(sqlite, path)
        if key and applied(sqlite):
            require_key(sqlite, key, str(path))
    except BaseException:
        sqlite.close()
        raise
    if read_only:
        return sqlite
    mode = sqlite.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    _set_synchronous(sqlite, _FULL, mode=mode)
    sqlite.execute("PRAGMA wal_autocheckpoint=0")  # the sweeper looks first whose file it is
    if not is_current(sqlite):
        # Two first starts at once: the second waits here and finds nothing left to do.
        with first_start(path):
            _take_steps(sqlite, path, older)
    leave_no_copy(path)
    return sqlite


def _set_synchronous(sqlite: sqlite3.Connection, level: int, *, mode: str = "wal") -> None:
    """LedgerFault E321 where that is FULL, and is not so then: what waits for the disk without need harms nobody.
    `mode`: the journal's."""
    sqlite.execute(f"PRAGMA synchronous={level}")
    if level != _FULL:
        return
    synchronous = sqlite.execute("PRAGMA synchronous").fetchone()[0]
    if (mode, synchronous) != ("wal", level):
        raise LedgerFault(
            f"the ledger’s disk refuses durable writes (journal {mode}, synchronous {synchronous})",
            do="put the ledger on a local disk",
            code=Code.E321,
        )


def _take_steps(sqlite: File, path: Path, older: Callable[[str], None]) -> None:
    if not applied(sqlite):
        migrate(sqlite)
    elif not is_current(sqlite):
        from station.ledger.sqlite.upgrading import upgrade  # noqa: PLC0415 - once in a version's life

        upgrade(sqlite, path, older)
