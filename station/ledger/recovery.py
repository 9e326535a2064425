# SPDX-License-Identifier: GPL-3.0-or-later
"""The way on for a ledger that was set back, copied or moved; a supervisor's word, and nothing else ends that lock.

What the witnesses name is in doubt from now on, married to the board they name; it is kept also where the certificate
is not here, and settled when it is pulled again. What was retired or found on a board is so again. Whatever else was
READY is withheld: it may be on a board all the same. It comes back by a supervisor's word, or is learned from the board
that carries it. Where one of the witnesses could not be heard whole, or other benches of a line have theirs, there may
be boards that nobody heard of: what comes in later is withheld too, until a supervisor says that the lost time is
settled.

Each step may be interrupted: the lock goes last, and the next recovery goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from station.codes import Code
from station.errors import ConfigError
from station.ledger import age, audit, trouble
from station.ledger.believed import Although
from station.ledger.foretold import OVER_AT, RECOVERED_AT, WARY, keep, knows
from station.ledger.locks import FORGET_FAILURES, STATION
from station.ledger.meta import PUT
from station.ledger.opening import WITNESSED, Surroundings, remember_machine, remember_witnesses, witness_of, witnessed
from station.ledger.store import Ledger
from station.ledger.taking_over import believe_all, in_hand, withhold_ready
from station.ledger.transaction import Transaction
from station.ledger.watch import Watch
from station.ledger.witness import Journal, others_at
from station.ledger.witness_lines import DECISIONS, KINDS, NAMELESS, Line, name_mark
from station.model import CertName, State

_STEP = 500
_PAGE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What it came to. `open`: what a person must look at, in words; `witnessed`: by all, undamaged."""

    told: int = 0  # marriages that the chain had lost
    decided: int = 0  # decisions that it had lost: retired, found on a board
    in_doubt: int = 0
    withheld: int = 0
    open: tuple[str, ...] = ()
    witnessed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    lines: list[Line]
    whole: bool


def recover(
    ledger: Ledger,
    around: Surroundings,
    reason: str,
    *,
    by: str,
    event: str = "recovery",
    progress: Callable[[int], None] = lambda _done: None,
) -> Recovery:
    """ConfigError E116 when nothing is wrong with it, NeedsPerson E609 while another station has a board in hand,
    IntegrityAlarm E702 for a broken chain: that one is tampered with. `event` is written down with it."""
    watch = require_needed(ledger)
    ledger.audit.verify()
    heard = _hear(ledger, around)
    strange, disputes = _take_over(ledger, heard.lines)
    decided = sum(line.kind in DECISIONS for line in strange)
    told = len(strange) - decided
    withheld = _withhold_all(ledger, progress)
    remember_machine(ledger, around, although=Although.RECOVERY)
    if not heard.whole:
        ledger.facts.set(WARY, audit.now(), event="not every witness was heard", although=Although.RECOVERY, by=by)
    detail = {"why": reason, "by": by, "kind": event, "told": told, "decided": decided, "withheld": withheld}
    _unlock(ledger, detail | {"witnessed": heard.whole})
    if not ledger.book.is_rehearsed:
        _tell(ledger, watch, around)
    return Recovery(
        told=told,
        decided=decided,
        in_doubt=_count(ledger, State.IN_DOUBT),
        withheld=withheld,
        open=tuple(disputes),
        witnessed=heard.whole,
    )


def _withhold_all(ledger: Ledger, progress: Callable[[int], None]) -> int:
    withheld = 0
    while step := _withhold(ledger):
        withheld += step
        progress(withheld)
    return withheld


def require_needed(ledger: Ledger) -> Watch:
    """ConfigError E116 unless it is locked for that, or all its witnesses are lost."""
    with ledger.book.read() as db:
        sql = "SELECT 1 FROM locks WHERE scope = ? AND code = ?"
        locked = db.execute(sql, (STATION, trouble.CODE)).fetchone() is not None
    if ledger.watch is None or not (locked or not ledger.watch.witness.present):
        raise ConfigError(
            "this ledger is the one it was: nothing is to be recovered", do="station status", code=Code.E116
        )
    return ledger.watch


def settled(ledger: Ledger, reason: str, *, by: str) -> None:
    """What comes in from now on is READY again, and no board carries what was given up before: every board of the lost
    time was looked at, or is scrap. What a witness names on a board stays there."""
    wary = ledger.facts.get(WARY)
    if not wary and (ledger.facts.get(OVER_AT) or "") >= (ledger.facts.get(RECOVERED_AT) or ""):
        raise ConfigError("nothing is held back here after a recovery", do="station status", code=Code.E116)
    with ledger.book.read() as db:
        at = _later(db)
    ledger.facts.set(OVER_AT, at, event="lost time settled", why=reason, by=by)
    if wary:
        ledger.facts.set(WARY, "", event="recovery over", why=reason, by=by)


