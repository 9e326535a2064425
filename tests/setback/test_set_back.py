# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that was set back, copied, cloned, deleted or lost: through the real commands, each until it is settled.

Whatever was done to the file, no identity is on two boards, and after the recovery each board has what it had.
"""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from station.codes import Exit
from tests.setback.pcs import PC, Floor, hardware


def nothing_goes_out(pc: PC, floor: Floor, number: int, why: str) -> None:
    """A new board gets nothing, and the station says which of the three it is, now and later."""
    done = floor.flash(pc, number)
    assert done.code in (Exit.PERSON_NEEDED, Exit.INTEGRITY), done
    assert floor.holds(number) is None
    assert why in pc("status").out
    refused = pc.supervised("unlock")
    assert refused.code == Exit.PERSON_NEEDED, refused
    assert "E614" in refused.err
    assert floor.flash(pc, number).code != Exit.OK
    assert floor.holds(number) is None


def recovers(pc: PC, command: str = "recover") -> None:
    done = pc.supervised(command, "--yes")
    assert done.code == Exit.PERSON_NEEDED, done
    assert pc.states()["READY"] == 0


def settles(pc: PC, floor: Floor, *numbers: int, free: int, new: int) -> None:
    """The boards are put back in; what is left is released, and the next board gets one that nobody has."""
    had = {number: floor.holds(number) for number in numbers}
    done = floor.flash(pc, *numbers)
    assert done.code == Exit.OK, done
    assert {number: floor.holds(number) for number in numbers} == had
    states = pc.states()
    assert (states["IN_DOUBT"], states["WITHHELD"]) == (0, free), states
    pc.release_all()
    assert floor.flash(pc, new).code == Exit.OK
    assert floor.holds(new) is not None
    assert floor.doubles() == {}
    assert pc("audit", "verify").code == Exit.OK


def test_the_state_folder_is_restored_from_a_copy(pc: PC, floor: Floor, tmp_path: Path) -> None:
    assert floor.flash(pc, 1).code == Exit.OK
    shutil.copytree(pc.state, tmp_path / "copy")
    assert floor.flash(pc, 2, 3).code == Exit.OK
    shutil.rmtree(pc.state)
    shutil.copytree(tmp_path / "copy", pc.state)
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovers(pc)
    settles(pc, floor, 1, 2, 3, free=1, new=9)


def test_a_disk_image_is_cloned_to_a_second_pc(pc: PC, floor: Floor, tmp_path: Path) -> None:
    assert floor.flash(pc, 1).code == Exit.OK
    other = pc.clone(tmp_path / "disk2", hardware(tmp_path / "pc2", 2))
    nothing_goes_out(other, floor, 9, "belongs to another machine")
    assert floor.flash(pc, 2).code == Exit.OK  # the first one works on
    assert floor.doubles() == {}


def test_a_bench_moves_to_a_new_pc_on_purpose(pc: PC, floor: Floor, tmp_path: Path) -> None:
    assert floor.flash(pc, 1, 2).code == Exit.OK
    new = pc.clone(tmp_path / "disk2", hardware(tmp_path / "pc2", 2))
    nothing_goes_out(new, floor, 9, "belongs to another machine")
    recovers(new, "adopt")
    settles(new, floor, 1, 2, free=2, new=9)


def test_a_bench_that_moved_to_a_pc_which_tells_little_of_itself_is_not_at_home_at_the_old_one_any_more(
    pc: PC, floor: Floor, tmp_path: Path
) -> None:
    """A container or a virtual machine shows no board, no cards and no disks; those of the old PC are none of its."""
    assert floor.flash(pc, 1).code == Exit.OK
    (tmp_path / "vm" / "etc").mkdir(parents=True)
    (tmp_path / "vm" / "etc" / "machine-id").write_text("d" * 32)
    new = pc.clone(tmp_path / "disk2", tmp_path / "vm")
    recovers(new, "adopt")
    settles(new, floor, 1, free=3, new=2)
    shutil.rmtree(pc.state)
    shutil.copytree(new.state, pc.state)
    nothing_goes_out(pc, floor, 9, "belongs to another machine")
    assert floor.flash(new, 3).code == Exit.OK


def test_the_folder_alone_goes_to_a_second_pc(pc: PC, floor: Floor, tmp_path: Path) -> None:
    other = PC(tmp_path / "disk2", hardware(tmp_path / "pc2", 2, machine_id="e" * 32)).set_up(1)
    assert floor.flash(pc, 1).code == Exit.OK
    shutil.rmtree(other.state)
    shutil.copytree(pc.state, other.state)
    nothing_goes_out(other, floor, 9, "belongs to another machine")


def test_one_exchanged_network_card_is_not_noticed(pc: PC, floor: Floor, tmp_path: Path) -> None:
    assert floor.flash(pc, 1).code == Exit.OK
    card = pc.root / "sys/class/net/eth0/address"
    card.write_text("a0:36:9f:ff:ff:01\n")
    assert floor.flash(pc, 2).code == Exit.OK
    (pc.root / "sys/block/sda/device/wwid").write_text("naa.5000c50000fff\n")  # years later its disk, from an image
    assert floor.flash(pc, 3).code == Exit.OK
    assert floor.doubles() == {}


def flash_until_passed(pc: PC, floor: Floor, tmp_path: Path, *numbers: int) -> subprocess.Popen[str]:
    """`flash --watch` that goes on; the boards have passed one after the other and are out again."""
    link = tmp_path / "slot"
    station = pc.start("flash", "--profile", "cam", "--port", str(link), "--watch", "--json")
    assert station.stdout is not None
    for number in numbers:
        with floor.board(number, link):
            for line in station.stdout:
                event = json.loads(line)
                if event.get("state") == "PASS":
                    break
        for line in station.stdout:
            if json.loads(line).get("state") == "EMPTY":
                break
    return station


def killed(station: subprocess.Popen[str]) -> None:
    station.send_signal(signal.SIGKILL)
    station.communicate()


def test_the_write_ahead_log_is_lost_after_a_kill(pc: PC, floor: Floor, tmp_path: Path) -> None:
    killed(flash_until_passed(pc, floor, tmp_path, 1, 2))
    (pc.state / "ledger.db-wal").unlink()
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovers(pc)
    settles(pc, floor, 1, 2, free=2, new=9)


def test_the_file_is_copied_while_it_is_worked_on(pc: PC, floor: Floor, tmp_path: Path) -> None:
    station = flash_until_passed(pc, floor, tmp_path, 1)
    shutil.copy(pc.state / "ledger.db", tmp_path / "copy.db")
    killed(station)
    assert floor.flash(pc, 2).code == Exit.OK
    for file in pc.state.glob("ledger.db-*"):
        file.unlink()
    shutil.copy(tmp_path / "copy.db", pc.state / "ledger.db")
    with closing(sqlite3.connect(pc.state / "ledger.db")) as copied:
        assert copied.execute("SELECT count(*) FROM identities").fetchone() == (4,), "the copy is of a ledger in use"
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovers(pc)
    settles(pc, floor, 1, 2, free=2, new=9)


def until_locked(station: subprocess.Popen[str]) -> None:
    """A slot of this run says so."""
    assert station.stdout is not None
    assert any(json.loads(line).get("state") == "LOCKED" for line in station.stdout)


def test_the_state_folder_goes_while_the_station_runs(pc: PC, floor: Floor, tmp_path: Path) -> None:
    shutil.copytree(pc.state, tmp_path / "copy")
    station = flash_until_passed(pc, floor, tmp_path, 1)
    pc.state.rename(tmp_path / "gone")
    with floor.board(2, tmp_path / "slot"):
        until_locked(station)
    station.send_signal(signal.SIGTERM)
    out, _ = station.communicate(timeout=30)
    assert station.returncode == Exit.INTEGRITY, out
    assert floor.holds(2) is None
    shutil.copytree(tmp_path / "copy", pc.state)
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovers(pc)
    settles(pc, floor, 1, free=3, new=9)


def until_moved_from_the_log(pc: PC) -> None:
    """What was committed is in the file itself, as after some seconds of rest."""
    while (pc.state / "ledger.db-wal").stat().st_size:
        time.sleep(0.05)


@pytest.mark.parametrize("more", [1, 600])
def test_an_older_file_is_copied_over_the_one_that_is_open(pc: PC, floor: Floor, tmp_path: Path, more: int) -> None:
    """`cp old.db ledger.db`: the file is the same one, at its place, and only what is in it is another's."""
    shutil.copyfile(pc.state / "ledger.db", tmp_path / "old.db")
    pc.import_batch("second", more)
    station = flash_until_passed(pc, floor, tmp_path, 1)
    until_moved_from_the_log(pc)
    shutil.copyfile(tmp_path / "old.db", pc.state / "ledger.db")
    with floor.board(2, tmp_path / "slot"):
        until_locked(station)
    station.send_signal(signal.SIGTERM)
    out, err = station.communicate(timeout=30)
    assert station.returncode == Exit.INTEGRITY, out + err
    assert floor.holds(2) is None
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovers(pc)
    settles(pc, floor, 1, free=3, new=9)


