# SPDX-License-Identifier: GPL-3.0-or-later
"""A serial number at the command line: given with the board, looked up, and corrected by a supervisor."""

from __future__ import annotations

import csv
import io

import pytest

from station.codes import Exit
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from tests.cli.cli_shell import PIN, Done, Shell


@pytest.fixture
def factory(shell: Shell) -> Shell:
    shell.stock_up("cam1", "cam2")
    shell.write_profile()
    profile = shell.folder / "profiles" / "cam.toml"
    profile.write_text(profile.read_text() + 'serial = {ask = "required", pattern = "^SN[0-9]+$"}\n')
    assert shell("supervisor", "set-pin", "--name", "Li Wei", "--new-pin-file", shell.private("pin", PIN)).code == 0
    return shell


def flash(shell: Shell, number: int, *arguments: str) -> Done:
    with SimulatedAgentBoard(f"ab{number:014x}", shell.folder / f"{number}.bin") as board:
        return shell("flash", "--profile", "cam", "--port", board.url, "--json", *arguments)


def on_board(shell: Shell, number: int) -> list[str]:
    path = shell.folder / f"{number}.bin"
    return [c.device_name for c in (read_identity(path) if path.exists() else None) or []]


def test_it_goes_with_the_board_and_finds_it_again(factory: Shell) -> None:
    for wrong, code in (((), "--serial TEXT"), (("--serial", "WRONG"), "E127"), (("--serial", "NONE"), "E127")):
        refused = flash(factory, 1, *wrong)
        assert (refused.code, code in refused.err, on_board(factory, 1)) == (Exit.USAGE, True, [])
    done = flash(factory, 1, "--serial", "sn1")
    passed = done.json[-2]
    assert (done.code, passed["state"], passed["serial"], on_board(factory, 1)) == (0, "PASS", "SN1", ["cam1"])
    taken = flash(factory, 2, "--serial", "SN1")
    assert (taken.code, "E217" in taken.out, on_board(factory, 2)) == (Exit.PERSON_NEEDED, True, [])
    assert factory("show", "SN1", "--json").json[0]["serial"] == "SN1"
    history = factory("history", "sn1", "--json").json[0]
    assert (history["board_uid"], history["certificates"][0]["name"]) == ("ab00000000000001", "a1Cam/cam1")
    rows = list(csv.DictReader(io.StringIO(factory("report", "export").out)))
    assert [(row["device_name"], row["serial"]) for row in rows] == [("cam1", "SN1"), ("cam2", "")]


def test_only_a_supervisor_corrects_it_with_a_reason(factory: Shell) -> None:
    assert flash(factory, 1, "--serial", "SN2").code == 0
    correct = ("serial", "correct", "ab00000000000001", "SN1", "--reason")
    pin = ("--pin-file", str(factory.folder / "pin"))
    assert factory(*correct, "mixed up").code == Exit.PERSON_NEEDED
    assert factory(*correct, " ", *pin).code == Exit.USAGE
    done = factory(*correct, "mixed up", *pin)
    assert (done.code, "SN2 → SN1" in done.err) == (0, True)
    assert factory("show", "SN2", "--json").json[0]["serial"] == "SN1"  # who had it last
    assert flash(factory, 2, "--serial", "SN2").code == 0
    swap = factory("serial", "correct", "ab00000000000001", "SN2", "--reason", "x", *pin)
    assert (swap.code, "E217" in swap.err, "ab00000000000002" in swap.err) == (Exit.PERSON_NEEDED, True, True)
    told = factory("history", "ab00000000000001").out
    assert "serial number taken away" in told and "mixed up" in told
    assert factory("audit", "verify").code == 0
