# SPDX-License-Identifier: GPL-3.0-or-later
"""An NVR whose cameras are boards of their own: the commands say what each board became and what is still missing."""

from __future__ import annotations

from pathlib import Path

from station.ledger.values import BatchKey
from station.model import Certificate, Identity, IdentityKind, Provider, Secret
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from tests.cli.cli_shell import PIN, Shell


def certificate(product: str, name: str) -> Certificate:
    return Certificate(product_key=product, device_name=name, device_secret=Secret(f"Secret-{name}"))


def flash(shell: Shell, number: int) -> str:
    with SimulatedAgentBoard(f"ab{number:014x}", shell.folder / f"{number}.bin") as board:
        done = shell("flash", "--profile", "cam", "--port", board.url)
    assert done.code == 0, done.err
    return next(line for line in done.err.splitlines() if "PASS" in line)


def on_board(folder: Path, number: int) -> list[str]:
    return [c.device_name for c in read_identity(folder / f"{number}.bin") or []]


def stock_a_set(shell: Shell) -> None:
    """An NVR with two cameras, and a profile that writes each to a board of its own."""
    cameras = (certificate("a1Ipc", "ipc-1"), certificate("a1Ipc", "ipc-2"))
    nvr = Identity(primary=certificate("a1Nvr", "nvr"), channels=cameras, kind=IdentityKind.SET)
    with shell.open_ledger() as ledger:
        ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="78", product_key="a1Nvr"), [nvr])
    shell.write_profile(products=["a1Nvr", "a1Ipc"], identity="nvr-members")


def test_each_board_is_told_which_member_it_became_and_what_the_set_still_wants(shell: Shell) -> None:
    stock_a_set(shell)
    assert "channel 1 of nvr, 2 still missing" in flash(shell, 1)
    assert "still missing: the NVR itself, channel 2\n" in shell("show", "ipc-1").out
    assert "channel 2 of nvr, 1 still missing" in flash(shell, 2)
    assert "the NVR nvr itself, set complete" in flash(shell, 3)
    shown = shell("show", "nvr").out
    assert "3 of 3 consumed" in shown
    assert "still missing" not in shown
    assert [on_board(shell.folder, n) for n in (1, 2, 3)] == [["ipc-1"], ["ipc-2"], ["nvr"]]


def stocked_short(shell: Shell) -> str:
    """A set of two whose first camera was flashed and scrapped; the supervisor's PIN file."""
    stock_a_set(shell)
    pin = shell.private("pin", PIN)
    assert shell("supervisor", "set-pin", "--name", "Li Wei", "--new-pin-file", pin).code == 0
    flash(shell, 1)
    assert shell("retire", "ipc-1", "--yes", "--reason", "scrap", "--pin-file", pin).code == 0
    return pin


def test_the_nvr_of_a_scrapped_camera_goes_out_by_a_supervisors_word_where_the_profile_takes_it(shell: Shell) -> None:
    pin = stocked_short(shell)
    flash(shell, 2)
    with SimulatedAgentBoard(f"ab{3:014x}", shell.folder / "3.bin") as board:
        done = shell("flash", "--profile", "cam", "--port", board.url)
    assert done.code == 5 and "station set short nvr" in done.err
    assert on_board(shell.folder, 3) == []
    status = shell("status")
    assert status.code == 6 and "a1Nvr/nvr waits for retired a1Ipc/ipc-1" in status.out
    [waiting] = shell("set", "list", "--json").json
    assert (waiting["nvr"], waiting["retired"]) == ("a1Nvr/nvr", ["a1Ipc/ipc-1"])
    word = ("set", "short", "nvr", "--reason", "sold with one", "--profile", "cam", "--pin-file", pin)
    refused = shell(*word)
    assert refused.code == 2 and "short_sets = true" in refused.err
    shell.write_profile(products=["a1Nvr", "a1Ipc"], identity="nvr-members", short_sets=True)
    assert shell(*word[:-1], shell.private("wrong", "999999")).code == 6
    assert shell(*word).code == 0
    assert "the NVR nvr itself, set complete" in flash(shell, 3)
    assert [on_board(shell.folder, n) for n in (1, 2, 3)] == [["ipc-1"], ["ipc-2"], ["nvr"]]
    assert shell("status").code == 0


def test_or_the_set_ends_and_its_cameras_stay_on_record(shell: Shell) -> None:
    pin = stocked_short(shell)
    assert "E600" in shell("set", "end", "nvr", "--reason", "why", "--pin-file", pin).err, "it asks"
    done = shell("set", "end", "nvr", "--yes", "--reason", "camera 1 scrapped", "--pin-file", pin)
    assert done.code == 0 and "1 of its cameras are RETIRED" in done.err
    with SimulatedAgentBoard(f"ab{3:014x}", shell.folder / "3.bin") as board:
        assert shell("flash", "--profile", "cam", "--port", board.url).code == 5
    assert on_board(shell.folder, 3) == []
    assert shell("set", "list").code == 0
