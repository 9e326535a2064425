# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies around an identity in flash stays as it was, by every loader, judged by the whole flash, page by page.

A readback looks at the partition only; a ROM that writes over the application behind it would be called right.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import BoardFault
from station.model import Verdict
from station.profiles.profile import Profile
from station.simulate.esp import BoardSpec, EspBoard, Partition, Running
from station.targets.base import no_progress
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp import trial as esp_trial
from station.targets.esp.trial import AHEAD, BEHIND, beside
from tests.targets.esp_bench import FCTRY, MAC, OTHER_MAC, PARTITIONS, SIZE, aliyun, profile, session, single, stored

IDENTITY = single()
PAGE = 0x1000
FLASH = 4 << 20
KEYS = 0x120000
APPLICATION = hashlib.shake_128(b"application").digest(0x40000)


@pytest.fixture(autouse=True)
def nothing_trusted_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esp_rom_trust, "_judged", {})
    monkeypatch.setattr(esp_trial, "_spoilt", {})


def a_board(chip: str, mac: str = MAC, **more: object) -> EspBoard:
    """Its partition lies in the middle of something else, on both sides."""
    board = EspBoard(BoardSpec(chip=chip, mac=mac, partitions=PARTITIONS, **more))  # type: ignore[arg-type]
    board.preload(FCTRY - 0x20000, APPLICATION)
    board.preload(FCTRY, b"\xff" * SIZE)
    board.preload(KEYS, b"\xff" * PAGE)
    return board


def changed_pages(before: bytes, board: EspBoard) -> list[int]:
    after = board.flash_bytes(0, FLASH)
    return [at for at in range(0, FLASH, PAGE) if before[at : at + PAGE] != after[at : at + PAGE]]


def prove(board: EspBoard, using: Profile) -> None:
    with session(board, using) as talk:
        talk.identify()
        talk.board_key(None)
        talk.require_room(IDENTITY)
        talk.write(IDENTITY, no_progress)
        assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
        talk.restart()
        assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL


@pytest.mark.parametrize("loader", ["stub", "rom"])
@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32s3"])
def test_one_page_is_written_and_no_other(chip: str, loader: str) -> None:
    using = profile(chip, rom_fast_path=[chip] if loader == "rom" else [])
    for mac in (MAC, OTHER_MAC):  # the one on trial, and one that is not
        with a_board(chip, mac) as board:
            before = board.flash_bytes(0, FLASH)
            prove(board, using)
            assert changed_pages(before, board) == [FCTRY]
            assert stored(board) == aliyun(IDENTITY)
            if loader == "rom" and mac == OTHER_MAC:
                assert board.stats.stub_starts == 0


@pytest.mark.parametrize("chip", ["esp32", "esp32c3"])
def test_with_a_keys_partition_two_pages_are_written(chip: str) -> None:
    with a_board(chip) as board:
        before = board.flash_bytes(0, FLASH)
        prove(board, profile(chip, rom_fast_path=[chip], nvs_encryption="keys-partition"))
        assert changed_pages(before, board) == [FCTRY, KEYS]


def test_a_partition_of_a_whole_window_keeps_its_neighbours() -> None:
    table = (*PARTITIONS[:3], Partition(name="fctry", offset=FCTRY, size=0x8000))
    with EspBoard(BoardSpec(chip="esp32", mac=MAC, partitions=table)) as board:
        board.preload(FCTRY + 0x8000, APPLICATION[:0x10000])
        board.preload(FCTRY, b"not NVS, in each page".ljust(PAGE, b"\0") * 8)
        before = board.flash_bytes(0, FLASH)
        prove(board, profile("esp32", rom_fast_path=["esp32"], existing="replace"))
        assert changed_pages(before, board) == list(range(FCTRY, FCTRY + 0x8000, PAGE))


# -- a ROM that nobody has tried ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("chip", ["esp32s2", "esp32c6"])
def test_a_rom_that_writes_over_the_neighbours_is_found_out_and_used_no_more(chip: str) -> None:
    using = profile(chip, rom_fast_path=[chip])
    with a_board(chip, inflates_whole_windows=True) as board:
        intact = board.flash_bytes(0, FLASH)
        with pytest.raises(BoardFault) as caught:
            prove(board, using)
        assert caught.value.code == "E215"
        with pytest.raises(BoardFault) as again:  # not healed by being put in again
            prove(board, using)
        assert again.value.code == "E215"
        board.preload(0, intact)  # its firmware is flashed anew
        prove(board, using)
        assert changed_pages(intact, board) == [FCTRY]
    with a_board(chip, OTHER_MAC, inflates_whole_windows=True) as board:
        before = board.flash_bytes(0, FLASH)
        prove(board, using)
        assert changed_pages(before, board) == [FCTRY]
        assert board.stats.stub_starts


def test_where_no_stub_runs_such_a_rom_costs_one_board_and_no_second() -> None:
    boards: dict[str, Any] = {"revision": 0, "accepts_stub": False, "inflates_whole_windows": True}
    using = profile("esp32c2")
    with a_board("esp32c2", **boards) as board, pytest.raises(BoardFault) as caught:
        prove(board, using)
    assert caught.value.code == "E215"
    with a_board("esp32c2", OTHER_MAC, **boards) as board:
        before = board.flash_bytes(0, FLASH)
        with pytest.raises(BoardFault) as refused, session(board, using) as talk:
            talk.identify()
        assert refused.value.code == "E202"
        assert changed_pages(before, board) == []


@pytest.mark.parametrize("at", [FCTRY - 1, FCTRY + SIZE, FCTRY + PAGE + 0xFFFF])
def test_damage_ahead_and_far_behind_is_seen(at: int) -> None:
    with a_board("esp32c3") as board:
        program = board.silicon.flash.program

        def careless(offset: int, data: bytes) -> None:
            program(offset, data)
            if board.running is Running.ROM:
                program(at, b"\0")

        board.silicon.flash.program = careless  # type: ignore[method-assign]
        with pytest.raises(BoardFault) as caught:
            prove(board, profile("esp32c3", rom_fast_path=["esp32c3"]))
        assert caught.value.code == "E215"


PIECES = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 9)), min_size=1, max_size=3)


@given(PIECES, st.integers(210, 260))
def test_what_lies_beside_is_all_that_is_near_and_nothing_that_is_written(
    pieces: list[tuple[int, int]], pages: int
) -> None:
    regions, end = [], 0
    for first, count in sorted(pieces):
        if first * PAGE >= end:
            regions.append((first * PAGE, bytes(count * PAGE)))
            end = (first + count) * PAGE
    flash = pages * PAGE
    written = {page for at, data in regions for page in range(at, at + len(data), PAGE)}
    near = {
        page for at, data in regions for page in range(max(at - AHEAD, 0), min(at + len(data) + BEHIND, flash), PAGE)
    }
    found = [page for at, size in beside(regions, flash) for page in range(at, at + size, PAGE)]
    assert sorted(found) == sorted(near - written)
