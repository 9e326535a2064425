# SPDX-License-Identifier: GPL-3.0-or-later
"""Lock-outs: they outlive a restart and end only by a supervisor's word, with a reason, in the audit.

The station's lock is every bench's, unless it is for what failed at one: then it is that bench's, as a slot's is on a
line, where another one may have a slot of that name. A scope has one lock. The first cause stays on it, except that an
alarm takes the place of anything less: whoever lifts the lock is told of the alarm. That a label is owed (E641) gives
way to any other, and comes back: it is a fact of its own, see `scan_backs`, and who unlocks just that waives it. Each
further cause, another alarm too, is in the audit. E702, a ledger that may not be believed, takes the place of all, and
no supervisor's unlock ends it: only a recovery does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from station.codes import Code, Then
from station.errors import ConfigError
from station.ledger import audit, decided, scan_backs, trouble
from station.ledger.believed import THIS_BENCH, Although
from station.ledger.book import Book
from station.ledger.transaction import Row, Transaction
from station.rules import Outcome, counts_to_lock, outranks

STATION = ""
"""The scope of a lock on the whole station; any other scope is a slot's name."""
BY_HAND = Code.E608
"""The code of a lock that a supervisor set."""
LOCK_OUT, OFF = "lock-out", "off"
"""In a stay's details: of a run that a supervisor let go on whatever fails."""
_COUNTING = ",".join(f"'{o}'" for o in Outcome if o.is_judged or o is Outcome.ALARM)
_BLAMELESS = ",".join(f"'{code}'" for code in Code if not counts_to_lock(Outcome.IN_DOUBT, code))
_PUT = "INSERT INTO locks (code, what, since, scope, bench) VALUES (?,?,?,?,?)"
_PUT_IN_PLACE = "UPDATE locks SET code = ?, what = ?, since = ? WHERE scope = ? AND bench = ?"
_OF_BENCH = (
    "AND (bench = ? OR outcome = 'ALARM') AND id > (SELECT coalesce(max(id), 0) FROM visits)"
    " - 10000"  # stays of a line: what is older is not looked for, so that a bench that begins reads no whole history
)
_UNLOCKED_BENCH = f"scope = '{STATION}' OR (scope = '{THIS_BENCH}' AND bench = ?)"
FORGET_FAILURES = (
    "INSERT INTO unlocks (scope, bench, visit) SELECT ?, ?, coalesce(max(id), 0) FROM visits WHERE true"
    " ON CONFLICT (bench, scope) DO UPDATE SET visit = excluded.visit"
)
"""Of a scope, at a bench: visits up to now no longer count towards a lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """`bench`: whose slot it is, or whose station, by number; "" every bench's, and a slot's of before benches were
    told apart."""

    scope: str
    code: Code
    what: str
    since: str
    bench: str = ""

    @property
    def where(self) -> str:
        """ "" for the station, a slot's name, on a line behind its bench's; a bench's own where all of it is."""
        return "/".join(filter(None, (self.bench, self.scope)))

    def at(self, bench: str) -> bool:
        """Whether it keeps a bench from its work; "" the one of a file, whose are all."""
        return not bench or self.bench in ("", bench)


