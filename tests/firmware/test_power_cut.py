# SPDX-License-Identifier: GPL-3.0-or-later
"""Power lost in the emulated board's flash operations, in several ways: the old identity or the new one, never half.

A sample of the operations, and the last ones; `test_store` has each byte of each.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from station.model import Identity
from station.simulate.firmware_image import read_record
from station.simulate.mcu_flash import SIZE, Cut, McuFlash, Tear
from station.simulate.mcu_soc import Stop
from tests.firmware.firmware_bench import NEW, NONCE, OLD, line, live, nvr_set, proof, provision, stored
from tests.sampled import sampled

ASK = [line("@i ID"), line(f"@q PROVE {NONCE} 0")]
TEARS = list(Tear)


def secrets_of(identity: Identity) -> list[bytes]:
    return [value for each in identity for value in each.board_fields()[2:] if value]


def carries(flash_file: Path) -> Identity | None:
    """What the board carries after power came back: what it says, proves, and what its flash shows must agree."""
    life = live(flash_file, ASK)
    said = life.keys("i")
    found = stored(flash_file)
    if found is None:
        assert said["state"] in {"blank", "torn"}
        assert said["digest"] == "-"
        assert "@q ERR EMPTY" in life.answers
        return None
    assert said["digest"] == found.digest()
    assert life.keys("q")["proof"] == proof(found.primary)
    return found


def struck(total: int, tear: Tear) -> list[int]:
    """Operations of so many, those at the end among them, where the record becomes valid."""
    return sorted({*sampled(range(1, total + 1), 61, TEARS.index(tear)), *range(total - 3, total + 1)})


def operations_of(flash_file: Path, lines: list[bytes], scratch: Path) -> int:
    shutil.copy(flash_file, scratch)
    return live(scratch, lines).operations


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.bin"
    live(path, [])
    return path


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "written.bin"
    assert live(path, provision(OLD)).answers[-1].startswith("@c OK")
    assert stored(path) == OLD
    return path


@pytest.mark.parametrize("tear", TEARS)
def test_a_first_write_cut_anywhere_leaves_nothing_or_all_of_it(blank: Path, tmp_path: Path, tear: Tear) -> None:
    flash, lines = tmp_path / "flash.bin", provision(NEW)
    total = operations_of(blank, lines, flash)
    outcomes = []
    for operation in struck(total, tear):
        shutil.copy(blank, flash)
        assert live(flash, lines, Cut(operation=operation, tear=tear)).stop is Stop.POWER_LOST
        found = carries(flash)
        assert found in (None, NEW), f"operation {operation} of {total}"
        outcomes.append(found is not None)
        assert live(flash, lines).answers[-1].startswith(f"@c OK digest={NEW.digest()} seq=1")
        assert stored(flash) == NEW
    assert set(outcomes) == {False, True}, "the sweep did not reach both sides of the commit"
    assert outcomes == sorted(outcomes), "once it is valid it stays so"


@pytest.mark.parametrize("tear", TEARS)
def test_a_replacement_cut_anywhere_leaves_the_old_or_the_new_identity(
    written: Path, tmp_path: Path, tear: Tear
) -> None:
    flash, lines = tmp_path / "flash.bin", provision(NEW, replace=OLD)
    total = operations_of(written, lines, flash)
    outcomes: Counter[str] = Counter()
    for operation in struck(total, tear):
        shutil.copy(written, flash)
        assert live(flash, lines, Cut(operation=operation, tear=tear)).stop is Stop.POWER_LOST
        found = carries(flash)
        assert found in (OLD, NEW), f"operation {operation} of {total}"
        outcomes["old" if found == OLD else "new"] += 1
        # Whichever it is, no piece of the other stays behind once the board has started again.
        other = NEW if found == OLD else OLD
        image = flash.read_bytes()
        assert not any(secret in image or secret[:16] in image for secret in secrets_of(other))
        again = live(flash, lines).answers[-1]
        assert again.startswith(f"@c OK digest={NEW.digest()} seq=2")
        assert stored(flash) == NEW
    assert outcomes["old"] and outcomes["new"], "the sweep did not reach both sides of the commit"


@pytest.mark.parametrize("tear", TEARS)
def test_power_lost_again_while_the_first_cut_is_cleaned_up(written: Path, tmp_path: Path, tear: Tear) -> None:
    flash, lines = tmp_path / "flash.bin", provision(NEW, replace=OLD)
    last = operations_of(written, lines, flash)
    for operation, expected in ((last // 2 - 5, OLD), (last, NEW)):
        shutil.copy(written, flash)
        live(flash, lines, Cut(operation=operation, tear=Tear.NOTHING))
        assert live(flash, ASK, Cut(operation=1, tear=tear)).stop is Stop.POWER_LOST
        assert carries(flash) == expected


@pytest.mark.parametrize("tear", TEARS)
def test_a_cut_while_locking_leaves_the_identity_and_a_lock_that_is_on_or_off(
    written: Path, tmp_path: Path, tear: Tear
) -> None:
    assert live(written, [line("@l LOCK")], Cut(operation=1, tear=tear)).stop is Stop.POWER_LOST
    assert carries(written) == OLD
    record = read_record(written)
    life = live(written, [line("@i ID"), line("@l LOCK"), line("@j ID")])
    assert record and life.keys("i")["state"] == ("locked" if record.locked else "written")
    assert life.keys("j")["state"] == "locked"
    assert carries(written) == OLD


@pytest.mark.parametrize("replace", [None, OLD])
def test_the_word_that_makes_a_record_valid_is_programmed_last(
    written: Path, blank: Path, monkeypatch: pytest.MonkeyPatch, replace: Identity | None
) -> None:
    programmed: list[int] = []
    program = McuFlash.program

    def noted(flash: McuFlash, at: int, word: int) -> bool:
        programmed.append(at)
        return program(flash, at, word)

    monkeypatch.setattr(McuFlash, "program", noted)
    live(written if replace else blank, provision(NEW, replace=replace))
    half = len(programmed) // 2
    first = SIZE // 2 if replace else 0
    for slot, words in ((first, programmed[:half]), (SIZE // 2 - first, programmed[half:])):
        assert words[-1] == slot + 32
        assert min(words) == slot
        assert max(words) < slot + SIZE // 2
    assert len(programmed) == len(set(programmed)), "no word is programmed twice"


def test_a_whole_nvr_set_cut_at_chosen_operations(written: Path, tmp_path: Path) -> None:
    nvr = nvr_set(64)
    flash, lines = tmp_path / "flash.bin", provision(nvr, replace=OLD)
    total = operations_of(written, lines, flash)
    assert total > 500
    for operation, tear in (
        (2, Tear.FIRST_HALF),
        (total // 4, Tear.EVERY_OTHER_BIT),
        (total // 2 - 1, Tear.SECOND_HALF),
    ):
        shutil.copy(written, flash)
        live(flash, lines, Cut(operation=operation, tear=tear))
        assert carries(flash) == OLD
    shutil.copy(written, flash)
    live(flash, lines, Cut(operation=total, tear=Tear.NOTHING))
    assert carries(flash) == nvr
