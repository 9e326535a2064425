# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to open a ledger for work: nobody can open one and skip what this does.

Rows of dead processes are recovered, and stays that these missed are written down. It is asked whether the ledger is
the one it was: its chain goes through every witness, and it is at the machine it belongs to; a line's is on the server
that had it. If it is not, it is open all the same, to be looked at, and locked (E702): it gives nothing out, no unlock
ends that, only `recovery` does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from station.codes import Then
from station.errors import IntegrityAlarm, LedgerFault, NeedsPerson
from station.ledger import audit, proof, succession
from station.ledger.age import forgot_something
from station.ledger.believed import Although
from station.ledger.locks import STATION
from station.ledger.machine import Parts, marks, read_machine, same
from station.ledger.meta import PUT
from station.ledger.sqlite.connection import Connection
from station.ledger.sqlite.same_file import is_left_over
from station.ledger.store import Ledger
from station.ledger.transaction import Transaction
from station.ledger.trouble import CODE, Trouble, alarm, guards_changed
from station.ledger.view import View
from station.ledger.watch import Watch
from station.ledger.where import Where, engine_at
from station.ledger.witness import Witness, others_at
from station.ledger.witness_lines import told_by_chain
from station.rules import Known
from station.secrets.vault import Vault

MACHINE = "machine"
"""In meta: the marks of the PC it is at home at."""
WITNESSED = "witnessed"
"""In meta: where its first journals were begun, by each bench of a line."""
_CLOCK_S = 1.0
"""What a time server may set a clock back by, and nobody need know."""


@dataclass(frozen=True, slots=True)
class SkippedLines:
    """Lines of the witnesses that are no line of this ledger's, and were skipped."""

    lines: int


@dataclass(frozen=True, slots=True)
class OlderLedger:
    """It takes the steps that it lacks now, which may take a minute a million certificates. `version`: whose it is."""

    version: str


@dataclass(frozen=True, slots=True)
class ClockBehind:
    """This PC's clock is before the last line of the audit: what is written now will seem to have been before it."""

    seconds: float


OpeningNotice = IntegrityAlarm | SkippedLines | OlderLedger | ClockBehind | Known
"""What a person should know: it is not the ledger it was; lines were skipped; it is brought up to date; the clock went
back; who is in doubt from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is around a ledger and does not come along when its folder is copied.

    `home`: where its journal is by default, made with its parents; `further`: other places, whose parents must be
    there.
    """

    home: Path
    further: tuple[Path, ...] = ()
    machine: Parts = field(default_factory=read_machine)

    @property
    def places(self) -> tuple[Path, ...]:
        return (self.home, *self.further)


def open_ledger(
    place: Where,
    vault: Vault,
    around: Surroundings,
    *,
    actor: str = "station",
    keep_secrets: bool = False,
    say: Callable[[OpeningNotice], None] = lambda _notice: None,
) -> Ledger:
    """`say` hears what a person should know. Errors as `Ledger`."""
    engine = engine_at(place, key=vault.key_id(), older=lambda version: say(OlderLedger(version)))
    ledger = Ledger(engine, vault, actor=actor, keep_secrets=keep_secrets)
    try:
        if (behind := ledger.audit.clock_behind()) > _CLOCK_S:
            say(ClockBehind(behind))
        ledger.watch = watch = Watch(ledger.book, witness_of(ledger, around))
        try:
            _require_same(ledger, watch, around)
        except IntegrityAlarm as found:
            ledger.locks.lock(STATION, CODE, found.what)
            say(found)
        else:
            # E328 is said when a board is to be begun: whoever only looks needs no witness. E614: locked before
            with suppress(NeedsPerson):
                _settle_in_where_it_can(ledger, watch, around)
        if watch.witness.damaged:
            say(SkippedLines(watch.witness.damaged))
        for known in ledger.recover():
            say(known)
        with suppress(NeedsPerson):  # E614: what a set-back ledger lacks is not a stay that was missed
            ledger.missed_stays.make_good()
    except BaseException:
        ledger.close()
        raise
    return ledger


def _settle_in_where_it_can(ledger: Ledger, watch: Watch, around: Surroundings) -> None:
    """LedgerFault E329 where the server went away meanwhile: without its journals no board would be begun until the
    next opening."""
    try:
        settle_in(ledger, watch, around)
    except LedgerFault as fault:
        if Then.WAITED_OUT in fault.code.then:
            raise


def lock_copy(path: Path, vault: Vault, what: str) -> None:
    """Of a copy that is to take a ledger's place: whoever finds its file there finds it locked by `what`. LedgerFault
    E320 where that is not in the file itself."""
    with closing(Ledger(path, vault)) as ledger:
        ledger.locks.lock(STATION, CODE, f"{Trouble.WITNESS}: {what}")
    if is_left_over(path):
        raise LedgerFault(
            f"the lock could not be brought into {path}",
            means="nothing took the ledger's place",
            do="check disk space, then try again",
        )


