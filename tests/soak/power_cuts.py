# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger's files as a power cut at any moment may have left them: what was synced is there; of what was not, nothing,
some, half of it, or all in another order. Every such ledger must open, prove its chain, and know of every board that
bytes may have left for.
"""

from __future__ import annotations

import functools
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from station.errors import StationError
from station.ledger.store import Ledger
from station.model import BoardUid, CertName, State
from station.secrets.vault import Vault
from tests.raw import raw
from tests.soak.fatal import build
from tests.soak.toll import Toll
from tests.soak.working_ledger import IDENTITIES, KEY, MARKS

SOURCE = Path(__file__).with_name("told_calls.c")
WORK = Path(__file__).with_name("working_ledger.py")
_SECTOR = 512
KINDS = ("synced only", "random", "torn", "reordered")
_LOG = "ledger.db-wal"
_HEAD = 24
"""Bytes before each page in it; see https://www.sqlite.org/fileformat2.html#the_write_ahead_log"""
_OF_A_CLAIM = 2
"""Commits that one sync carries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to a file: W rite, T runcate, S ync, U nlink, R ename."""

    verb: str
    path: str
    at: int = 0
    data: bytes = b""
    other: str = ""


@functools.cache
def record() -> Sequence[Call]:
    """All that a station's work does to its files, once for whoever asks."""
    with tempfile.TemporaryDirectory() as place:
        folder, told = Path(place).resolve() / "state", Path(place) / "told"
        library = build(SOURCE)
        assert library is not None, "needs a C compiler"
        environment = os.environ | {"LD_PRELOAD": str(library), "TOLD_TO": str(told), "TOLD_UNDER": str(folder)}
        subprocess.run([sys.executable, WORK, folder], env=environment, check=True)
        return list(_calls(told.read_bytes(), f"{folder}/"))


def _calls(told: bytes, under: str) -> Iterator[Call]:
    at = 0
    while at < len(told):
        end = told.index(b"\n", at)
        verb, _, rest = told[at:end].decode().partition(" ")
        at = end + 1
        if verb == "W":
            offset, size, path = rest.split(" ", 2)
            yield Call(verb=verb, path=path.removeprefix(under), at=int(offset), data=told[at : at + int(size)])
            at += int(size) + 1
        elif verb == "T":
            size, path = rest.split(" ", 1)
            yield Call(verb=verb, path=path.removeprefix(under), at=int(size))
        else:
            path, _, other = rest.partition("\t")
            yield Call(verb=verb, path=path.removeprefix(under), other=other.removeprefix(under))


@dataclass(slots=True)
class Disk:
    """What is on the disk for certain, and what was written since each file's last sync."""

    synced: dict[str, bytes] = field(default_factory=dict)
    pending: dict[str, list[Call]] = field(default_factory=dict)

    def do(self, call: Call) -> None:
        """A name's coming and going is taken for durable: the journal of the file system keeps that order."""
        if call.verb == "S":
            for waiting in self.pending.pop(call.path, []):
                self.synced[call.path] = changed(self.synced.get(call.path, b""), waiting)
        elif call.verb == "U":
            self.synced.pop(call.path, None)
            self.pending.pop(call.path, None)
        elif call.verb == "R":
            self.synced[call.other] = self.synced.pop(call.path, b"")
            self.pending[call.other] = self.pending.pop(call.path, [])
        else:
            self.synced.setdefault(call.path, b"")
            self.pending.setdefault(call.path, []).append(call)

    def cut(self, kind: str, dice: random.Random) -> dict[str, bytes]:
        """The files as a power cut now may leave them."""
        return {path: self._left(path, kind, dice) for path in self.synced}

    def _left(self, path: str, kind: str, dice: random.Random) -> bytes:
        content, waiting = self.synced[path], list(self.pending.get(path, []))
        if path in MARKS:  # what boards and people saw is not undone by a power cut
            kind = "all"
        if kind == "synced only":
            waiting = []
        elif kind != "all":
            waiting = [call for call in waiting if dice.random() < 0.5]
        if kind == "reordered":
            dice.shuffle(waiting)
        if kind == "torn" and waiting and waiting[-1].verb == "W":
            last = waiting.pop()
            half = dice.randrange(0, len(last.data) + 1, _SECTOR) if len(last.data) > _SECTOR else 0
            waiting.append(Call(verb="W", path=path, at=last.at, data=last.data[:half]))
        for call in waiting:
            content = changed(content, call)
        return content


