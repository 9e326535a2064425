# SPDX-License-Identifier: GPL-3.0-or-later
"""An NVR whose cameras are boards of their own: the commands say what each board became and what is still missing."""

from __future__ import annotations

from pathlib import Path

from station.ledger.values import BatchKey
from station.model import Certificate, Identity, IdentityKind, Provider, Secret
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from tests.cli.cli_shell import Shell


def certificate(product: str, name: str) -> Certificate:
    return Certificate(product_key=product, device_name=name, device_secret=Secret(f"Secret-{name}"))


def flash(shell: Shell, number: int) -> str:
    with SimulatedAgentBoard(f"ab{number:014x}", shell.folder / f"{number}.bin") as board:
        done = shell("flash", "--profile", "cam", "--port", board.url)
    assert done.code == 0, done.err
    return next(line for line in done.err.splitlines() if "PASS" in line)


def on_board(folder: Path, number: int) -> list[str]:
    return [c.device_name for c in read_identity(folder / f"{number}.bin") or []]


def test_each_board_is_told_which_member_it_became_and_what_the_set_still_wants(shell: Shell) -> None:
    cameras = (certificate("a1Ipc", "ipc-1"), certificate("a1Ipc", "ipc-2"))
    nvr = Identity(primary=certificate("a1Nvr", "nvr"), channels=cameras, kind=IdentityKind.SET)
    with shell.open_ledger() as ledger:
        ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="78", product_key="a1Nvr"), [nvr])
    shell.write_profile(products=["a1Nvr", "a1Ipc"], identity="nvr-members")
    assert "channel 1 of nvr, 2 still missing" in flash(shell, 1)
    assert "still missing: the NVR itself, channel 2\n" in shell("show", "ipc-1").out
    assert "channel 2 of nvr, 1 still missing" in flash(shell, 2)
    assert "the NVR nvr itself, set complete" in flash(shell, 3)
    shown = shell("show", "nvr").out
    assert "3 of 3 consumed" in shown
    assert "still missing" not in shown
    assert [on_board(shell.folder, n) for n in (1, 2, 3)] == [["ipc-1"], ["ipc-2"], ["nvr"]]
