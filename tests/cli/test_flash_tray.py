# SPDX-License-Identifier: GPL-3.0-or-later
"""A tray of simulated boards gives a run's ports one board after the other, each once, and takes none out of the
station's hand."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
import serial

from station.codes import Exit
from station.simulate import tray
from station.simulate.agent_board import read_identity
from station.simulate.tray import Tray, TrayBoard
from station.targets.hotplug import node_token
from tests.cli.cli_shell import Shell
from tests.waiting import until

UIDS = ("ab0e", "ab0f", "ab10", "ab11", "ab12")


def test_a_run_gets_every_board_once_and_one_that_is_done_leaves_too(shell: Shell, tmp_path: Path) -> None:
    shell.write_profile()
    shell.stock_up(*(names := [f"cam{number}" for number in UIDS]))
    links = [tmp_path / "tty1", tmp_path / "tty2"]
    ports = [word for link in links for word in ("--port", str(link))]
    with Tray("ab0e", 5, links):
        done = shell("flash", "--profile", "cam", *ports, "--count", "5", "--json")
        until(lambda: not any(link.exists() for link in links))  # none is left to put in
    assert (done.code, done.json[-1]["passed"]) == (Exit.OK, 5)
    held = [read_identity(tmp_path / f"{uid}.flash") or [] for uid in UIDS]
    assert sorted(one.device_name for found in held for one in found) == sorted(names)
    with Tray("ab0e", 1, links):
        again = shell("flash", "--profile", "cam", *ports[:2], "--json")
        until(lambda: not links[0].exists())
    assert again.json[-1]["already_done"] == 1


def test_a_board_in_hand_stays_and_one_left_unfinished_is_put_in_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray, "AGAIN_S", 0.0)
    link = tmp_path / "tty"
    with Tray("ab01", 1, [link]):
        first = node_token(str(link))
        with serial.Serial(str(link), timeout=5, exclusive=True) as port:
            port.write(b"@1 WHO*%08x\n" % zlib.crc32(b"@1 WHO"))
            assert port.readline()
            board = TrayBoard("ab02", tmp_path / "other", link)  # looks at the same port
            assert not board.is_let_go
            assert node_token(str(link)) == first
        until(lambda: node_token(str(link)) not in (None, first))
