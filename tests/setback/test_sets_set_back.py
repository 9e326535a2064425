# SPDX-License-Identifier: GPL-3.0-or-later
"""NVR sets in a ledger that was set back: a whole set on one board, or each camera on a board of its own; by the
witness, and with every witness lost from the boards alone.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from station.codes import Exit
from station.ledger.values import BatchKey
from station.model import Certificate, Identity, IdentityKind, Provider, Secret
from station.simulate.agent_board import read_identity
from tests.setback.pcs import PC, Floor, hardware

BATCH = BatchKey(provider=Provider.LIVING, batch_id="78", product_key="a1Nvr")


def certificate(product: str, name: str) -> Certificate:
    return Certificate(product_key=product, device_name=name, device_secret=Secret(f"Secret-{name:->16}"))


def receive(pc: PC, *nvrs: str, cameras: int = 2) -> None:
    sets = [
        Identity(
            primary=certificate("a1Nvr", nvr),
            channels=tuple(certificate("a1Ipc", f"{nvr}-{n}") for n in range(1, cameras + 1)),
            kind=IdentityKind.SET,
        )
        for nvr in nvrs
    ]
    with pc.ledger() as ledger:
        ledger.receive(BATCH, sets)


@pytest.fixture
def pc(tmp_path: Path) -> PC:
    made = PC(tmp_path / "disk", hardware(tmp_path / "pc1", 1)).set_up(0)
    for name, identity in (("whole", "nvr-set"), ("members", "nvr-members")):
        text = f'name = "{name}"\ntarget = "agent"\nproducts = ["a1Nvr", "a1Ipc"]\nidentity = "{identity}"\n'
        (made.disk / "profiles" / f"{name}.toml").write_text(text)
    return made


def on_boards(floor: Floor) -> dict[str, list[str]]:
    found = {file.stem: read_identity(file) or [] for file in sorted(floor.folder.glob("*.bin"))}
    return {board: [one.device_name for one in held] for board, held in found.items()}


def set_back(pc: PC, copy: Path, *, witness_lost: bool) -> None:
    shutil.rmtree(pc.state)
    shutil.copytree(copy, pc.state)
    if witness_lost:
        shutil.rmtree(pc.witness)


def recovers(pc: PC) -> None:
    done = pc.supervised("recover", "--yes")
    assert done.code == Exit.PERSON_NEEDED, done


def releases(pc: PC) -> None:
    """The cloud was asked and calls all of them unused."""
    with pc.ledger() as ledger:
        names = ledger.withheld.names(Provider.LIVING, "78")
        ledger.withheld.record_statuses("78", dict.fromkeys(names, 0))
    pc.release_all()


def settles(pc: PC, floor: Floor, profile: str, boards: tuple[int, ...], *, new: int, free: int) -> None:
    """The boards keep what they have and are consumed; what is released goes to a new board, and is on no other."""
    had = on_boards(floor)
    for board in boards:
        done = floor.flash(pc, board, profile=profile)
        assert done.code == Exit.OK, done
    assert on_boards(floor) == had
    assert pc.states()["WITHHELD"] == free, pc.states()
    releases(pc)
    done = floor.flash(pc, new, profile=profile)
    assert done.code == Exit.OK, done
    assert floor.holds(new) is not None
    assert floor.doubles() == {}
    assert pc("audit", "verify").code == Exit.OK


@pytest.mark.parametrize("witness_lost", [False, True])
def test_a_whole_set_on_one_board(pc: PC, floor: Floor, tmp_path: Path, *, witness_lost: bool) -> None:
    receive(pc, "nvr1", "nvr2")
    assert pc("status").code == Exit.OK
    shutil.copytree(pc.state, tmp_path / "copy")
    assert floor.flash(pc, 1, profile="whole").code == Exit.OK
    set_back(pc, tmp_path / "copy", witness_lost=witness_lost)
    recovers(pc)
    settles(pc, floor, "whole", (1,), new=9, free=1)
    assert [len(held) for held in on_boards(floor).values()] == [3, 3]


@pytest.mark.parametrize("opened_before", [False, True])
@pytest.mark.parametrize("witness_lost", [False, True])
def test_cameras_on_boards_of_their_own(
    pc: PC, floor: Floor, tmp_path: Path, *, witness_lost: bool, opened_before: bool
) -> None:
    receive(pc, "nvr1")
    if opened_before:
        assert floor.flash(pc, 1, profile="members").code == Exit.OK
    assert pc("status").code == Exit.OK
    shutil.copytree(pc.state, tmp_path / "copy")
    lost = (2,) if opened_before else (1, 2)
    for board in lost:
        assert floor.flash(pc, board, profile="members").code == Exit.OK
    set_back(pc, tmp_path / "copy", witness_lost=witness_lost)
    recovers(pc)
    settles(pc, floor, "members", lost, new=9, free=1)
    assert sorted(on_boards(floor).values()) == [["nvr1"], ["nvr1-1"], ["nvr1-2"]]


def test_a_camera_that_completed_its_set_after_the_copy_finds_its_board(pc: PC, floor: Floor, tmp_path: Path) -> None:
    """The set is held without it, withheld; the witness knows the camera before it comes in again."""
    receive(pc, "nvr1", cameras=0)
    assert pc("status").code == Exit.OK
    shutil.copytree(pc.state, tmp_path / "copy")
    receive(pc, "nvr1", cameras=2)
    assert floor.flash(pc, 1, profile="members").code == Exit.OK
    set_back(pc, tmp_path / "copy", witness_lost=False)
    recovers(pc)
    receive(pc, "nvr1", cameras=2)
    assert pc.states()["IN_DOUBT"] == 1, pc.states()
    releases(pc)
    assert floor.flash(pc, 9, profile="members").code == Exit.OK
    assert sorted(on_boards(floor).values()) == [["nvr1-1"], ["nvr1-2"]]
    assert floor.flash(pc, 1, profile="members").code == Exit.OK
    assert pc("audit", "verify").code == Exit.OK


@pytest.mark.parametrize("look_first", [False, True])
def test_a_board_with_more_cameras_than_the_copy_knows_of_is_not_written_over(
    pc: PC, floor: Floor, tmp_path: Path, *, look_first: bool
) -> None:
    """The set was completed after the copy: what the ledger holds of it is less than the board carries."""
    receive(pc, "nvr1", "nvr2", cameras=2)
    assert pc("status").code == Exit.OK
    shutil.copytree(pc.state, tmp_path / "copy")
    receive(pc, "nvr1", cameras=4)
    assert floor.flash(pc, 1, profile="whole").code == Exit.OK
    had = on_boards(floor)
    assert [len(held) for held in had.values()] == [5]
    set_back(pc, tmp_path / "copy", witness_lost=False)
    done = pc.supervised("recover", "--yes")
    assert "nvr1 is on board 5a00000000000001 with other contents than are here" in done.err, done
    if look_first:
        refused = floor.flash(pc, 1, profile="whole")
        assert (refused.code, "E616" in refused.err) == (Exit.PERSON_NEEDED, True), refused
        (floor.folder / "1.bin").rename(tmp_path / "aside")
        blank = floor.flash(pc, 1, profile="whole")
        assert (blank.code, on_boards(floor).get("1", [])) == (Exit.PERSON_NEEDED, []), blank
        (tmp_path / "aside").rename(floor.folder / "1.bin")
    releases(pc)
    assert floor.flash(pc, 9, profile="whole").code == Exit.OK
    assert floor.holds(9) == "nvr2"
    receive(pc, "nvr1", cameras=4)
    assert pc.states()["IN_DOUBT"] == 1, pc.states()
    done = floor.flash(pc, 1, profile="whole")
    assert done.code == Exit.OK, done
    assert on_boards(floor)["1"] == had["1"]
    assert pc.states() == {"CONSUMED": 2}
    assert pc("audit", "verify").code == Exit.OK


def test_a_camera_of_an_opened_set_that_the_copy_does_not_know_of_is_kept_from_every_other_board(
    pc: PC, floor: Floor, tmp_path: Path
) -> None:
    """It came after the copy, and was flashed like the camera that the copy knows. An opened set is not filled: its
    batch is a dispute when it is brought in, its board waits, and nothing of the set goes out."""
    receive(pc, "nvr1", "nvr2", cameras=1)
    assert pc("status").code == Exit.OK
    shutil.copytree(pc.state, tmp_path / "copy")
    receive(pc, "nvr1", cameras=2)
    for board in (1, 2):
        assert floor.flash(pc, board, profile="members").code == Exit.OK
    had = on_boards(floor)
    set_back(pc, tmp_path / "copy", witness_lost=False)
    recovers(pc)
    assert floor.flash(pc, 1, profile="members").code == Exit.OK
    receive(pc, "nvr1", cameras=2)
    assert "E616" in floor.flash(pc, 2, profile="members").err
    assert on_boards(floor) == had
    releases(pc)
    for board in (8, 9, 10):
        floor.flash(pc, board, profile="members")
    assert {board: held for board, held in on_boards(floor).items() if held} == had | {"8": ["nvr2-1"], "9": ["nvr2"]}
