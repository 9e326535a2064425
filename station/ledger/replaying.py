# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the audit's lines in order and compares what they say of rows with the rows: `take` each, then `compare`.

One pass over the lines and one over the certificates. IntegrityAlarm E702 names the first thing that differs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from station.codes import Code
from station.errors import IntegrityAlarm
from station.ledger import proof
from station.ledger.audit import chain_of
from station.ledger.locks import bench_of
from station.ledger.scan_backs import OWED, SCANNED
from station.ledger.transaction import Row, Transaction
from station.ledger.witness_lines import MOVED_EVENT
from station.model import State

_EVIDENCE = f"SELECT {', '.join(proof.EVIDENCE)} FROM identities WHERE id = ?"
_UNLOCKS = frozenset({"unlocked", "ledger recovered"})
Place = tuple[str, str]
"""Of a lock: its slot's bench, "" where it is of no one in particular, and its scope."""
_STATION = ("", "")


def broken(what: str) -> IntegrityAlarm:
    return IntegrityAlarm(
        f"the audit chain is broken: {what}",
        means="the ledger was changed by something other than the station",
        do="stop flashing, keep the file, and compare it with the last backup and the printed audit heads",
        code=Code.E702,
    )


@dataclass(slots=True)
class Told:
    """What the lines said so far."""

    received: list[tuple[int, int, int, str]] = field(default_factory=list)  # line, first, last certificate, digest
    entered: dict[int, str] = field(default_factory=dict)  # identities that did not enter READY, of those that moved
    written: dict[int, str] = field(default_factory=dict)  # names of what was written and not consumed yet
    replaced: dict[int, tuple[list[object], list[object]]] = field(default_factory=dict)  # as it came, as it is
    visits: int = 0
    first_visit: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    answers: dict[int, str] = field(default_factory=dict)
    found: set[int] = field(default_factory=set)
    locks: dict[Place, set[tuple[str, str]]] = field(default_factory=dict)  # causes, since its last unlock
    moved: tuple[str, str] | None = None  # the lock of a ledger that was moved; its copy has none
    unlocked: set[Place] = field(default_factory=set)
    wrong: IntegrityAlarm | None = None  # the first row that differs: told after what is worse, a row set back

    def take(self, db: Transaction, row: Row) -> None:
        """What is said of a row that never changes again is compared at once."""
        event, text = row["event"], row["detail"]
        if row["version"] == 1 and row["from_state"] != State.READY:
            self.entered[row["identity"]] = row["from_state"]
        if event == "found on a board":
            self.found.add(row["identity"])
        if event == "locked":
            self._lock(json.loads(text))
        elif event == MOVED_EVENT:
            self.moved = (Code.E702, json.loads(text)["why"])
        elif event == SCANNED:
            self._scanned(row)
        elif event in _UNLOCKS:
            self._unlock(*_place(json.loads(text)))
        if f'"{proof.KEY}"' in text and (said := json.loads(text).get(proof.KEY)):
            try:
                self._prove(db, row, said)
            except IntegrityAlarm as error:
                self.wrong = self.wrong or error

    def _prove(self, db: Transaction, row: Row, said: dict[str, Any]) -> None:
        if "expected" in said:
            self.written.pop(row["identity"], None)
            _compare_evidence(db, row["identity"], said)
        elif "names" in said:
            self.written[row["identity"]] = said["names"]
        elif "visit" in said:
            self.visits += 1
            self.first_visit = min(self.first_visit or said["visit"], said["visit"])
            _compare_visit(db, said["visit"], said["digest"])
        elif "certificates" in said:
            self.received.append((row["seq"], *said["certificates"], said["digest"]))
        elif "certificate" in said:
            came, _ = self.replaced.get(said["certificate"], (said["was"], []))
            self.replaced[said["certificate"]] = (came, said["is"])
        elif "meta" in said:
            self.facts[said["meta"]] = said["digest"]
        elif "answers" in said:
            self.answers[row["seq"]] = said["digest"]

    def _unlock(self, bench: str, scope: str) -> None:
        """A bench of a line unlocks its own, and what is nobody's in particular; the one of a file all."""
        self.moved = self.moved if scope else None
        for place in [place for place in self.locks if place[1] == scope]:
            if not bench or place[0] in ("", bench):
                del self.locks[place]
        self.unlocked.add((bench, scope))

    def _scanned(self, row: Row) -> None:
        """It ends the lock that showed that it was owed, no other one."""
        place = (chain_of(row), row["slot"])
        self.locks[place] = {cause for cause in self.locks.get(place, ()) if cause[0] != OWED}
        if not self.locks[place]:
            del self.locks[place]

    def _lock(self, said: dict[str, Any]) -> None:
        by = said.get("by", "")
        self.locks.setdefault(_place(said), set()).add((said["code"], f"{by}: {said['why']}" if by else said["why"]))


