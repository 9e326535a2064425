# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.soak.line_bench URL HALL NAME SLOTS FIRST STEP BOARDS: one bench of a line, a process of its own.

Each slot is a thread, which sees board after board until all of its own are done. A board is a file: what a bench has
put on it, it has; two parts of it go on at two moments, and now and then the board is unplugged between them. The slot
does as `station.flow` does, in the order of `rules.plan_for`, and comes again where the ledger says to wait.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from station.codes import Code
from station.errors import LedgerFault, StationError
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.store import Ledger
from station.ledger.where import OnServer
from station.model import Attempt, BoardUid, Evidence, Identity, IdentityKind, Method, State
from station.rules import Known
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import uid

FAULTY = 0.02
"""Of all writes: the board is unplugged in the middle."""
PRODUCTS = ["a1Camera"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """Where the boards are, and what was seen: `done` grows by a byte a board, `wrong` by a line a violation."""

    folder: Path

    @property
    def key(self) -> bytes:
        return bytes.fromhex((self.folder / "key").read_text("ascii"))

    def board(self, number: int) -> Path:
        return self.folder / "boards" / uid(number)

    def done(self, name: str) -> None:
        self._append("done", name, ".")

    def wrong(self, name: str, what: str) -> None:
        self._append("wrong", name, f"{name}: {what}\n")

    def fault(self, name: str) -> None:
        self._append("faults", name, ".")

    def told(self, what: str) -> str:
        return "".join(path.read_text("utf-8") for path in sorted((self.folder / what).iterdir()))

    def _append(self, what: str, name: str, text: str) -> None:
        with (self.folder / what / name).open("a", encoding="utf-8") as file:
            file.write(text)


class Unplugged(Exception):
    """In the middle of a write."""


class Slot:
    """One thread's."""

    def __init__(self, ledger: Ledger, hall: Hall, bench: str, name: str) -> None:
        self._ledger, self._hall, self._bench, self._name = ledger, hall, bench, name
        self._dice = random.Random(f"{bench} {name} {time.time_ns()}")

    def work(self, boards: list[int]) -> None:
        for number in boards:
            while not self._visit(number):
                time.sleep(self._dice.uniform(0.02, 0.2))

    def _visit(self, number: int) -> bool:
        """Whether this board is done, or can never be."""
        try:
            return self._see(number)
        except Unplugged:
            self._hall.fault(self._bench)
            return False
        except LedgerFault as fault:
            if fault.code not in (Code.E320, Code.E323, Code.E329):
                self._hall.wrong(self._bench, f"{fault.code} {fault.what}")
            return False
        except StationError as error:
            self._hall.wrong(self._bench, f"board {number}: {error.code} {error.what}")
            return True
        except Exception as error:
            self._hall.wrong(self._bench, f"board {number}: {error!r}")
            raise

    def _see(self, number: int) -> bool:
        board, held = uid(number), self._hall.board(number)
        known = self._ledger.bound_to(board)
        if known is not None and known.state in (State.RESERVED, State.WRITING):
            self._ledger.recover()
            known = self._ledger.bound_to(board)
        if known is None:
            claim = self._ledger.reserve(PRODUCTS, IdentityKind.SINGLE, board, self._name)
            try:
                self._ledger.begin(claim.attempt)
            except StationError:
                with suppress(StationError):
                    self._ledger.release(claim.attempt, "not begun")
                raise
            self._write(held, claim.identity, claim.attempt)
        elif known.state is State.IN_DOUBT:
            identity = self._ledger.identity(known.identity_id)
            if held.exists() and held.read_text("utf-8") == content(identity):
                self._prove(identity, self._attempt(known, board), State.IN_DOUBT)
            else:
                attempt = self._ledger.resume(known.identity_id, known.attempt, board, self._name)
                self._write(held, identity, attempt)
        elif known.state is not State.CONSUMED:
            return False
        self._hall.done(self._bench)
        return True

    def _attempt(self, known: Known, board: BoardUid) -> Attempt:
        return Attempt(identity_id=known.identity_id, number=known.attempt, board_uid=board, slot=self._name)

    def _write(self, held: Path, identity: Identity, attempt: Attempt) -> None:
        text = content(identity)
        before = held.read_text("utf-8") if held.exists() else ""
        if before and before.partition("\n")[0] != str(identity.name)[: len(before.partition("\n")[0])]:
            self._hall.wrong(self._bench, f"{attempt.board_uid} has {before!r} and gets {identity.name}")
        held.write_text(text[: len(text) // 2], "utf-8")
        try:
            self._unplug_at_times()
            held.write_text(text, "utf-8")
            self._prove(identity, attempt, State.WRITING)
        except (Unplugged, StationError):
            with suppress(StationError):
                self._ledger.doubt(attempt, Code.E311, "unplugged")
            raise

    def _unplug_at_times(self) -> None:
        if self._dice.random() < FAULTY:
            raise Unplugged

    def _prove(self, identity: Identity, attempt: Attempt, expect: State) -> None:
        evidence = Evidence(
            expected=identity.digest(),
            read=identity.digest(),
            uid_before=attempt.board_uid,
            uid_after=attempt.board_uid,
            method=Method.READBACK,
            after_reset=True,
        )
        self._ledger.consume(attempt, evidence, expect=expect)


def content(identity: Identity) -> str:
    """What a board that has it holds."""
    return f"{identity.name}\n{identity.digest()}\n"


def main(url: str, folder: str, name: str, slots: int, boards: list[int]) -> None:
    hall = Hall(folder=Path(folder))
    home = hall.folder / "benches" / name
    place, around = OnServer(url=url, path=home / "line"), Surroundings(home=home / "witness")
    while True:
        try:
            ledger = open_ledger(place, Vault(hall.key), around, actor=name, say=lambda told: _judge(hall, name, told))
            break
        except StationError:  # the server is away just now
            time.sleep(0.2)
    threads = [
        threading.Thread(target=Slot(ledger, hall, name, str(n + 1)).work, args=(boards[n::slots],))
        for n in range(slots)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()


def _judge(hall: Hall, name: str, told: object) -> None:
    if isinstance(told, StationError):
        hall.wrong(name, f"at its opening: {told.code} {told.what}")


def board_of(path: Path) -> BoardUid:
    return BoardUid(path.name)


if __name__ == "__main__":
    at, where, called, *numbers = sys.argv[1:]
    main(at, where, called, int(numbers[0]), list(range(*map(int, numbers[1:]))))
