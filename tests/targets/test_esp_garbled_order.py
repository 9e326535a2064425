# SPDX-License-Identifier: GPL-3.0-or-later
"""The order that says where to write has no checksum: a bit of it that changes on its way is found out all the same.

No board passes with something else in its flash changed: the loader refuses what lies behind the partition, and what
landed before it is missed where it belongs.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import esptool.loader
import pytest

from station.errors import BoardFault
from station.model import Verdict
from station.simulate.esp import CableTrouble, Command, Toward
from station.simulate.esp.reply import Reply
from station.targets.base import no_progress
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp import trial as esp_trial
from tests.sampled import sampled
from tests.targets.esp_bench import FCTRY, MAC, profile, session
from tests.targets.esp_sweep import (
    OUR_PAGES,
    OURS,
    Case,
    Loader,
    Swap,
    Visit,
    a_board,
    changed_pages,
    packets_of_write,
    run,
    trust_rom,
    whole,
)

BOARDS_AT_ONCE = 8
BITS = sampled(range(16 * 8), 5, 2)
"""Of the four words of the order; some of the place's send the write ahead of the partition, some behind it."""
BEGINS = (Command.FLASH_BEGIN, Command.FLASH_DEFL_BEGIN)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esptool.loader, "MAX_TIMEOUT", 0.4)
    monkeypatch.setattr(esp_rom_trust, "_judged", {})
    monkeypatch.setattr(esp_trial, "_spoilt", {})


@pytest.mark.parametrize(("chip", "loader"), [("esp32", Loader.ROM), ("esp32c3", Loader.ROM), ("esp32c3", Loader.STUB)])
def test_no_bit_of_the_order_makes_a_pass_with_other_pages_changed(chip: str, loader: Loader, tmp_path: Path) -> None:
    trust_rom(chip)

    def one(bit: int) -> str:
        """Which refusal it was, if any."""
        with a_board(chip, f"24:0a:c4:11:33:{bit:02x}", tmp_path / f"tty{bit}") as board:
            before = whole(board.silicon)
            garble(board, bit)
            right, code = False, ""
            try:
                with session(board, profile(chip, rom_fast_path=[chip] if loader is Loader.ROM else [])) as talk:
                    talk.identify()
                    talk.write(OURS, no_progress)
                    right = talk.read_back(OURS, no_progress).verdict is Verdict.EQUAL
            except BoardFault as fault:
                code = str(fault.code)
            touched = changed_pages(before, whole(board.silicon))
            assert not right or (touched and touched <= OUR_PAGES), f"bit {bit}"
            return code

    with ThreadPoolExecutor(BOARDS_AT_ONCE) as pool:  # most of the time nobody answers, and that is waited for
        refusals = set(pool.map(one, BITS))
    assert {"E203", "E215"} <= refusals


def garble(board: object, bit: int) -> None:
    """Change this bit of the four words that say how much to erase and where, once."""
    silicon = board.silicon  # type: ignore[attr-defined]
    answer = silicon.packet

    def garbled(packet: bytes) -> Reply:
        if packet[1] in BEGINS:
            silicon.packet = answer
            changed = bytearray(packet)
            changed[8 + bit // 8] ^= 1 << bit % 8
            packet = bytes(changed)
        reply: Reply = answer(packet)
        return reply

    silicon.packet = garbled


def test_a_board_whose_write_went_elsewhere_stays_out_until_its_firmware_is_flashed_anew(tmp_path: Path) -> None:
    trust_rom("esp32s3")
    using = profile("esp32s3", rom_fast_path=["esp32s3"])
    with a_board("esp32s3", MAC, tmp_path / "tty") as board:
        intact = whole(board.silicon)
        garble(board, 3 * 32 + 20)  # 0x110000 becomes 0x010000
        with pytest.raises(BoardFault, match="it lies at 0x10000") as caught, session(board, using) as talk:
            talk.identify()
            talk.write(OURS, no_progress)
            talk.read_back(OURS, no_progress)
        assert caught.value.code == "E215"
        with pytest.raises(BoardFault) as again, session(board, using) as talk:
            talk.identify()
        assert again.value.code == "E215"
        board.preload(0, intact)
        with session(board, using) as talk:
            talk.identify()
            talk.write(OURS, no_progress)
            assert talk.read_back(OURS, no_progress).verdict is Verdict.EQUAL
        assert changed_pages(intact, whole(board.silicon)) == {FCTRY}


def test_the_sweep_judges_by_every_page(tmp_path: Path) -> None:
    """The byte at which it was found: the order's offset, one bit of it changed, on a ROM."""
    begin, behind = _order(packets_of_write("esp32s3", Loader.ROM, tmp_path / "probe"))
    places = sampled(range(begin, behind), 3, 2)  # that byte, its number 23, among them

    def one(at: int) -> Visit:
        fault = Case("esp32s3", Loader.ROM, "write", Toward.BOARD, at, CableTrouble.FLIP, other_is_blank=False)
        return run(fault, tmp_path / f"tty{at}")

    with ThreadPoolExecutor(BOARDS_AT_ONCE) as pool:
        visits = list(pool.map(one, places))
    assert [(at, visit.wrong) for at, visit in zip(places, visits, strict=True) if visit.wrong] == []
    assert sum(visit.spoilt for visit in visits) == 1


def _order(packets: list[tuple[str, int]]) -> tuple[int, int]:
    number = next(n for n, (command, _) in enumerate(packets) if command == "FLASH_DEFL_BEGIN")
    return packets[number][1], packets[number + 1][1]


@pytest.mark.parametrize("other_is_blank", [True, False])
def test_a_board_that_was_swapped_in_after_the_write_is_not_called_spoilt(other_is_blank: bool, tmp_path: Path) -> None:
    behind = packets_of_write("esp32c3", Loader.ROM, tmp_path / "probe")[-1][1]
    swap = Case("esp32c3", Loader.ROM, "read back", Toward.BOARD, behind, Swap.SWAP, other_is_blank)
    visit: Visit = run(swap, tmp_path / "tty")
    assert (visit.wrong, visit.passed, visit.spoilt) == ("", False, False)