def make_ledger(path: Path) -> None:
    """An empty one; where there is one, it stays as it is."""
    if not (path.exists() and path.stat().st_size):
        Connection(path).close()


def witness_of(ledger: Ledger, around: Surroundings) -> Witness:
    ledger_id = ledger.facts.get("ledger_id") or ""
    return Witness(around.places, ledger.book.vault, ledger_id, ledger.path)


def _require_same(ledger: Ledger, watch: Watch, around: Surroundings) -> None:
    """IntegrityAlarm E702 with the first reason not to believe this ledger."""
    if wrong := ledger.audit.guards_changed():
        raise guards_changed(wrong)
    if is_another_machine(ledger, ledger.book.vault, around):
        raise alarm(Trouble.MACHINE, ledger.path.parent.name)
    succession.require_same(ledger.book)
    watch.meet()
    if not watch.witness.present and not _witnessed(ledger):
        path = ledger.path
        before = [
            name for place in around.places for name in others_at(place, watch.witness.id, path, ledger.book.vault)
        ]
        if before:
            raise alarm(Trouble.WITNESS, f"another one was here, and wrote boards: {before[-1]}")
    if forgot_something(ledger.book.connection):
        raise alarm(Trouble.WITNESS, "it lacks what was in it when it was last closed here")


def is_another_machine(ledger: View, vault: Vault, around: Surroundings) -> bool:
    """Whether it belongs to another PC than this one. A line's belongs to none."""
    kept = ledger.facts.get(MACHINE)
    return not ledger.bench and kept is not None and not same(json.loads(kept), marks(vault, around.machine))


def settle_in(ledger: Ledger, watch: Watch, around: Surroundings) -> None:
    """Write down where this ledger is at home, and tell each witness what it has not heard. LedgerFault E328 when one
    of them took nothing."""
    if watch.witness.present:
        watch.begin_missing()
    elif not _witnessed(ledger):
        remember_witnesses(ledger, watch, around)
    remember_machine(ledger, around)
    ledger.line.call(ledger.actor)


def remember_witnesses(ledger: Ledger, watch: Watch, around: Surroundings) -> None:
    """Begin journals where there are none; from now on this ledger is not believed where all of them are missing."""
    with suppress(OSError):
        around.home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    watch.begin_missing()
    places = [str(journal.path.parent) for journal in watch.witness.present]
    if places:
        ledger.facts.set(witnessed(ledger), json.dumps(places), event="witness begun", places=places)


def witnessed(ledger: View) -> str:
    """The fact that says so of this bench: from then on the ledger is not believed here without its journals."""
    return f"{WITNESSED} {ledger.bench}" if ledger.bench else WITNESSED


def _witnessed(ledger: Ledger) -> bool:
    return ledger.facts.get(witnessed(ledger)) is not None


def remember_machine(ledger: Ledger, around: Surroundings, *, although: Although | None = None) -> None:
    """As it is now: a part that was exchanged is a part of it from now on. What cannot be read now stays as it was, but
    for another machine's: with parts of both, either would be the right one. A line's ledger is at home at none, and
    its server is remembered."""
    if ledger.bench:
        succession.remember(ledger.book)
        return
    kept = json.loads(ledger.facts.get(MACHINE) or "{}")
    found = marks(ledger.book.vault, around.machine)
    here = kept | found if same(kept, found) else found
    if here != kept or not kept:
        changed = sorted(part for part in here if here[part] != kept.get(part))
        event = "machine changed in part" if kept else "bound to this machine"
        ledger.facts.set(MACHINE, json.dumps(here, sort_keys=True), event=event, although=although, parts=changed)


def settle_copy_in(db: Transaction, source: Ledger, around: Surroundings) -> None:
    """Before a copy of `source` goes on here in its place, inside the transaction that makes it whole: it belongs to
    this machine, and each place that has no journal of it yet gets one."""
    vault = source.book.vault
    row = db.execute("SELECT value FROM meta WHERE key = ?", (MACHINE,)).fetchone()
    found = marks(vault, around.machine)
    if row is not None and not same(json.loads(row[0]), found):
        value = json.dumps(found, sort_keys=True)
        db.execute(PUT, (MACHINE, value))
        detail = {"parts": sorted(found)} | proof.of_row("meta", MACHINE, (MACHINE, value))
        audit.append(db, "bound to this machine", actor=source.actor, detail=detail)
    witness = witness_of(source, around)
    with suppress(OSError):
        around.home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    witness.open()
    if made := witness.make_missing():
        witness.tell(told_by_chain(db, vault, 0), made)
    witness.close()