def test_an_older_ledger_without_the_mark_beside_it_is_not_believed(pc: PC, floor: Floor, tmp_path: Path) -> None:
    shutil.copy(pc.state / "ledger.db", tmp_path / "copy.db")
    assert floor.flash(pc, 1, 2).code == Exit.OK
    shutil.copy(tmp_path / "copy.db", pc.state / "ledger.db")
    (pc.state / ".ledger.db.head").unlink()
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovers(pc)
    settles(pc, floor, 1, 2, free=2, new=9)


def test_a_ledger_that_is_deleted_and_begun_anew(pc: PC, floor: Floor) -> None:
    """The key is lost with it: the journal says that boards were written, and cannot say which."""
    assert floor.flash(pc, 1, 2).code == Exit.OK
    shutil.rmtree(pc.state)
    pc.config.unlink()
    pc.set_up(0)
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovers(pc)
    pc.import_batch("first", 4)
    assert pc.states() == {"WITHHELD": 4}
    settles(pc, floor, 1, 2, free=2, new=9)


def test_the_file_alone_is_deleted_and_the_certificates_come_again(pc: PC, floor: Floor) -> None:
    """The key is there: the journal knows the names as soon as they are here again."""
    assert floor.flash(pc, 1, 2).code == Exit.OK
    for file in pc.state.glob("*ledger.db*"):
        file.unlink()
    assert pc("supervisor", "set-pin", "--new-pin-file", str(pc.pin)).code == Exit.OK
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovered = pc.supervised("recover", "--yes")
    boards = [f"board 5a{number:014d} has an identity that is not here" for number in (1, 2)]
    for told in (recovered, pc("status"), pc("resolve"), pc("doctor"), pc("status", "--json")):
        assert told.code == Exit.PERSON_NEEDED, told
        assert all(board in told.out + told.err for board in boards), told
    pc.import_batch("first", 4)
    assert "not here" not in pc("status").out
    assert pc.states() == {"IN_DOUBT": 2, "READY": 2}
    assert floor.flash(pc, 1, 2, 9).code == Exit.OK
    assert pc.states() == {"CONSUMED": 3, "READY": 1}
    assert floor.doubles() == {}


