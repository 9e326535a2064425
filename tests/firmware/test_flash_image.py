# SPDX-License-Identifier: GPL-3.0-or-later
"""The second opinion on a board's flash: it sees what the board sees; damage never shows it another identity."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.simulate.firmware_image import read_identity, read_record
from station.simulate.mcu_flash import PAGE, SIZE, McuFlash
from tests.firmware.firmware_bench import NEW, OLD, line, live, nvr_set, provision, stored
from tests.sampled import examples


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An NVR set that replaced another identity, so that it lies in the second slot."""
    path = tmp_path_factory.mktemp("image") / "flash.bin"
    live(path, [*provision(OLD), *provision(nvr_set(3), replace=OLD)])
    return path.read_bytes()


def test_a_blank_flash_holds_nothing(tmp_path: Path) -> None:
    live(tmp_path / "flash.bin", [])
    assert read_identity(tmp_path / "flash.bin") is None


def test_the_order_is_that_of_the_set_and_secrets_are_there_to_compare(image: bytes, tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(image)
    found = read_identity(path)
    assert found is not None
    assert [each.device_name for each in found] == ["ch-000", "ch-001", "ch-002", "ch-003"]
    assert found == list(nvr_set(3))
    record = read_record(path)
    assert record and (record.seq, record.locked) == (2, False)


@settings(max_examples=examples(200))
@given(data=st.data())
def test_a_changed_byte_shows_the_same_identity(
    image: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    start = SIZE // 2
    at = data.draw(st.one_of(st.integers(start, start + 400), st.integers(0, SIZE - 1)))
    damaged = bytearray(image)
    damaged[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / "flash.bin"
    path.write_bytes(damaged)
    assert stored(path) == nvr_set(3)


@pytest.mark.parametrize("at", [0, 4, 8, 12, 16, 32, 64, 90])
def test_board_and_reader_agree_on_a_damaged_record(image: bytes, tmp_path: Path, at: int) -> None:
    path = tmp_path / "flash.bin"
    damaged = bytearray(image)
    damaged[SIZE // 2 + at] ^= 1
    path.write_bytes(damaged)
    assert stored(path) == nvr_set(3)
    assert live(path, [line("@i ID")]).keys("i")["digest"] == nvr_set(3).digest()
    assert path.read_bytes() == image, "the start has mended it"
    damaged[at] ^= 1
    path.write_bytes(damaged)
    assert stored(path) is None
    assert live(path, [line("@i ID")]).keys("i")["state"] == "torn"
    assert live(path, provision(NEW)).answers[-1].startswith("@c OK")
    assert stored(path) == NEW


def test_programming_can_only_clear_bits_and_erasing_sets_a_whole_page(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    flash = McuFlash(path)
    assert flash.program(4, 0x0000FFFF)
    assert flash.program(4, 0xFFFF00FF)
    assert path.read_bytes()[4:8] == (0x000000FF).to_bytes(4, "little")
    assert flash.erase(0)
    assert path.read_bytes() == b"\xff" * SIZE
    assert not flash.program(2, 0)
    assert not flash.program(SIZE, 0)
    assert not flash.erase(PAGE + 4)


@pytest.mark.parametrize("at", [36, 52, 100, PAGE + 7])
def test_a_slot_that_does_not_erase_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    path = tmp_path / "flash.bin"
    live(path, provision(OLD))
    worn = bytearray(path.read_bytes())
    worn[SIZE // 2 + at] = 0
    path.write_bytes(worn)
    monkeypatch.setattr(McuFlash, "erase", lambda _self, _at: True)
    life = live(path, [*provision(NEW, replace=OLD), line("@i ID")])
    assert life.answers[-2] == "@c ERR FLASH"
    assert life.keys("i")["state"] == "written"
    assert life.keys("i")["digest"] == OLD.digest()
    assert stored(path) == OLD