class Locks:
    """Present locks, and the failures that call for one."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def lock(self, scope: str, code: Code, what: str, *, by: str = "") -> str:
        """Idempotent for one cause. Returns the text to show; it names the supervisor `by` who locked by hand."""
        shown = f"{by}: {what}" if by else what
        place = self._place(scope)
        detail = place | {"code": code, "why": what} | ({"by": by} if by else {})
        with self._book.write(Although.ALARM) as db:
            which = (place["scope"], place.get("bench", ""))
            stands = db.execute("SELECT code, what FROM locks WHERE scope = ? AND bench = ?", which).fetchone()
            if stands is None or _takes_its_place(code, _code(stands)):
                put = _PUT if stands is None else _PUT_IN_PLACE
                db.execute(put, (code, shown, audit.now(), *which))
            if stands is None or (stands["code"], stands["what"]) != (code, shown):
                audit.append(db, "locked", actor=self._book.actor, detail=detail)
        return shown

    def unlock(self, scope: str, reason: str, *, by: str, told: Collection[Code] | None = None) -> None:
        """Forget the failures that led here; they stay in the history. `by` is the supervisor whose word it was, given
        on what was `told`, also on a label that is owed where no lock shows it; None: on whatever stands. ConfigError
        E116 where another one's word came first, or another lock.
        """
        where = f"slot {scope}" if scope else "the station"
        with self._book.write() as db:
            stands = self._standing(db, scope)
            place = self._place(scope) if scope or not stands else _place_of(stands[0])
            asks_to_waive = not stands and told is not None and scan_backs.OWED in told
            waived = asks_to_waive and scan_backs.waive(db, self._book, scope, reason, by=by)
            if not (stands or waived) and (first := self._first_word(db, scope)):
                raise ConfigError(f"{where} is unlocked already, {first}", do="station status", code=Code.E116)
            _require_told(stands, told, where)
            for lock in stands:
                db.execute("DELETE FROM locks WHERE scope = ? AND bench = ?", (_kept_as(lock), lock.bench))
                if lock.code is scan_backs.OWED:
                    scan_backs.waive(db, self._book, scope, reason, by=by)
            db.execute(FORGET_FAILURES, (place["scope"], place.get("bench", "")))
            audit.append(db, "unlocked", actor=self._book.actor, detail=place | {"why": reason, "by": by})

    def _standing(self, db: Transaction, scope: str) -> list[Lock]:
        """The station's one after the other, every bench's first."""
        found = [lock for lock in _all(db) if lock.scope == scope and lock.at(self._number)]
        return found if scope else sorted(found, key=lambda lock: lock.bench)[:1]

    def _first_word(self, db: Transaction, scope: str) -> str:
        """Of what unlocked it before; the station's lock may have been this bench's own."""
        places = self._place(scope), self._place(scope or THIS_BENCH)
        return next(filter(None, (decided.on_matter(db, "unlocked", place) for place in places)), "")

    def held(self) -> dict[str, Lock]:
        """Present locks of this bench by scope: the station's, and its own slots'. Every bench's station comes before
        this one's: it is unlocked first."""
        found = dict[str, Lock]()
        for lock in self.everywhere():
            if lock.at(self._number) and (lock.scope not in found or _is_before(lock, found[lock.scope])):
                found[lock.scope] = lock
        return found

    def everywhere(self) -> list[Lock]:
        """Present locks of all benches, the oldest first."""
        with self._book.read() as db:
            return _all(db)

    def outcomes_since_unlock(self, scope: str, *, last: int) -> list[Outcome]:
        """The last outcomes that count towards a lock, oldest first; others do not push them out of sight: what the
        station is to blame for, and stays of a run without the lock-out. The station's are those of this bench, and any
        bench's alarm: what fails at another one says nothing of this one's fixtures."""
        unlocked, where, values = f"scope IN ('{STATION}', '{THIS_BENCH}')", "", tuple[str, ...]()
        if scope:
            unlocked, where, values = "scope = ? AND bench = ?", "AND slot = ? AND bench = ?", (scope, self._number)
        elif self._number:
            unlocked, where, values = _UNLOCKED_BENCH, _OF_BENCH, (self._number,)
        sql = (
            "SELECT outcome FROM (SELECT id, outcome FROM visits WHERE id > coalesce((SELECT max(visit) FROM unlocks"
            f" WHERE {unlocked}), 0) AND outcome IN ({_COUNTING}) AND NOT (outcome = 'IN_DOUBT' AND code IN"
            f" ({_BLAMELESS})) AND details NOT LIKE ? {where} ORDER BY id DESC LIMIT ?) AS latest ORDER BY id"
        )
        asked = (*values, f'%"{LOCK_OUT}": "{OFF}"%', *values, last)
        with self._book.read() as db:
            return [Outcome(r["outcome"]) for r in db.execute(sql, asked)]

    @property
    def _number(self) -> str:
        return self._book.connection.bench

    def _place(self, scope: str) -> dict[str, str]:
        """Where it is kept, for the audit too; the bench where the scope is a slot of a line, or THIS_BENCH."""
        if not self._number:
            return {"scope": STATION if scope == THIS_BENCH else scope}
        return {"scope": scope} | ({"bench": self._number} if scope else {})


def _all(db: Transaction) -> list[Lock]:
    """A file that no station of today has opened for work says nothing of benches."""
    rows = db.execute("SELECT * FROM locks ORDER BY since").fetchall()
    return [
        Lock(
            scope=STATION if row["scope"] == THIS_BENCH else row["scope"],
            code=_code(row),
            what=row["what"],
            since=row["since"],
            bench=bench_of(row),
        )
        for row in rows
    ]


def _require_told(stands: list[Lock], told: Collection[Code] | None, where: str) -> None:
    untold = next((lock for lock in stands if told is not None and lock.code not in told), None)
    if untold is not None:
        raise ConfigError(
            f"{where} is locked by {untold.code} since: {untold.what}",
            means="it stays locked: nobody was told of that",
            do="station status",
            code=Code.E116,
        )


def _kept_as(lock: Lock) -> str:
    return THIS_BENCH if lock.bench and lock.scope == STATION else lock.scope


def _place_of(lock: Lock) -> dict[str, str]:
    """As `Locks._place`."""
    return {"scope": _kept_as(lock)} | ({"bench": lock.bench} if lock.bench else {})


def _is_before(lock: Lock, other: Lock) -> bool:
    """Of one scope, at one bench."""
    if lock.scope == STATION:
        return not lock.bench
    return outranks(lock.code, other.code)


def bench_of(row: Row) -> str:
    """Of a lock, an unlock or a stay."""
    return str(row["bench"]) if "bench" in row.keys() else ""  # noqa: SIM118 - a row is its values


def _code(row: Row) -> Code:
    return Code.of(row["code"]) or Code.E600


def _takes_its_place(code: Code, stands: Code) -> bool:
    """What only shows that a label is owed gives way to anything, and comes back."""
    return outranks(code, stands) or (stands is scan_backs.OWED and code is not stands)


def what_ends(code: Code, what: str) -> str:
    """What a person does about a lock."""
    return trouble.what_to_do(what) if Then.RECOVERY in code.then else "a supervisor unlocks"
