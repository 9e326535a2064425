# SPDX-License-Identifier: GPL-3.0-or-later
"""A sealed secret that was destroyed is in no file any more: grepped for in the bytes, while a bench works and a wall
board looks on.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from station.ledger.sqlite import sweeping
from station.ledger.store import Ledger
from station.ledger.view import look_at
from station.model import IdentityKind
from tests.ledger.ledger_samples import BATCH, evidence, single, uid
from tests.raw import file_of


@pytest.fixture(autouse=True)
def quick_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "PACE_S", 0.1)


def sealed(ledger: Ledger) -> list[bytes]:
    with ledger.book.read() as db:
        return [row[0] for row in db.execute("SELECT secret FROM certificates WHERE secret IS NOT NULL")]


def seen(folder: Path, secrets: list[bytes]) -> int:
    bytes_on_disk = b"".join(file.read_bytes() for file in folder.glob("ledger.db*"))
    return sum(secret in bytes_on_disk for secret in secrets)


def flash_all(ledger: Ledger, count: int, *, first: int = 0) -> None:
    for number in range(first, first + count):
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), "1")
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_it_is_gone_while_the_bench_goes_on_and_a_wall_board_looks(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(20)])
    secrets, folder = sealed(ledger), ledger.path.parent
    stop = threading.Event()

    def wall_board() -> None:
        with look_at(ledger.path) as view:
            while not stop.wait(0.01):
                view.stock.by_state()

    board = threading.Thread(target=wall_board)
    board.start()
    try:
        assert seen(folder, secrets) == 20
        flash_all(ledger, 15)
        assert until(lambda: seen(folder, secrets) == 5), f"{seen(folder, secrets)} of 20 are on the disk, not 5"
        flash_all(ledger, 5, first=15)
        assert until(lambda: seen(folder, secrets) == 0)
    finally:
        stop.set()
        board.join()


def test_a_reader_in_the_middle_of_a_look_only_puts_it_off(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam1")])
    secrets, folder = sealed(ledger), ledger.path.parent
    with look_at(ledger.path) as other:
        with other.book.read() as db:
            db.execute("SELECT count(*) FROM certificates").fetchone()
            flash_all(ledger, 1)
            assert not file_of(ledger)._sweeper.now()
            time.sleep(1)  # the emptying that is planned now comes too early
            assert seen(folder, secrets) == 1
        assert until(lambda: seen(folder, secrets) == 0)


def test_it_is_gone_when_the_ledger_is_closed_although_a_wall_board_stays(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam1")])
    secrets, folder = sealed(ledger), ledger.path.parent
    with look_at(ledger.path) as other:
        other.stock.by_state()
        flash_all(ledger, 1)
        ledger.close()
        assert seen(folder, secrets) == 0


_KILLED = """
import os, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from tests.ledger.ledger_samples import BATCH, single, uid, evidence
from station.ledger.store import Ledger
from station.model import IdentityKind
from station.secrets.vault import Vault
ledger = Ledger(Path(sys.argv[1]), Vault(bytes.fromhex(sys.argv[3])))
ledger.receive(BATCH, [single("cam1")])
print(ledger.book.connection._sqlite.execute("SELECT secret FROM certificates").fetchone()[0].hex())
claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
ledger.begin(claim.attempt)
ledger.consume(claim.attempt, evidence(claim))
sys.stdout.flush()
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_station_left_is_gone_at_the_next_opening(
    tmp_path: Path, data_key: bytes, open_ledger: Callable[[], Ledger]
) -> None:
    path = tmp_path / "state" / "ledger.db"
    arguments = [str(path), str(Path(__file__).parents[2]), data_key.hex()]
    done = subprocess.run([sys.executable, "-c", _KILLED, *arguments], capture_output=True, text=True, check=False)
    secret = bytes.fromhex(done.stdout.strip())
    assert seen(path.parent, [secret]) == 1
    with look_at(path) as board:
        board.stock.by_state()
        open_ledger()
        assert seen(path.parent, [secret]) == 0
