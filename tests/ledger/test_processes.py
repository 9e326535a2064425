# SPDX-License-Identifier: GPL-3.0-or-later
"""Several processes on one ledger: no identity twice, and a killed one leaves doubt, never a free certificate."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from station.errors import ConfigError, IntegrityAlarm, LedgerFault
from station.ledger.sqlite.connection import Connection
from station.ledger.sqlite.holders import LOOK_AFTER_MS, OPENING_MS
from station.ledger.store import Ledger
from station.model import State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, single
from tests.started import rest_of, start

CLAIMER = """
import sys, time
from pathlib import Path
from station.errors import NoCertificates
from station.ledger.store import Ledger
from station.model import BoardUid, IdentityKind
from station.secrets.vault import Vault
path, key, who, stop_at = sys.argv[1:]
ledger = Ledger(Path(path), Vault(bytes.fromhex(key)))
print("open", flush=True)
for n in range(1000):
    try:
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, BoardUid.parse(f"{who}{n:08x}"), "1")
    except NoCertificates:
        break
    if stop_at != "reserved":
        ledger.begin(claim.attempt)
    print(claim.identity.name, flush=True)
    if stop_at != "never":
        time.sleep(60)
"""


def claimer(ledger: Ledger, key: bytes, who: str, stop_at: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", CLAIMER, str(ledger.path), key.hex(), who, stop_at]
    process = start(arguments, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def test_processes_never_take_the_same_identity(open_ledger: Callable[[], Ledger], data_key: bytes) -> None:
    ledger = open_ledger()
    ledger.receive(BATCH, [single(f"cam{i}") for i in range(200)])
    processes = [claimer(ledger, data_key, f"bench{n}-", "never") for n in range(4)]
    taken = [line for p in processes for line in rest_of(p)[0].splitlines()]
    assert len(taken) == len(set(taken)) == 200
    assert all(p.returncode == 0 for p in processes)


@pytest.mark.parametrize(("stop_at", "becomes"), [("reserved", State.READY), ("writing", State.IN_DOUBT)])
def test_a_killed_process_is_recovered_and_a_living_one_is_left_alone(
    open_ledger: Callable[[], Ledger], data_key: bytes, stop_at: str, becomes: State
) -> None:
    ledger = open_ledger()
    ledger.receive(BATCH, [single("a"), single("b")])
    dying, living = (claimer(ledger, data_key, who, stop_at) for who in ("dying", "living"))
    for process in (dying, living):
        assert process.stdout is not None
        process.stdout.readline()
    os.kill(dying.pid, signal.SIGKILL)
    dying.wait()
    ledger.recover()
    held = {known.state for name in ("a", "b") if (known := ledger.named(single(name).name))}
    assert all(row.code == "E301" for row in ledger.certificates.unsettled())
    assert held == {becomes, State.RESERVED if stop_at == "reserved" else State.WRITING}
    ledger.audit.verify()
    living.kill()
    living.wait()
    ledger.recover()
    assert ledger.stock.by_state()[becomes] == 2


def test_files_are_private_from_the_first_moment(ledger: Ledger) -> None:
    folder = ledger.path.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) & 0o077 for p in folder.iterdir()} == {0}


def test_a_ledger_others_may_read_is_refused(open_ledger: Callable[[], Ledger]) -> None:
    with open_ledger() as ledger:
        path = ledger.path
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="read by others"):
        open_ledger()


def test_a_disk_that_takes_no_durable_writes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's file system layer for disks without locks or shared memory stands for such a disk: it has no WAL."""
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def elsewhere(address: str, **options: Any) -> sqlite3.Connection:
        return connect(f"{address}&vfs=unix-dotfile", **options)

    monkeypatch.setattr("station.ledger.sqlite.connection.sqlite3.connect", elsewhere)
    with pytest.raises(LedgerFault) as refused:
        Ledger(tmp_path / "state" / "ledger.db", Vault(bytes(32)))
    assert refused.value.code == "E321"


def test_who_only_begins_is_told_sooner_of_whoever_keeps_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ledger.db"
    with closing(Connection(path)) as connection:
        asked = [connection._sqlite.execute("PRAGMA busy_timeout").fetchone()[0]]
        with connection.write() as db:
            asked.append(db.execute("PRAGMA busy_timeout").fetchone()[0])
    assert asked == [OPENING_MS, LOOK_AFTER_MS]
    assert OPENING_MS < LOOK_AFTER_MS


def test_every_commit_is_synced(ledger: Ledger) -> None:
    with ledger.book.read() as db:
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_write_that_does_not_come_to_its_end_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(KeyboardInterrupt), ledger.book.write() as db:
        db.execute("INSERT INTO meta VALUES ('half', '1')")
        raise KeyboardInterrupt
    with ledger.book.read() as db:
        assert db.execute("SELECT 1 FROM meta WHERE key = 'half'").fetchone() is None


def test_a_row_that_belongs_to_no_other_is_refused(ledger: Ledger) -> None:
    with pytest.raises(IntegrityAlarm, match="FOREIGN KEY"), ledger.book.write() as db:
        db.execute(
            "INSERT INTO identities (batch, provider, product_key, kind, size, state, version, changed_at)"
            " VALUES (99, 'living', 'p', 'single', 1, 'READY', 0, '')"
        )


def test_a_second_ledger_in_this_process_does_not_take_away_the_locks_of_the_first(
    open_ledger: Callable[[], Ledger],
) -> None:
    """POSIX locks belong to the process: closing any descriptor of a file drops all its locks on it."""
    ledger = open_ledger()
    ledger.receive(BATCH, [single("cam")])
    intruder = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "try: db.execute('BEGIN IMMEDIATE')\n"
        "except sqlite3.OperationalError as error: print(error)"
    )
    with ledger.book.write():
        Connection(ledger.path).close()
        command = [sys.executable, "-c", intruder, str(ledger.path)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == "database is locked\n"


def test_a_folder_that_keeps_no_mark_of_who_is_alone_is_the_ledgers_trouble(ledger: Ledger) -> None:
    mark = hashlib.sha256(b"outbox mes").hexdigest()[:16]
    (ledger.path.parent / f".{ledger.path.name}.only-{mark}").mkdir()
    with pytest.raises(LedgerFault, match="Is a directory"), ledger.outbox.alone("mes"):
        pass
