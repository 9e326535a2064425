# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing of a bench is for others: whatever the umask, whatever was opened wide by hand; no image of its memory."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from station.model import Secret
from station.secrets.files import write_secret_file
from station.secrets.keys import create_key
from station.simulate.agent_store import AgentStore
from station.simulate.console_store import Cells
from tests.cli.cli_shell import Shell


def wide(folder: Path) -> list[str]:
    """What somebody else could read or enter."""
    return [
        f"{path.relative_to(folder)} {stat.S_IMODE(path.stat().st_mode):o}"
        for path in folder.rglob("*")
        if not path.is_symlink() and path.stat().st_mode & 0o077
    ]


def in_wide_umask(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "c"), "XDG_STATE_HOME": str(folder / "s")}
    command = [sys.executable, "-m", "station", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, umask=0, env={**os.environ, **home, "STATION_CONFIG": ""}
    )


def test_whatever_the_umask_nothing_is_made_for_others(tmp_path: Path) -> None:
    made = in_wide_umask(
        tmp_path, "init", "--file", str(tmp_path / "b/station.toml"), "--state-dir", str(tmp_path / "a/s")
    )
    assert made.returncode == 0, made.stderr
    config = ["--config", str(tmp_path / "b/station.toml")]
    assert in_wide_umask(tmp_path, *config, "profile", "new", "mine", "--like", "agent").returncode in (0, 2)
    assert in_wide_umask(tmp_path, *config, "status").returncode == 0
    assert in_wide_umask(tmp_path, *config, "backup", str(tmp_path / "b/backup")).returncode == 0
    assert wide(tmp_path) == []


def test_a_simulated_boards_store_is_private_too(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        AgentStore(tmp_path / "agent")
        Cells(tmp_path / "console.json")["DeviceSecret"] = "x"
    finally:
        os.umask(before)
    assert wide(tmp_path) == []


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_state_folder_that_others_may_write_in_is_refused(shell: Shell, mode: int) -> None:
    state = shell.folder / "state"
    state.chmod(mode)
    done = shell("status")
    assert (done.code, done.err.split()[0]) == (2, "E114")
    assert f"chmod 700 {state}" in done.err
    state.chmod(0o700)
    assert shell("status").code == 0


@pytest.mark.parametrize("mode", [0o666, 0o620])
def test_a_configuration_that_others_may_write_is_refused(shell: Shell, mode: int) -> None:
    shell.config.chmod(mode)
    done = shell("status")
    assert (done.code, done.err.split()[0]) == (2, "E110")
    assert f"chmod go-w {shell.config}" in done.err


def test_init_makes_no_new_key_for_a_ledger_that_has_lost_its_own(shell: Shell) -> None:
    (shell.folder / "state" / "station.key").rename(shell.folder / "kept")
    other = str(shell.folder / "other.toml")
    done = shell("init", "--file", other, "--state-dir", str(shell.folder / "state"))
    assert (done.code, done.err.split()[0]) == (2, "E114")
    assert not (shell.folder / "state" / "station.key").exists()
    for command in (["status"], ["config", "check"]):
        lost = shell(*command)
        assert (lost.code, lost.err.split()[0]) == (2, "E114")
        assert "station init" not in lost.err
    doctor = shell("doctor")
    assert doctor.code == 3
    assert "wrong    key" in doctor.out
    (shell.folder / "kept").rename(shell.folder / "state" / "station.key")
    assert shell("status").code == 0


def test_doctor_finds_a_key_of_another_ledger(shell: Shell) -> None:
    assert shell("status").code == 0
    key = shell.folder / "state" / "station.key"
    key.unlink()
    create_key(key)
    found = shell("doctor")
    assert found.code == 3
    assert "does not belong to the ledger" in found.out
    assert "E702" not in found.out, "what that key cannot read proves nothing"


def test_a_short_passphrase_makes_no_key(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    asked = [("New passphrase", "short"), ("Repeat", "short")]
    code, shown = shell.on_terminal(
        "init",
        "--key",
        "passphrase",
        "--file",
        str(tmp_path / "s.toml"),
        "--state-dir",
        str(tmp_path / "state"),
        answers=asked,
    )
    assert (code, "E128" in shown) == (2, True)
    assert not (tmp_path / "state" / "station.key").exists()


_LOOK = """
import ctypes, resource, sys
from pathlib import Path
from station.secrets.{module} import {opens}
{opens}(Path(sys.argv[1]))
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE))
"""


def leaves_of(module: str, opens: str, file: Path) -> list[str]:
    """Whether a process that has opened it leaves a core, and how large."""
    look = _LOOK.format(module=module, opens=opens)
    done = subprocess.run([sys.executable, "-c", look, str(file)], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_who_opens_the_vault_leaves_no_core(tmp_path: Path) -> None:
    create_key(tmp_path / "station.key")
    assert leaves_of("keys", "open_vault", tmp_path / "station.key") == ["0", "0", "0"]


def test_who_reads_an_accounts_secret_or_a_password_leaves_no_core(tmp_path: Path) -> None:
    """`station product list` opens no vault."""
    write_secret_file(tmp_path / "cloud.secret", Secret("0123456789"))
    assert leaves_of("files", "read_secret_file", tmp_path / "cloud.secret") == ["0", "0", "0"]
