# SPDX-License-Identifier: GPL-3.0-or-later
"""The benches that work on a ledger: what each has done lately, and whether it is there. A ledger in a file is the line
of one bench.

Who did what is in the audit, by the bench's name. Looked at are its newest lines, so that a look costs the same at any
size. How long ago a bench was heard of the server says by its own clock; the times in the lines are the benches'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from station.ledger import audit
from station.ledger.book import Book
from station.ledger.locks import Lock, Locks
from station.ledger.meta import Facts
from station.model import State

_NEWEST = 50_000
"""Lines: more than 32 benches write in an hour."""
_DONE = (
    "SELECT actor, from_state, to_state, count(*) AS many FROM audit WHERE seq > ? AND at >= ? AND to_state IS NOT NULL"
    " GROUP BY actor, from_state, to_state"
)
_DOUBTED = (
    "SELECT a.actor, c.product_key, c.device_name FROM identities i"
    " JOIN audit a ON a.identity = i.id AND a.version = i.version - 1"
    " JOIN certificates c ON c.identity = i.id AND c.channel = i.channel WHERE i.state = 'IN_DOUBT'"
)
"""The line before: one that found it left behind may have written the last."""
_NAMED = "bench "
"""In meta: `bench NUMBER`, what the bench with this number calls itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchView:
    """One bench in the time asked for. `begun` counts writes, `passed` and `in_doubt` how they ended; `present` is
    None where there is no server to ask; `quiet_s`: since its last word to the server, None where it is not there, or
    the server does not tell.
    """

    name: str
    begun: int = 0
    passed: int = 0
    in_doubt: int = 0
    present: bool | None = None
    quiet_s: float | None = None


class LineView:
    """Never a secret."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def benches(self, *, within_s: float) -> list[BenchView]:
        """By name: all that have ever been here, and whoever has done something."""
        names = self._names()
        there = self._book.connection.present()
        with self._book.read() as db:
            last = audit.read_head(db).seq
            rows = db.execute(_DONE, (last - _NEWEST, audit.moment(within_s))).fetchall()
        counts: dict[str, Counter[str]] = {name: Counter() for name in names.values()}
        for row in rows:
            counts.setdefault(_bench(row["actor"]), Counter())[_what(row["from_state"], row["to_state"])] += row["many"]
        quiet = _quiet(names, there)
        return [
            BenchView(
                name=name,
                begun=done["begun"],
                passed=done["passed"],
                in_doubt=done["in doubt"],
                present=name in quiet if self._book.connection.bench else None,
                quiet_s=quiet.get(name),
            )
            for name, done in sorted(counts.items())
            if name in quiet or done["begun"] + done["passed"] + done["in doubt"] or name in names.values()
        ]

    def doubted_at(self) -> dict[str, str]:
        """By the name of each certificate that is in doubt: the bench that had it in hand last."""
        with self._book.read() as db:
            rows = db.execute(_DOUBTED).fetchall()
        return {f"{row['product_key']}/{row['device_name']}": _bench(row["actor"]) for row in rows}

    def locks(self) -> list[Lock]:
        """Of all benches, the oldest first; `bench` what each one calls itself."""
        names = self._names()
        return [replace(lock, bench=names.get(lock.bench, lock.bench)) for lock in Locks(self._book).everywhere()]

    def call(self, name: str) -> None:
        """This bench is at work, and is called so; nothing where it is the only one."""
        number = self._book.connection.bench
        if not number:
            return
        self._book.connection.be_seen()
        if Facts(self._book).get(_NAMED + number) != name:
            Facts(self._book).set(_NAMED + number, name, event="bench named", bench=name)

    def is_elsewhere(self) -> bool:
        """As `Engine.is_elsewhere`."""
        return self._book.connection.is_elsewhere()

    def has_namesake(self, name: str) -> bool:
        """Whether another bench that is there now is called so, too: on the line's views the two are one."""
        names, own = self._names(), self._book.connection.bench
        return any(number != own and names.get(number) == name for number in self._book.connection.present())

    def _names(self) -> dict[str, str]:
        """By number."""
        sql = "SELECT key, value FROM meta WHERE key LIKE 'bench %'"
        with self._book.read() as db:
            return {str(row["key"]).removeprefix(_NAMED): str(row["value"]) for row in db.execute(sql)}


def _bench(actor: str) -> str:
    """Without who worked there."""
    return actor.partition("/")[0]


def _what(before: str | None, after: str) -> str:
    if after == State.WRITING:
        return "begun"
    if after == State.CONSUMED:
        return "passed"
    return "in doubt" if (before, after) == (State.WRITING, State.IN_DOUBT) else ""


def _quiet(names: Mapping[str, str], there: Mapping[str, float | None]) -> dict[str, float | None]:
    """By name, of those that are there: the shortest, where two have one name."""
    told: dict[str, list[float]] = {}
    for number, seconds in there.items():
        if name := names.get(number, ""):
            told.setdefault(name, []).extend([] if seconds is None else [seconds])
    return {name: min(quiet, default=None) for name, quiet in told.items()}