def _later(db: Transaction) -> str:
    """Now, or behind all that was ever written here by a clock that was ahead: what is asked is what came first."""
    sql = "SELECT max(at) FROM (SELECT at FROM audit UNION ALL SELECT value FROM meta WHERE key IN (?,?)) AS known"
    last = db.execute(sql, (RECOVERED_AT, OVER_AT)).fetchone()[0] or ""
    now = audit.now()
    if now > last:
        return now
    return (datetime.fromisoformat(last) + timedelta(microseconds=1)).isoformat(timespec="microseconds")


def _hear(ledger: Ledger, around: Surroundings) -> _Heard:
    """Everything that this ledger's witnesses say, and those of the ledgers that were at its path before."""
    ledger_id, path = ledger.facts.get("ledger_id") or "", ledger.path
    lines: dict[str, Line] = {}
    damaged = 0
    silent = set(around.places)
    begun = ledger.facts.get(witnessed(ledger)) is not None  # then it must be heard itself, not only those before it
    for place in around.places:
        for name in (ledger_id, *others_at(place, ledger_id, path, ledger.book.vault)):
            for line_or_none in _whole(Journal(place, ledger.book.vault, name)):
                if name == ledger_id or not begun:
                    silent.discard(place)
                damaged += line_or_none is None or line_or_none.kind not in KINDS
                if line_or_none is not None:
                    before = lines.get(line_or_none.head)
                    lines[line_or_none.head] = before if before and before.content else line_or_none
    whole = not (silent or damaged or _others_have_theirs(ledger))
    return _Heard(lines=sorted(lines.values(), key=lambda line: line.seq), whole=whole)


def _others_have_theirs(ledger: Ledger) -> bool:
    """Whether other benches of this line have witnesses, which are heard there."""
    with ledger.book.read() as db:
        row = db.execute(
            "SELECT count(*) FROM meta WHERE key LIKE ? AND key <> ?", (f"{WITNESSED} %", witnessed(ledger))
        ).fetchone()
    return bool(row[0])


def _whole(journal: Journal) -> Iterator[Line | None]:
    """None for each damaged or torn line, so that one that holds nothing else is not taken for a witness."""
    with suppress(OSError):
        journal.open(whole=True)
        yield from journal.read()
        yield from [None] * (journal.damaged + journal.is_torn)
        journal.close()


def _take_over(ledger: Ledger, lines: list[Line]) -> tuple[list[Line], list[str]]:
    """The lines that this chain does not know, and what is against them. What was retired ends first, oldest first;
    then the last one on a board first, since that is what the board carries."""
    with ledger.book.write(Although.RECOVERY) as db:
        strange = [line for line in lines if not knows(db, line)]
        by_mark: dict[str, list[Line]] = {}
        for line in reversed(strange):
            keep(db, line)
            if line.kind not in NAMELESS:
                by_mark.setdefault(line.name, []).append(line)
        here = {mark: name for name in _names(db) if (mark := name_mark(ledger.book.vault, name)) in by_mark}
        told = {here[mark]: said[::-1] for mark, said in by_mark.items() if mark in here}
        return strange, believe_all(db, ledger.book.vault, told, ledger.actor)


def _names(db: Transaction) -> Iterator[CertName]:
    last = 0
    while page := db.execute(
        "SELECT id, product_key, device_name FROM certificates WHERE id > ? ORDER BY id LIMIT ?", (last, _PAGE)
    ).fetchall():
        last = page[-1]["id"]
        yield from (CertName(row["product_key"], row["device_name"]) for row in page)


def _withhold(ledger: Ledger) -> int:
    with ledger.book.write(Although.RECOVERY) as db:
        return withhold_ready(db, ledger.actor, limit=_STEP)


def _unlock(ledger: Ledger, detail: dict[str, object]) -> None:
    """Nothing may have come back meanwhile: a slot that had reserved gave it up."""
    with ledger.book.write(Although.RECOVERY) as db:
        if db.execute("SELECT 1 FROM identities WHERE state IN ('RESERVED','WRITING')").fetchone():
            raise in_hand()
        while withhold_ready(db, ledger.actor, limit=_STEP):
            pass
        db.execute(PUT, (RECOVERED_AT, _later(db)))
        audit.append(db, "ledger recovered", actor=ledger.actor, detail=detail)
        db.execute("DELETE FROM locks WHERE scope = ?", (STATION,))
        db.execute(FORGET_FAILURES, (STATION, ""))


def _tell(ledger: Ledger, watch: Watch, around: Surroundings) -> None:
    """From now on an older copy of this ledger is told from it also where it lost no marriage."""
    watch.close()
    age.remember(ledger.book.connection)
    ledger.watch = fresh = Watch(ledger.book, witness_of(ledger, around))
    fresh.meet()
    remember_witnesses(ledger, fresh, around)


def _count(ledger: Ledger, state: State) -> int:
    with ledger.book.read() as db:
        return int(db.execute("SELECT count(*) FROM identities WHERE state = ?", (state,)).fetchone()[0])
