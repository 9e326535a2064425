# SPDX-License-Identifier: GPL-3.0-or-later
"""One record in two slots: it outlives each power cut, each flipped bit, and the firmware that wrote it."""

from __future__ import annotations

import itertools
import zlib
from pathlib import Path

import pytest

from station.model import Identity
from tests.firmware.firmware_bench import NEW, OLD, certificate
from tests.firmware.store_trials import KEY, SLOT, TEARS, UNITS, build, found_wrong, slot_of, trial

BLANK = b"\xff" * SLOT
NVR = Identity(
    primary=certificate("nvr" * 30, "f4e5hSecret00000000000000000000b"),
    channels=(certificate("ipc-1" * 11, "s1" * 10), certificate("ipc-2" * 10, "s2" * 4)),
)
SAMPLE = 499
"""Not a divisor of anything; `make soak` tries each pair of cuts."""


@pytest.fixture(scope="module")
def program() -> Path:
    return build()


def opened(program: Path, tmp_path: Path, image: bytes, unit: int = 4) -> tuple[str, bytes]:
    """What a start makes of an image: what it says of it, and what it became."""
    file = tmp_path / "image"
    file.write_bytes(image)
    return trial(program, unit, 0, "read", file), file.read_bytes()


@pytest.mark.parametrize(("unit", "what"), list(itertools.product(UNITS, ("first", "replace", "lock"))))
def test_power_lost_at_each_byte_and_again_at_the_next_start_leaves_one_of_both_whole(
    program: Path, unit: int, what: str
) -> None:
    for tear in TEARS:
        runs, wrong = found_wrong(program, unit, tear, "cut", what, SAMPLE)
        assert runs > (15 if what == "lock" else 500)
        assert wrong == [0, 0, 0, 0], "half, lost, left behind, unlike a clean write's"


@pytest.mark.parametrize(("unit", "what"), list(itertools.product((4, 16, 32), ("open", "keyless", "locked"))))
def test_no_flipped_bit_changes_or_loses_what_a_board_is(program: Path, unit: int, what: str) -> None:
    bits, wrong = found_wrong(program, unit, 0, "flip", what)
    assert bits == 2 * SLOT * 8
    assert wrong == [0, 0, 0], "half, lost, not mended"


@pytest.mark.parametrize("what", ["first", "replace", "lock", "lame"])
def test_flash_that_refuses_leaves_one_of_both_and_the_store_says_which(program: Path, what: str) -> None:
    for unit, tear in itertools.product(UNITS, TEARS):
        runs, wrong = found_wrong(program, unit, tear, "refuse", what)
        assert runs > 2
        assert wrong == [0, 0, 0, 0, 0], "half, lost, left behind, unlike a clean write's, said otherwise than it is"


@pytest.mark.parametrize("what", ["open", "locked", "blank"])
def test_what_cannot_be_read_any_more_is_not_blank_and_opens_no_lock(program: Path, what: str) -> None:
    for unit in UNITS:
        runs, wrong = found_wrong(program, unit, 0, "blind", what)
        assert runs == 2 * SLOT // unit
        assert wrong == [0, 0, 0], "half or lost, of one slot; blank or open, of both"


@pytest.mark.parametrize(("what", "times"), [("first", 3), ("replace", 3), ("lock", 0), ("open", 0)])
def test_a_write_erases_each_page_once_and_a_lock_and_a_start_none(program: Path, what: str, times: int) -> None:
    assert trial(program, 8, 0, "wear", what) == f"{times} and {times} of 3 pages"


@pytest.mark.parametrize("unit", [1, 4, 8, 16])
@pytest.mark.parametrize("slot", [0, 1])
def test_a_record_of_firmware_of_before_is_found_and_then_in_both_slots(
    program: Path, tmp_path: Path, unit: int, slot: int
) -> None:
    record = slot_of(OLD, seq=7, key=KEY)
    said, became = opened(program, tmp_path, BLANK * slot + record + BLANK * (1 - slot), unit)
    assert said == f"written 7 {OLD.digest()} {KEY.hex()}"
    assert became[:SLOT] == became[SLOT:]
    blanked = became[:36] + record[36:40] + became[40:SLOT]
    assert blanked == record, "firmware of before finds it after a way back: all is as it was but the key's CRC"


@pytest.mark.parametrize("tear", TEARS)
def test_power_lost_while_a_record_of_before_gets_its_second_slot_keeps_it(
    program: Path, tmp_path: Path, tear: int
) -> None:
    file = tmp_path / "image"
    file.write_bytes(BLANK + slot_of(trial_old(), key=KEY))
    for unit in (1, 4, 8, 16):
        runs, wrong = found_wrong(program, unit, tear, "cut", "open", SAMPLE, file)
        assert runs > 500
        assert wrong == [0, 0, 0, 0]


def trial_old() -> Identity:
    """The old one of store_trials.c."""
    return Identity(primary=certificate("cam-old", "01dSecret0000000000000000000000a"))


def test_a_lock_in_one_slot_is_one_in_both(program: Path, tmp_path: Path) -> None:
    for lock, other in ((b"LOCK", BLANK), (b"\xff\xff\0\0", BLANK), (b"\xff" * 4, slot_of(OLD, lock=b"LOCK"))):
        said, became = opened(program, tmp_path, slot_of(OLD, lock=lock) + other)
        assert said.startswith("locked 1 ")
        assert became[48:52] == became[SLOT + 48 : SLOT + 52] == b"LOCK"


def test_of_two_records_the_newer_one_counts_also_when_the_number_has_gone_round(program: Path, tmp_path: Path) -> None:
    for seq, other in ((2, 1), (1, 2**32 - 1)):
        for image in (slot_of(NEW, seq=seq) + slot_of(OLD, seq=other), slot_of(OLD, seq=other) + slot_of(NEW, seq=seq)):
            said, became = opened(program, tmp_path, image)
            assert said == f"written {seq} {NEW.digest()}"
            assert became[:SLOT] == became[SLOT:]


def test_a_build_for_fewer_channels_finds_the_set_that_is_there(program: Path, tmp_path: Path) -> None:
    record = slot_of(NVR)
    assert len(record) == SLOT
    assert int.from_bytes(record[12:16], "little") > 297, "the longest that this build could write"
    said, became = opened(program, tmp_path, record + BLANK)
    assert said == f"written 1 {NVR.digest()}"
    assert became[:SLOT] == became[SLOT:]


def test_a_record_that_says_it_is_longer_than_its_slot_is_none(program: Path, tmp_path: Path) -> None:
    """Though all that it says it holds is as its CRC says: the last byte is the other slot's."""
    image = bytearray(slot_of(OLD) + BLANK)
    image[12:16] = (SLOT - 63).to_bytes(4, "little")
    image[16:20] = zlib.crc32(image[:16] + image[64 : SLOT + 1]).to_bytes(4, "little")
    assert opened(program, tmp_path, bytes(image))[0].startswith("torn 0")
