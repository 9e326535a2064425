# SPDX-License-Identifier: GPL-3.0-or-later
"""An auditor's copy in a folder that nobody may write to is looked at as it is, without a key."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.codes import Exit
from station.whole import write_new
from tests.cli.cli_shell import Done, Shell
from tests.forked import run

OLDER = Path(__file__).parents[1] / "ledger" / "fixtures" / "version-2.db.gz"
AS_ANYBODY = """
import ctypes, runpy, sys
failed = ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522), (ctypes.c_uint32 * 6)())
assert not failed
runpy.run_module("station", run_name="__main__", alter_sys=True)
"""
"""Without capabilities also root obeys the permissions (linux/capability.h: version 3, of this process)."""


@pytest.fixture
def copy(shell: Shell) -> Iterator[Path]:
    """Of a ledger with two certificates."""
    shell.stock_up("cam1", "cam2")
    folder = shell.folder / "copy"
    folder.mkdir()
    shutil.copy2(shell.folder / "state" / "ledger.db", folder / "ledger.db")
    (folder / "ledger.db").chmod(0o400)
    folder.chmod(0o500)
    yield folder
    folder.chmod(0o700)


def look(shell: Shell, copy: Path, *arguments: str) -> Done:
    command = [sys.executable, "-c", AS_ANYBODY, "--set", f"bench.state_dir={copy}", *arguments]
    done = run(command, env={**os.environ, "STATION_CONFIG": "", "HOME": str(shell.folder)})
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", ["status", "certs", "show cam1", "history cam1", "audit verify"])
def test_a_read_only_copy_in_a_read_only_folder_is_looked_at(shell: Shell, copy: Path, command: str) -> None:
    before = sorted(copy.iterdir())
    done = look(shell, copy, *command.split())
    assert (done.code, "Traceback" in done.err) == (Exit.OK, False), done.err
    assert {"status": "READY", "certs": "cam2", "show cam1": "cam1", "history cam1": "cam1", "audit verify": "intact"}[
        command
    ] in done.out
    assert sorted(copy.iterdir()) == before


@pytest.fixture
def older(shell: Shell) -> Iterator[Path]:
    folder = shell.folder / "older"
    folder.mkdir(mode=0o700)
    (folder / "ledger.db").touch(0o400)
    (folder / "ledger.db").write_bytes(gzip.decompress(OLDER.read_bytes()))
    yield folder
    folder.chmod(0o700)


def test_of_an_older_ledger_it_is_said_that_it_is_older_and_not_that_it_is_damaged(shell: Shell, older: Path) -> None:
    older.chmod(0o500)
    done = look(shell, older, "certs")
    assert done.code == Exit.STATION_FAULT, done.err
    assert done.err.startswith(f"E333 the ledger {older}/ledger.db is as certificate-station an-earlier-version left")
    assert look(shell, older, "audit", "verify").code == Exit.OK


def test_what_may_not_be_written_is_named_and_no_copy_of_it_is_left(shell: Shell, older: Path) -> None:
    key = {"schema": 1, "wrap": "plain", "key": base64.b64encode(bytes(range(32))).decode()}
    write_new(older / "station.key", json.dumps(key))
    done = look(shell, older, "import", __file__)
    assert done.err.startswith(f"E320 this user may not write {older}/ledger.db\n"), done.err
    assert list(older.glob("*.backup")) == []


def test_nothing_is_done_with_it(shell: Shell, copy: Path) -> None:
    done = look(shell, copy, "retire", "cam1", "--reason", "scrap")
    assert done.code != Exit.OK
    assert "Traceback" not in done.err