def test_what_was_pulled_after_the_copy_finds_its_boards_when_it_is_pulled_again(
    pc: PC, floor: Floor, tmp_path: Path
) -> None:
    shutil.copytree(pc.state, tmp_path / "copy")
    pc.import_batch("second", 2)
    assert floor.flash(pc, 1, 2, 3, 4, 5).code == Exit.OK
    shutil.rmtree(pc.state)
    shutil.copytree(tmp_path / "copy", pc.state)
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovers(pc)
    pc.import_batch("second", 2)
    assert pc.states() == {"IN_DOUBT": 5, "READY": 1}
    assert floor.flash(pc, 1, 2, 3, 4, 5, 9).code == Exit.OK
    assert floor.doubles() == {}


def test_what_a_recovery_was_told_is_told_to_the_witness_that_is_begun_after_it(
    pc: PC, floor: Floor, tmp_path: Path
) -> None:
    """A board whose certificate is not here stands in no line of this chain: with the old witness all would be lost."""
    file = tmp_path / "monday.tar.gz"
    assert pc("backup", str(file)).code == Exit.OK
    pc.import_batch("second", 2)
    assert floor.flash(pc, 1, 2, 3, 4, 5).code == Exit.OK
    assert pc.supervised("restore", str(file), "--yes").code == Exit.PERSON_NEEDED
    shutil.rmtree(pc.witness)
    assert pc.supervised("recover", "--yes").code == Exit.PERSON_NEEDED
    assert pc.supervised("recover", "--over", "--yes").code == Exit.OK
    assert pc.supervised("restore", str(file), "--yes").code == Exit.PERSON_NEEDED
    pc.import_batch("second", 2)
    pc.release_all()
    floor.flash(pc, 7, 8)
    assert floor.doubles() == {}
    assert pc.states() == {"IN_DOUBT": 5, "CONSUMED": 1}


