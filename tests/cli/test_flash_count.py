# SPDX-License-Identifier: GPL-3.0-or-later
"""A script that asks for more boards than there are certificates hears of it, and is not left waiting."""

from __future__ import annotations

from pathlib import Path

from station.codes import Exit
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from tests.cli.cli_shell import Shell


def test_a_count_that_cannot_be_reached_ends_in_five(shell: Shell, tmp_path: Path) -> None:
    shell.write_profile()
    port, store = tmp_path / "tty", tmp_path / "flash"
    empty = shell("flash", "--profile", "cam", "--port", str(port), "--count", "2")
    assert (empty.code, empty.err.count("E500")) == (Exit.NO_CERTIFICATES, 1)
    shell.stock_up("cam1")
    with SimulatedAgentBoard("ab01", store, port):
        done = shell("flash", "--profile", "cam", "--port", str(port), "--count", "2", "--json")
    assert (done.code, done.json[-1]["passed"]) == (Exit.NO_CERTIFICATES, 1)
    assert [one.device_name for one in read_identity(store) or []] == ["cam1"]
