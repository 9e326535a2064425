# SPDX-License-Identifier: GPL-3.0-or-later
"""Benches on one ledger while the server is killed, and benches are: judged by what is on the boards.

A board here is a file: what a bench has put on it, it has. A bench puts an identity on a board only when `begin` has
returned.
"""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH as ROLE
from station.ledger.store import Ledger
from station.model import BoardUid, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, single
from tests.postgres.server import Server
from tests.started import start

BENCH = """
import sys
from pathlib import Path
from station.errors import LedgerFault, NoCertificates
from station.ledger.postgres.connection import LineConnection
from station.ledger.store import Ledger
from station.model import BoardUid, IdentityKind
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import evidence
url, key, who, boards = sys.argv[1:]
ledger = Ledger(LineConnection(url, Path(boards).with_name(who)), Vault(bytes.fromhex(key)), actor=who)
print("open", flush=True)
number = 0
while True:
    number += 1
    uid = BoardUid.parse(f"{who}{number:08x}")
    try:
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid, "1")
        ledger.begin(claim.attempt)
        with (Path(boards) / uid).open("a") as board:
            board.write(f"{claim.identity.name}\\n")
        ledger.consume(claim.attempt, evidence(claim))
    except LedgerFault:
        continue
    except NoCertificates:
        break
print("done", flush=True)
"""


class Hall:
    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder, self.key = url, folder, secrets.token_bytes(32)
        self.boards = folder / "boards"
        self.boards.mkdir()
        self.running: list[subprocess.Popen[str]] = []

    def bench(self, who: str) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", BENCH, self.url, self.key.hex(), who, str(self.boards)]
        process = start(arguments, stderr=subprocess.DEVNULL)
        assert process.stdout is not None and process.stdout.readline() == "open\n"
        self.running.append(process)
        return process

    def ledger(self) -> Ledger:
        return Ledger(LineConnection(self.url, self.folder / "line"), Vault(self.key))

    def written(self) -> dict[BoardUid, list[str]]:
        """What is on each board."""
        return {BoardUid(path.name): path.read_text().splitlines() for path in self.boards.iterdir() if path.is_file()}


@pytest.fixture
def hall(server: Server, database: str, tmp_path: Path) -> Iterator[Hall]:
    one = Hall(server.url(database, ROLE), tmp_path)
    yield one
    for process in one.running:
        process.kill()
        process.wait()


def until_written(hall: Hall, many: int) -> None:
    deadline = time.monotonic() + 60
    while len(hall.written()) < many:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_no_identity_is_on_two_boards_and_none_is_lost(hall: Hall, server: Server) -> None:
    many = 120
    with hall.ledger() as ledger:
        ledger.receive(BATCH, [single(f"cam{n}") for n in range(many)])
    first, _, last = (hall.bench(who) for who in ("b1", "b2", "b3"))
    for step, killed in enumerate((first, last), 1):
        until_written(hall, step * 15)
        server.kill()
        server.start()
        until_written(hall, step * 15 + 7)
        killed.send_signal(signal.SIGKILL)
    assert hall.running[1].wait(90) == 0
    with hall.ledger() as ledger:
        ledger.recover()
        boards = hall.written()
        names = Counter(name for held in boards.values() for name in held)
        assert max(names.values()) == 1 and max(map(len, boards.values())) == 1
        for board, (name,) in boards.items():
            bound = ledger.bound_to(board)
            assert bound is not None and str(bound.name) == name, (
                f"{name} is on {board}, which the ledger does not know"
            )
        states = ledger.stock.by_state()
        assert states[State.CONSUMED] + states[State.IN_DOUBT] + states[State.READY] == many
        assert states[State.CONSUMED] + states[State.IN_DOUBT] >= len(boards) > 40
        assert ledger.audit.verify() == ledger.audit.head()