def test_an_older_copy_is_not_believed_after_a_recovery_either(pc: PC, floor: Floor, tmp_path: Path) -> None:
    shutil.copytree(pc.state, tmp_path / "copy")
    assert floor.flash(pc, 1).code == Exit.OK
    for _ in range(2):
        shutil.rmtree(pc.state)
        shutil.copytree(tmp_path / "copy", pc.state)
        nothing_goes_out(pc, floor, 9, "older than what is known of it")
        recovers(pc)
    settles(pc, floor, 1, free=3, new=9)
    shutil.rmtree(pc.state)
    shutil.copytree(tmp_path / "copy", pc.state)
    nothing_goes_out(pc, floor, 10, "older than what is known of it")
    recovers(pc)
    settles(pc, floor, 1, 9, free=2, new=10)


def test_with_every_witness_gone_nothing_is_begun_until_a_recovery(pc: PC, floor: Floor) -> None:
    assert floor.flash(pc, 1).code == Exit.OK
    shutil.rmtree(pc.witness)
    done = floor.flash(pc, 9)
    assert done.code == Exit.STATION_FAULT, done
    assert "E328" in done.err
    assert floor.holds(9) is None
    assert pc.states() == {"CONSUMED": 1, "READY": 3}
    recovers(pc)
    settles(pc, floor, 1, free=3, new=9)


