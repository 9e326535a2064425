# SPDX-License-Identifier: GPL-3.0-or-later
"""Lock-outs: they outlive a restart and end only by a supervisor's word, with a reason, in the audit.

A scope has one lock. The first cause stays on it, except that an alarm takes the place of anything less: whoever lifts
the lock is told of the alarm. Each further cause, another alarm too, is in the audit. E702, a ledger that may not be
believed, takes the place of all, and no supervisor's unlock ends it: only a recovery does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from station.codes import Code, Then
from station.errors import ConfigError
from station.ledger import audit, decided, trouble
from station.ledger.believed import Although
from station.ledger.book import Book
from station.ledger.transaction import Row
from station.rules import Outcome, outranks

STATION = ""
"""The scope of a lock on the whole station; any other scope is a slot's name."""
BY_HAND = Code.E608
"""The code of a lock that a supervisor set."""


_PUT = "INSERT INTO locks (code, what, since, scope) VALUES (?,?,?,?)"
_PUT_IN_PLACE = "UPDATE locks SET code = ?, what = ?, since = ? WHERE scope = ?"
FORGET_FAILURES = (
    "INSERT INTO unlocks (scope, visit) SELECT ?, coalesce(max(id), 0) FROM visits WHERE true"
    " ON CONFLICT (scope) DO UPDATE SET visit = excluded.visit"
)
"""Of a scope: visits up to now no longer count towards a lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    scope: str
    code: Code
    what: str
    since: str


class Locks:
    """Present locks, and the failures that call for one."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def lock(self, scope: str, code: Code, what: str, *, by: str = "") -> str:
        """Idempotent for one cause. Returns the text to show; it names the supervisor `by` who locked by hand."""
        shown = f"{by}: {what}" if by else what
        detail = {"scope": scope, "code": code, "why": what} | ({"by": by} if by else {})
        with self._book.write(Although.ALARM) as db:
            stands = db.execute("SELECT code, what FROM locks WHERE scope = ?", (scope,)).fetchone()
            if stands is None or outranks(code, _code(stands)):
                put = _PUT if stands is None else _PUT_IN_PLACE
                db.execute(put, (code, shown, audit.now(), scope))
            if stands is None or (stands["code"], stands["what"]) != (code, shown):
                audit.append(db, "locked", actor=self._book.actor, detail=detail)
        return shown

    def unlock(self, scope: str, reason: str, *, by: str, told: Collection[Code] | None = None) -> None:
        """Forget the failures that led here; they stay in the history. `by` is the supervisor whose word it was, given
        on what was `told`; None: on whatever stands. ConfigError E116 where another one's word came first, or another
        lock.
        """
        with self._book.write() as db:
            where = f"slot {scope}" if scope else "the station"
            stands = db.execute("SELECT code, what FROM locks WHERE scope = ?", (scope,)).fetchone()
            if stands is None and (first := decided.on_matter(db, "unlocked", "scope", scope)):
                raise ConfigError(f"{where} is unlocked already, {first}", do="station status", code=Code.E116)
            if stands is not None and told is not None and _code(stands) not in told:
                raise ConfigError(
                    f"{where} is locked by {stands['code']} since: {stands['what']}",
                    means="it stays locked: nobody was told of that",
                    do="station status",
                    code=Code.E116,
                )
            db.execute("DELETE FROM locks WHERE scope = ?", (scope,))
            db.execute(FORGET_FAILURES, (scope,))
            audit.append(db, "unlocked", actor=self._book.actor, detail={"scope": scope, "why": reason, "by": by})

    def held(self) -> dict[str, Lock]:
        """Present locks by scope."""
        with self._book.read() as db:
            rows = db.execute("SELECT * FROM locks ORDER BY since").fetchall()
        return {r["scope"]: Lock(scope=r["scope"], code=_code(r), what=r["what"], since=r["since"]) for r in rows}

    def outcomes_since_unlock(self, scope: str, *, last: int) -> list[Outcome]:
        """The last outcomes that count towards a lock, oldest first; others do not push them out of sight."""
        counting = ",".join(f"'{o}'" for o in Outcome if o.is_judged or o is Outcome.ALARM)
        where, values = ("AND slot = ?", (scope,)) if scope else ("", ())
        sql = (
            "SELECT outcome FROM (SELECT id, outcome FROM visits WHERE id > coalesce((SELECT visit FROM unlocks"
            f" WHERE scope = ?), 0) AND outcome IN ({counting}) {where} ORDER BY id DESC LIMIT ?) AS latest ORDER BY id"
        )
        with self._book.read() as db:
            return [Outcome(r["outcome"]) for r in db.execute(sql, (scope, *values, last))]


def _code(row: Row) -> Code:
    return Code.of(row["code"]) or Code.E600


def what_ends(code: Code, what: str) -> str:
    """What a person does about a lock."""
    return trouble.what_to_do(what) if Then.RECOVERY in code.then else "a supervisor unlocks"