def _place(said: Mapping[str, Any]) -> Place:
    return said.get("bench", ""), said.get("scope", "")


def compare(db: Transaction, told: Told) -> None:
    """Everything that was told, with the rows."""
    if told.wrong:
        raise told.wrong
    _compare_received(db, told)
    for identity, names in told.written.items():
        _compare_names(db, identity, names)
    _compare_visits(db, told)
    _compare_facts(db, told)
    _compare_locks(db, told)
    _compare_answers(db, told)


def _compare_received(db: Transaction, told: Told) -> None:
    """From the first line with a digest on, each certificate is of one line and as it came."""
    if not told.received:
        return
    covered = told.received[0][1] - 1
    for line, first, last, wanted in told.received:
        if first != covered + 1:
            raise broken(f"certificate {covered + 1} came with no line")
        covered = last
        rows = db.execute(proof.ISSUED, (first, last))
        if proof.digest(_as_it_came(row, told) for row in rows) != wanted:
            raise broken(f"what came with line {line} (certificates {first} to {last}) is not what is here")
    if proof.last_certificate(db) != covered:
        raise broken(f"certificate {proof.last_certificate(db)} came with no line")


def _as_it_came(row: Row, told: Told) -> list[object]:
    entered_as = told.entered.get(row["root"], State.READY) if row["moved"] else row["state"]
    contents = proof.content(row)
    if row["id"] in told.replaced:
        came, now = told.replaced[row["id"]]
        if contents != now:
            raise broken(f"certificate {row['id']} is not what was chosen")
        contents = came
    return proof.as_issued(row, entered_as, contents)


def _compare_names(db: Transaction, identity: int, names: str) -> None:
    if proof.names_of(db, identity) != names:
        raise broken(f"identity {identity} was written as {names}, which it is not")


def _compare_evidence(db: Transaction, identity: int, said: dict[str, Any]) -> None:
    _compare_names(db, identity, said["names"])
    row = db.execute(_EVIDENCE, (identity,)).fetchone()
    if row is None or any(row[key] != said[key] for key in proof.EVIDENCE):
        raise broken(f"the evidence of identity {identity} is not what it was consumed with")


def _compare_visit(db: Transaction, number: int, wanted: str) -> None:
    row = proof.visit(db, number)
    if row is None or proof.digest([row]) != wanted:
        raise broken(f"visit {number} is not as it was recorded")


def _compare_visits(db: Transaction, told: Told) -> None:
    """From the first one that has a line on, all have one."""
    many = db.execute("SELECT count(*) FROM visits WHERE id >= ?", (told.first_visit,)).fetchone()[0]
    if told.visits and many != told.visits:
        raise broken(f"{many} visits are stored, {told.visits} have a line")


def _compare_facts(db: Transaction, told: Told) -> None:
    for key, wanted in told.facts.items():
        row = db.execute("SELECT key, value FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None or proof.digest([tuple(row)]) != wanted:
            raise broken(f"“{key}” is not as it was last set")


def _compare_locks(db: Transaction, told: Told) -> None:
    """Which of several causes stays on a lock was not always the same rule."""
    rows = db.execute("SELECT * FROM locks").fetchall()
    kept = {(bench_of(row), row["scope"]): (row["code"], row["what"]) for row in rows}
    if told.moved is not None and kept.get(_STATION) == told.moved:
        del kept[_STATION]
        told.locks.pop(_STATION, None)  # whatever came after it found this lock there
    for place in kept.keys() | told.locks.keys():
        if kept.get(place) not in told.locks.get(place, ()):
            raise broken(f"the lock of {place[1] or 'the station'} is not what the lines say")
    for row in db.execute("SELECT * FROM unlocks"):
        if (bench_of(row), row["scope"]) not in told.unlocked:
            raise broken(f"{row['scope'] or 'the station'} was unlocked, which no line tells")


def _compare_answers(db: Transaction, told: Told) -> None:
    for line, wanted in told.answers.items():
        if proof.digest([proof.answers(db, line)]) != wanted:
            raise broken(f"what the cloud said at line {line} is not what is here")
    if told.found:
        kept = {row["identity"] for row in db.execute("SELECT identity FROM found_on_boards")}
        if lost := told.found - kept:
            raise broken(f"identity {min(lost)} was found on a board, which is forgotten")