def test_a_witness_that_was_away_is_brought_up_to_date(pc: PC, floor: Floor, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    with pc.config.open("a") as config:
        config.write(f'\n[ledger]\nwitnesses = ["{stick}/station"]\n')
    stick.mkdir()
    shutil.copytree(pc.state, tmp_path / "copy")
    assert floor.flash(pc, 1).code == Exit.OK
    stick.rename(tmp_path / "pulled")
    assert floor.flash(pc, 2).code == Exit.OK
    (tmp_path / "pulled").rename(stick)
    assert floor.flash(pc, 3).code == Exit.OK
    shutil.rmtree(pc.witness)
    shutil.rmtree(pc.state)
    shutil.copytree(tmp_path / "copy", pc.state)  # the disk is new: only the stick knows
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovers(pc)
    assert pc.states() == {"IN_DOUBT": 3, "WITHHELD": 1}
    settles(pc, floor, 1, 2, 3, free=1, new=9)


def test_a_board_that_carries_only_the_name_is_not_learned(pc: PC, floor: Floor, tmp_path: Path) -> None:
    other = PC(tmp_path / "disk2", hardware(tmp_path / "pc2", 2, machine_id="e" * 32)).set_up(0)
    other.import_batch("first", 2, pad="y")
    assert floor.flash(other, 6, 7).code == Exit.OK
    assert floor.flash(pc, 1).code == Exit.OK
    shutil.rmtree(pc.witness)
    recovers(pc)
    before = pc.states()
    name = "first001"  # still withheld here
    (board,) = [number for number in (6, 7) if floor.holds(number) == name]
    alarm = floor.flash(pc, board)
    assert alarm.code == Exit.INTEGRITY, alarm
    assert pc.states() == before


def test_a_stick_that_is_plugged_in_late_stops_the_next_board(pc: PC, floor: Floor, tmp_path: Path) -> None:
    """It alone knows that the ledger is older; the station was opened without it, and gives nothing more out."""
    stick = tmp_path / "stick"
    with pc.config.open("a") as config:
        config.write(f'\n[ledger]\nwitnesses = ["{stick}/station"]\n')
    stick.mkdir()
    shutil.copytree(pc.disk, tmp_path / "image", symlinks=True)
    assert floor.flash(pc, 1, 2).code == Exit.OK
    stick.rename(tmp_path / "pulled")
    shutil.rmtree(pc.disk)  # the whole disk is set back, its own witness with it
    shutil.copytree(tmp_path / "image", pc.disk, symlinks=True)
    (tmp_path / "pulled").rename(tmp_path / "drawer")
    station = pc.start("flash", "--profile", "cam", "--port", str(tmp_path / "slot"), "--watch", "--json")
    assert station.stdout is not None
    assert json.loads(station.stdout.readline())
    (tmp_path / "drawer").rename(stick)
    with floor.board(9, tmp_path / "slot"):
        until_locked(station)
    station.send_signal(signal.SIGTERM)
    _, err = station.communicate(timeout=30)
    assert station.returncode == Exit.INTEGRITY, err
    assert floor.holds(9) is None
    nothing_goes_out(pc, floor, 9, "older than what is known of it")
    recovers(pc)
    settles(pc, floor, 1, 2, free=2, new=9)


def test_a_station_that_works_on_while_its_ledger_is_recovered_believes_it_again(
    pc: PC, floor: Floor, tmp_path: Path
) -> None:
    """And does not lock it once more for what the recovery has taken over."""
    file, slot = tmp_path / "monday.tar.gz", tmp_path / "slot"
    assert pc("backup", str(file)).code == Exit.OK
    assert floor.flash(pc, 1).code == Exit.OK
    assert pc("restore", str(file), "--yes").code == Exit.PERSON_NEEDED
    station = pc.start("flash", "--profile", "cam", "--port", str(slot), "--watch", "--json")
    with floor.board(9, slot):
        until_locked(station)
    recovers(pc)
    pc.release_all()
    assert station.stdout is not None
    with floor.board(8, slot):
        told = (json.loads(line) for line in station.stdout)
        assert next(one for one in told if one.get("state") in ("PASS", "LOCKED"))["state"] == "PASS"
    station.send_signal(signal.SIGTERM)
    station.communicate(timeout=30)
    settles(pc, floor, 1, 8, free=0, new=9)
    assert "LOCKED" not in pc("status").out


def test_both_pcs_of_a_cloned_image_have_worked_and_one_ledger_goes_on(pc: PC, floor: Floor, tmp_path: Path) -> None:
    """The clone is adopted at last; what the first one did meanwhile is learned from its boards, in any slot."""
    assert floor.flash(pc, 1).code == Exit.OK
    other = pc.clone(tmp_path / "disk2", hardware(tmp_path / "pc2", 2))
    nothing_goes_out(other, floor, 9, "belongs to another machine")
    assert floor.flash(pc, 2, 3).code == Exit.OK
    recovers(other, "adopt")
    settles(other, floor, 1, 2, 3, free=1, new=9)
    assert other.states() == {"CONSUMED": 4}


def test_a_folder_that_went_to_another_pc_is_adopted_there(pc: PC, floor: Floor, tmp_path: Path) -> None:
    other = PC(tmp_path / "disk2", hardware(tmp_path / "pc2", 2, machine_id="e" * 32)).set_up(1)
    assert floor.flash(pc, 1).code == Exit.OK
    shutil.rmtree(other.state)
    shutil.copytree(pc.state, other.state)
    nothing_goes_out(other, floor, 9, "belongs to another machine")
    recovers(other, "adopt")
    settles(other, floor, 1, free=3, new=9)
