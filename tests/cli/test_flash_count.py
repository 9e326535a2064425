# SPDX-License-Identifier: GPL-3.0-or-later
"""A script that asks for more boards than there are certificates hears of it, and is not left waiting; one that is to
use up one batch gets nothing of another."""

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
        again = shell("flash", "--profile", "cam", "--port", str(port), "--count", "1")
    assert (done.code, done.json[-1]["passed"]) == (Exit.NO_CERTIFICATES, 1)
    assert (again.code, "ab01" in again.err, again.err.count("no part of --count")) == (Exit.NO_CERTIFICATES, True, 1)
    assert [one.device_name for one in read_identity(store) or []] == ["cam1"]


def test_a_count_that_an_order_has_no_room_for_ends_in_six(shell: Shell, tmp_path: Path) -> None:
    """As of two benches on one order: neither knows how many of its boards the other one makes."""
    shell.write_profile()
    shell.stock_up("cam1", "cam2")
    port, store = tmp_path / "tty", tmp_path / "flash"
    cam = ("flash", "--profile", "cam", "--port", str(port), "--order", "WO-1", "--quantity", "1", "--json")
    with SimulatedAgentBoard("ab01", store, port):
        full = shell(*cam, "--count", "2")
    assert (full.code, full.json[-1]["passed"], full.json[-1]["ready"]) == (Exit.PERSON_NEEDED, 1, 1)
    assert (full.json[-2]["event"], full.json[-2]["code"]) == ("notice", "E640")
    assert shell(*cam, "--count", "1").code == Exit.PERSON_NEEDED
    with SimulatedAgentBoard("ab01", store, port):
        done = shell(*cam, "--count", "1")
    assert (done.code, done.json[-1]["already_done"]) == (Exit.PERSON_NEEDED, 1), "what is in is looked at first"


def test_a_batch_alone_is_used_up_whatever_else_is_in_stock(shell: Shell, tmp_path: Path) -> None:
    shell.write_profile()
    shell.stock_up("cam1")
    shell.stock_up("new1", "new2", batch="78")
    port, store = tmp_path / "tty", tmp_path / "flash"
    cam = ("flash", "--profile", "cam", "--port", str(port), "--json")
    for wrong, said in (("79", "the ledger has no batch 79"), ("  ", "it is empty"), ("", "it is empty")):
        refused = shell(*cam, "--batch", wrong)
        assert (refused.code, said in refused.err) == (Exit.USAGE, True)
    with SimulatedAgentBoard("ab01", store, port):
        done = shell(*cam, "--batch", " 78 ")
    assert (done.code, done.json[-1]["passed"], done.json[-1]["ready"]) == (Exit.OK, 1, 1)
    assert [one.device_name for one in read_identity(store) or []] == ["new1"]
    with SimulatedAgentBoard("ab02", tmp_path / "flash2", port):
        assert shell(*cam, "--batch", "78", "--count", "1").code == Exit.OK
    with SimulatedAgentBoard("ab03", tmp_path / "flash3", port):
        none = shell(*cam, "--batch", "78")
    assert (none.code, none.json[-1]["ready"]) == (Exit.NO_CERTIFICATES, 0)
    assert "no READY single identity of batch 78 is left for a1Cam" in none.out
