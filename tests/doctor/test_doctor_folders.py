# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a bench keeps its things: what is not private and what is not there is told, and mended with --fix; a ledger on
another machine's disk is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.codes import Exit
from station.doctor import Level
from station.doctor.folders import kind_of_disk, local
from tests.cli.cli_shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.begin()
    return made


def open_to_others(shell: Shell) -> dict[Path, int]:
    """Whose modes a bench does not work with; the right ones."""
    state = shell.folder / "state"
    private = {state: 0o700, state / "station.key": 0o600, state / "ledger.db": 0o600}
    for path, mode in private.items():
        path.chmod(mode | 0o044)
    return private


def test_what_is_not_private_is_mended_when_it_is_meant(shell: Shell) -> None:
    private = open_to_others(shell)
    (shell.folder / "profiles").rmdir()
    assert shell("doctor").code == Exit.STATION_FAULT
    asked = shell("doctor", "--fix")
    assert (asked.code, "chmod 600" in asked.err, "--yes" in asked.err) == (Exit.PERSON_NEEDED, True, True), asked
    assert all(path.stat().st_mode & 0o777 != mode for path, mode in private.items()), "nothing was done"
    done = shell("doctor", "--fix", "--yes")
    assert (done.code, done.err.count("done: chmod") >= len(private)) == (Exit.OK, True), done
    assert {path: path.stat().st_mode & 0o777 for path in private} == private
    assert (shell.folder / "profiles").is_dir()


def test_what_is_said_to_mend_it_does(shell: Shell) -> None:
    """By hand, as it stands there."""
    open_to_others(shell)
    for finding in shell("doctor", "--json").json[0]["findings"]:
        words = finding["do"].split()
        if finding["check"] == "private":
            assert words[0] == "chmod"
            Path(words[2]).chmod(int(words[1], 8))
    assert shell("doctor").code == Exit.OK


def test_where_all_is_well_nothing_is_asked(shell: Shell) -> None:
    assert shell("doctor", "--fix").code == Exit.OK


@pytest.mark.parametrize(("kind", "is_wrong"), [("nfs4", True), ("cifs", True), ("ext4", False), ("", False)])
def test_a_ledger_on_another_machines_disk_is_told(kind: str, *, is_wrong: bool, tmp_path: Path) -> None:
    state = tmp_path / "a share" / "state"
    state.mkdir(parents=True)
    mounts = tmp_path / "proc" / "self" / "mountinfo"
    mounts.parent.mkdir(parents=True)
    lines = ["22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw"]
    if kind:
        place = str(state.parent).replace(" ", "\\040")
        lines += [f"30 22 0:44 / {place} rw shared:2 master:1 - {kind} nas:/share rw", "half a line"]
    mounts.write_text("\n".join(lines))
    assert kind_of_disk(state, tmp_path) == (kind or "ext4")
    assert [finding.level for finding in local(state, tmp_path)] == [Level.WRONG] * is_wrong
    assert kind_of_disk(state, tmp_path / "none") == ""
