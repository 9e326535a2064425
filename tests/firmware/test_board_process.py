# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards as processes: power cut, hang, restart, many at once; what is stored is there again, late answers are late."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from station.model import Identity
from station.simulate.firmware_board import FirmwareBoard
from station.simulate.mcu import Cut, McuBoard, Tear
from tests.firmware.firmware_bench import (
    NEW,
    NONCE,
    OLD,
    UID,
    certificate,
    line,
    nvr_set,
    on_each_port,
    proof,
    provision,
    stored,
)
from tests.firmware.firmware_wire import Wire
from tests.sampled import sampled
from tests.waiting import PATIENCE_S, until


def write(board: FirmwareBoard, identity: Identity, replace: Identity | None = None) -> str:
    """The answer to COMMIT."""
    with Wire(board) as wire:
        wire.wait_until_up()
        return [wire.exchange(each) for each in provision(identity, replace=replace)][-1]


@on_each_port
def test_an_identity_survives_a_power_cut_right_after_the_answer(board: FirmwareBoard) -> None:
    nvr = nvr_set(10)
    assert write(board, nvr) == f"@c OK digest={nvr.digest()} seq=1"
    board.kill()
    board.power_off()
    assert stored(board.flash_file) == nvr
    board.power_on()
    with Wire(board) as wire:
        answer = wire.wait_until_up()
        assert " state=written seq=1 subs=10 " in answer
        assert f" digest={nvr.digest()} " in answer
        assert answer.endswith(" reset=power pk=a1IPCipcIPC dn=ch-000")
        assert wire.ask(f"@q PROVE {NONCE} 7") == f"@q OK proof={proof(nvr.channels[6])}"


@on_each_port
def test_a_board_killed_at_any_moment_of_a_commit_holds_the_old_or_the_new_identity(board: FirmwareBoard) -> None:
    held = OLD
    write(board, held)
    for number in sampled(range(12), 3):
        fresh = Identity(primary=certificate(f"cam-{number}", f"secret-{number}"))
        *puts, commit = provision(fresh, replace=held)
        with Wire(board) as wire:
            wire.wait_until_up()
            for each in puts:
                wire.exchange(each)
            wire.send(commit)
            time.sleep(number * 0.0015)
            board.kill()
        board.power_off()
        found = stored(board.flash_file)
        assert found in (held, fresh)
        board.power_on()
        with Wire(board) as wire:
            assert found and f" digest={found.digest()} " in wire.wait_until_up()
        held = found


def test_a_set_too_large_for_the_board_is_refused_by_name(board: FirmwareBoard) -> None:
    with Wire(board) as wire:
        room = int(wire.wait_until_up().split(" maxsubs=")[1].split(" ")[0])
        assert wire.ask(f"@1 BEGIN t {room + 1}") == "@1 ERR ROOM"
        assert wire.ask(f"@2 BEGIN t {room}") == "@2 OK"


def test_a_full_board_holds_fields_of_the_longest_kind(board: FirmwareBoard) -> None:
    with Wire(board) as wire:
        room = int(wire.wait_until_up().split(" maxsubs=")[1].split(" ")[0])
    nvr = nvr_set(room, longest=True)
    assert write(board, nvr) == f"@c OK digest={nvr.digest()} seq=1"
    assert stored(board.flash_file) == nvr
    assert write(board, OLD, replace=nvr) == f"@c OK digest={OLD.digest()} seq=2"
    assert stored(board.flash_file) == OLD


def test_reset_drops_what_was_open_and_is_reported(board: FirmwareBoard) -> None:
    write(board, OLD)
    with Wire(board) as wire:
        assert wire.ask("@1 RESET") == "@1 OK"
        assert f" digest={OLD.digest()} tx=- reset=soft " in wire.wait_until_up()


def test_a_hung_board_answers_late_with_the_old_tag(board: FirmwareBoard) -> None:
    with Wire(board) as wire:
        wire.wait_until_up()
        board.pause()
        wire.send(line("@late ID"))
        with pytest.raises(TimeoutError):
            wire.frame(timeout_s=0.3)
        wire.send(line("@next GET 0 PK"))
        board.resume()
        assert wire.frame().startswith("@late OK ")
        assert wire.frame().startswith("@next ERR EMPTY*")


def test_an_idle_board_costs_no_cpu(board: FirmwareBoard) -> None:
    def ticks() -> int:
        fields = Path(f"/proc/{board.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    with Wire(board) as wire:
        wire.wait_until_up()
        before = ticks()
        time.sleep(0.5)
        assert ticks() - before <= 0.1 * os.sysconf("SC_CLK_TCK"), "a busy loop would take 0.5 s"
        assert wire.ask("@1 GET 0 PK") == "@1 ERR EMPTY"


def test_the_station_finds_a_dead_port_when_the_power_goes(board: FirmwareBoard) -> None:
    with Wire(board) as wire:
        wire.wait_until_up()
        board.kill()
        with pytest.raises(OSError):  # SerialException is one
            for _ in range(100):
                wire.ask("@1 ID")


def test_power_cut_inside_a_flash_operation_ends_the_board_once(mcu: Callable[..., McuBoard]) -> None:
    board = mcu(cut=Cut(operation=9, tear=Tear.EVERY_OTHER_BIT)).start()
    with pytest.raises((OSError, TimeoutError)):
        write(board, OLD)
    board.wait_dead(PATIENCE_S)
    assert stored(board.flash_file) is None
    board.power_on()
    with Wire(board) as wire:
        assert " state=torn seq=0 " in wire.wait_until_up()
    assert write(board, OLD).startswith("@c OK")
    assert write(board, NEW, replace=OLD).startswith("@c OK")


def test_two_cpus_never_share_one_flash(mcu: Callable[..., McuBoard]) -> None:
    first = mcu().start()
    with Wire(first) as wire:
        wire.wait_until_up()
        second = mcu("1111111111111111").start()
        second.wait_dead(PATIENCE_S)
        assert second.pid is None
        assert f" uid={UID} " in wire.ask("@1 ID")


def test_a_link_follows_the_port_and_goes_with_the_power(mcu: Callable[..., McuBoard], tmp_path: Path) -> None:
    link = tmp_path / "ttyBOARD0"
    board = mcu(link=link).start()
    assert board.url == str(link)
    for _ in range(2):
        assert link.resolve().is_char_device()
        with Wire(board) as wire:
            assert f" uid={UID} " in wire.wait_until_up()
        board.power_off()
        assert not link.is_symlink()
        board.power_on()


def test_a_board_ends_when_whoever_powers_it_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from station.simulate.mcu import McuBoard\n"
        f"print(McuBoard({UID!r}, Path({str(tmp_path / 'flash.bin')!r})).start().pid, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    until(lambda: not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text())


def test_boards_at_once_each_keep_their_own_identity(mcu: Callable[..., McuBoard]) -> None:
    numbers = sampled(range(1, 17), 4)
    boards = [mcu(f"{number:016x}", f"flash-{number}.bin") for number in numbers]
    identities = [Identity(primary=certificate(f"cam-{number}", f"{number:032x}")) for number in numbers]
    for board in boards:
        board.power_on()
    with ThreadPoolExecutor(len(numbers)) as pool:
        answers = list(pool.map(write, boards, identities))
    assert all(answer.startswith("@c OK") for answer in answers)
    assert [stored(board.flash_file) for board in boards] == identities
