# SPDX-License-Identifier: GPL-3.0-or-later
"""The same agent on RISC-V and the ESP8266's Xtensa core, with CFI flash: held to what the Cortex-M3 boards must do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.simulate.cfi_boards import CfiBoard, RiscvBoard, XtensaBoard
from station.simulate.firmware_board import FirmwareBoard
from tests.firmware import test_board_process, test_protocol_examples
from tests.firmware.firmware_bench import NEW, OLD, UID, stored
from tests.sampled import sampled


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed (see .ci/system-packages): {', '.join(missing)}")


BOARDS = [
    pytest.param(RiscvBoard, id="riscv32", marks=needs("qemu-system-riscv32")),
    pytest.param(XtensaBoard, id="xtensa", marks=needs("qemu-system-xtensa", "xtensa-lx106-elf-gcc")),
]
EXPECTATIONS: list[Callable[[FirmwareBoard], None]] = [
    test_protocol_examples.test_every_example_of_the_protocol_page_happens_on_the_board,
    test_board_process.test_an_identity_survives_a_power_cut_right_after_the_answer,
    test_board_process.test_a_board_killed_at_any_moment_of_a_commit_holds_the_old_or_the_new_identity,
    test_board_process.test_reset_drops_what_was_open_and_is_reported,
    test_board_process.test_an_idle_board_costs_no_cpu,
]


@pytest.fixture(params=BOARDS)
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CfiBoard]:
    """A blank board of each core, powered on."""
    with request.param(UID, tmp_path / "flash.bin", link=tmp_path / "ttyBOARD") as powered:
        yield powered


@pytest.mark.parametrize("expectation", sampled(EXPECTATIONS, 2), ids=lambda one: one.__name__.removeprefix("test_"))
def test_on_this_core(core: CfiBoard, expectation: Callable[[FirmwareBoard], None]) -> None:
    expectation(core)


@pytest.mark.campaign  # the Cortex-M3's is in tests/firmware; here it is slow flash, for seconds
@pytest.mark.parametrize("kind", sampled(BOARDS, 2))
def test_a_full_one(kind: type[CfiBoard], tmp_path: Path) -> None:
    with kind(UID, tmp_path / "flash.bin", link=tmp_path / "ttyBOARD") as powered:
        test_board_process.test_a_full_board_holds_fields_of_the_longest_kind(powered)


def test_flash_that_cannot_be_written_is_reported_and_keeps_what_it_held(core: CfiBoard) -> None:
    held = OLD
    assert test_board_process.write(core, held).startswith("@c OK")
    core.power_off()
    core.read_only = True
    core.power_on()
    assert test_board_process.write(core, NEW, replace=held) == "@c ERR FLASH"
    core.power_off()
    assert stored(core.flash_file) == held
