# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the ledger the one it was? Its lock, its machine, and each of its witnesses: there, up to date, or ahead of it.

What the station asks itself when it opens the ledger, asked without writing anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from station.doctor import Finding, Level, wrong
from station.errors import IntegrityAlarm
from station.ledger import trouble
from station.ledger.locks import STATION
from station.ledger.machine import marks
from station.ledger.opening import MACHINE, Surroundings, is_another_machine, witnessed
from station.ledger.view import View
from station.ledger.watch import beside_the_chain
from station.ledger.witness import Journal
from station.secrets.vault import Vault

_CHECK = "witness"


def check_lock(ledger: View) -> Iterator[Finding]:
    """Is it locked because it may not be believed?"""
    held = ledger.locks.held().get(STATION)
    if held is not None and held.code == trouble.CODE:
        what = f"{held.code} {held.what}"
        yield Finding(check="ledger", level=Level.WRONG, what=what, do=trouble.what_to_do(held.what), code=held.code)


def check_machine(ledger: View, vault: Vault, around: Surroundings) -> Iterator[Finding]:
    """Is this the PC that it is at home at?"""
    kept = ledger.facts.get(MACHINE)
    if ledger.bench:
        return
    if kept is None:
        yield Finding(check="machine", level=Level.OK, what="bound to none yet: the first command binds it")
        return
    there, here = json.loads(kept), marks(vault, around.machine)
    if is_another_machine(ledger, vault, around):
        found = trouble.alarm(trouble.Trouble.MACHINE, ledger.path.parent.name)
        yield wrong("machine", found)
    elif here.keys() & there.keys() <= {"machine-id", "root"}:
        yield Finding(
            check="machine",
            level=Level.WARNING,
            what="this PC shows no hardware of its own: a copy of its disk elsewhere cannot be told from it",
            do="keep a witness that both would reach: [ledger] witnesses in station.toml",
        )


def check_witnesses(ledger: View, vault: Vault, around: Surroundings) -> Iterator[Finding]:
    """One finding a place; none of them left is wrong, since no board is begun then."""
    if ledger.facts.get(witnessed(ledger)) is None:
        yield Finding(check=_CHECK, level=Level.OK, what="none yet: the first command begins it")
        return
    ledger_id = ledger.facts.get("ledger_id") or ""
    found = [_witness(ledger, vault, Journal(place, vault, ledger_id)) for place in around.places]
    if all(one is None for one in found):
        places = ", ".join(map(str, around.places))
        do = "make one of them writable or plug it in again; if all are lost: station recover --reason …"
        yield Finding(check=_CHECK, level=Level.WRONG, what=f"E328 no witness can be written: {places}", do=do)
        return
    for place, one in zip(around.places, found, strict=True):
        yield one or Finding(
            check=_CHECK,
            level=Level.WARNING,
            what=f"{place} is not there or not writable; it is told what it lacks when it is back",
            do="plug it in, or take it out of [ledger] witnesses",
        )


def check_matters(ledger: View) -> Iterator[Finding]:
    """What waits for a person; a lock that says the ledger may not be believed is told by `check_lock`."""
    for one in ledger.matters.open():
        if one.code != trouble.CODE:
            yield Finding(check="person", level=Level.PERSON, what=f"{one.code} {one.what}", do=one.do, code=one.code)


def _witness(ledger: View, vault: Vault, journal: Journal) -> Finding | None:
    """None where it is away."""
    try:
        journal.open()
        lines = journal.read()
    except OSError:
        return None
    finally:
        journal.close()
    strange, lacks = beside_the_chain(ledger, vault, lines)
    if strange:
        found: IntegrityAlarm = trouble.alarm(trouble.Trouble.WITNESS, f"{strange} lines of {journal.path}")
        return wrong(_CHECK, found)
    if lacks or journal.damaged:
        what = f"{journal.path} lacks {lacks} lines, {journal.damaged} are damaged"
        do = "station status: it is told what it lacks" if lacks else "nothing: damaged lines are skipped"
        return Finding(check=_CHECK, level=Level.WARNING, what=what, do=do)
    return Finding(check=_CHECK, level=Level.OK, what=f"{journal.path.parent}, up to date")