def changed(content: bytes, call: Call) -> bytes:
    """A file after one write or truncation."""
    if call.verb == "T":
        return content[: call.at].ljust(call.at, b"\0")
    head = content[: call.at].ljust(call.at, b"\0")
    return head + call.data + content[call.at + len(call.data) :]


def faults_of(files: dict[str, bytes], folder: Path) -> list[str]:
    """Open the ledger that is left, as the station does when it starts, and compare it with what was seen outside."""
    folder.mkdir(mode=0o700)
    for path, content in files.items():
        file = folder / path
        file.touch(0o600)
        file.write_bytes(content)
    sent, done, received = (files.get(mark, b"").decode().splitlines() for mark in MARKS)
    if not received:
        return []
    try:
        with Ledger(folder / "ledger.db", Vault(KEY)) as ledger:
            ledger.recover()
            ledger.audit.verify()
            wrong = [what for line in sent if (what := _of_sent(ledger, *line.split()))]
            lost = [name for name in done if _state(ledger, name)[0] is not State.CONSUMED]
            with raw(ledger.path) as db:
                held = db.execute("SELECT count(*) FROM identities").fetchone()[0]
    except StationError as error:
        return [f"{error.code} {error.what}"]
    wrong += [f"{name} was CONSUMED and is not any more" for name in lost]
    return wrong + ([] if held == IDENTITIES else [f"{held} identities are left of {IDENTITIES}"])


def _state(ledger: Ledger, name: str) -> tuple[State | None, BoardUid | None]:
    known = ledger.named(CertName("a1Camera", name))
    return (known.state, known.board_uid) if known else (None, None)


def _of_sent(ledger: Ledger, name: str, uid: str) -> str:
    state, married_to = _state(ledger, name)
    if state in (State.IN_DOUBT, State.CONSUMED) and married_to == uid:
        return ""
    return f"{name} went to {uid}, and is {state} of {married_to}"


def cut_everywhere(folder: Path, *, every: int = 1, seed: int = 1) -> Toll:
    """A cut after each `every`-th call, of each kind."""
    toll, dice, disk = Toll("power cuts"), random.Random(seed), Disk()
    folder.mkdir()
    calls = record()
    toll.runs = 1
    for number, call in enumerate(calls):
        disk.do(call)
        if number % every:
            continue
        for kind in KINDS:
            toll.faults += 1
            left = folder / f"cut-{number}-{kind.replace(' ', '-')}"
            toll.violations += [
                f"{kind}, after call {number}: {what}" for what in faults_of(disk.cut(kind, dice), left)
            ]
            for file in left.iterdir():
                file.unlink()
            left.rmdir()
    toll.remarks = f"{len(calls)} calls"
    return toll


def cut_within(folder: Path, *, step: int, claims: int = 1) -> Toll:
    """A cut behind each `step`-th byte of what a reservation and the WRITING behind it put into the log, up to the sync
    that WRITING waits for: none is in between. So for the first `claims` of them."""
    toll, disk = Toll("power cuts within a claim"), Disk()
    folder.mkdir()
    for call in record():
        if call.verb == "S" and len(_commits(disk.pending.get(_LOG, []))) == _OF_A_CLAIM and claims:
            claims -= 1
            files, waiting = disk.cut("synced only", random.Random(1)), disk.pending[_LOG]
            for end in range(0, sum(len(one.data) for one in waiting) + 1, step):
                toll.faults += 1
                found = faults_of({**files, _LOG: _until(files.get(_LOG, b""), waiting, end)}, folder / f"cut-{end}")
                toll.violations += [f"{end} bytes behind the last sync: {what}" for what in found]
                shutil.rmtree(folder / f"cut-{end}")
        disk.do(call)
    toll.runs = 1
    return toll


def _until(content: bytes, calls: Sequence[Call], end: int) -> bytes:
    """Only so many of their bytes."""
    for call in calls:
        content = changed(content, Call(verb="W", path=call.path, at=call.at, data=call.data[:end])) if end else content
        end -= min(end, len(call.data))
    return content


def _commits(calls: Sequence[Call]) -> list[Call]:
    """Those with the head of a page that ends a commit: it says how many pages the file has then."""
    return [call for call in calls if len(call.data) == _HEAD and int.from_bytes(call.data[4:8])]
