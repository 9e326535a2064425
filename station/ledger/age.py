# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembers, beside the ledger, where its audit chain stood: a ledger restored from a backup, or begun anew, calls
READY what is on boards since, and would put it on a second one.

Of a line the mark is on this PC, and the ledger is not. So it also says what was seen of others: a server that is set
back to a snapshot of itself has the same name and the same timeline, and only who saw the lost lines can tell.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from station.errors import LedgerFault
from station.ledger import audit
from station.ledger.believed import believed
from station.ledger.engine import Engine
from station.ledger.foretold import RECOVERED_AT
from station.ledger.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """`heads`: hashes of lines that are in the ledger, whatever comes; `recovered_at`: of the last recovery by then."""

    heads: tuple[str, ...] = ()
    recovered_at: str = ""


def remember(connection: Engine) -> None:
    """Called when a ledger is closed, and behind a recovery. A mark that is behind, after a crash, is still one the
    chain goes through."""
    with connection.read() as db:
        mark = _as_of_now(db)
    _write(connection, mark)


def remember_more(connection: Engine) -> bool:
    """Where this ledger has all that is remembered of it; False, and the mark stays, where it does not. Nothing is
    remembered of one that is not believed: the right one has no line of it."""
    before = _read(connection.path)
    with connection.read() as db:
        if _lacks(db, before):
            return False
        mark = _as_of_now(db) if believed(db) else before
    if mark != before:
        _write(connection, mark)
    return True


def forgot_something(connection: Engine) -> bool:
    """Whether this ledger's chain does not go through the remembered lines."""
    before = _read(connection.path)
    with connection.read() as db:
        return _lacks(db, before)


def mark_of(ledger: Path) -> Path:
    return ledger.with_name(f".{ledger.name}.head")


def _lacks(db: Transaction, mark: _Mark) -> bool:
    """A recovery that came later, at whatever bench, has withheld what may be lost."""
    if all(audit.contains(db, head) for head in mark.heads):
        return False
    return not db.chain or _recovered_at(db) <= mark.recovered_at


def _as_of_now(db: Transaction) -> _Mark:
    own = audit.read_head(db, lasting=True)
    if not db.chain:
        return _Mark(heads=(own.hash,))
    heads = {head.hash for head in (own, audit.whole_head(db), audit.last_of_all(db))}
    return _Mark(heads=tuple(sorted(heads)), recovered_at=_recovered_at(db))


def _recovered_at(db: Transaction) -> str:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (RECOVERED_AT,)).fetchone()
    return str(row["value"]) if row else ""


def _read(ledger: Path) -> _Mark:
    """One that cannot be read says nothing. Of a file it is one hash, and so it is of what an older station left."""
    with suppress(OSError, UnicodeDecodeError, ValueError, KeyError):
        text = mark_of(ledger).read_text("ascii")
        if not text.startswith("{"):
            return _Mark(heads=(text,) if text else ())
        said = json.loads(text)
        return _Mark(heads=tuple(map(str, said["heads"])), recovered_at=str(said["recovered_at"]))
    return _Mark()


def _write(connection: Engine, mark: _Mark) -> None:
    """LedgerFault E320 where the disk is in the way."""
    text = mark.heads[0]
    if connection.bench:
        text = json.dumps({"heads": mark.heads, "recovered_at": mark.recovered_at})
    at = mark_of(connection.path)
    new = at.with_name(f"{at.name}.{connection.session}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        new.replace(at)
    except OSError as error:
        raise LedgerFault(
            f"what was seen in the ledger cannot be remembered in {at}: {error.strerror}",
            means="no board is begun: nobody would notice that the ledger was set back",
            do="check disk space and permissions of that folder",
        ) from error
