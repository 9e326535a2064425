# SPDX-License-Identifier: GPL-3.0-or-later
"""Another board takes the place of the identified one before any packet of a write: it gets no byte of the identity.

The MAC is asked twice: before the erase, for the sake of the other board's contents, and between the erase and the
first block, because only a board that was told to erase takes blocks. Without the one, another board loses its
identity; without the other, it gets a second one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import esptool.loader
import pytest

from station.errors import AnotherBoard, BoardFault
from station.simulate.esp import CableTrouble, Command, Fault, Toward
from station.simulate.esp.reply import Reply
from station.targets.base import no_progress
from station.targets.esp import rom_trust as esp_rom_trust
from tests.sampled import WHOLE
from tests.targets.esp_bench import MAC, OTHER_MAC, profile, session
from tests.targets.esp_sweep import (
    OURS,
    Case,
    Loader,
    Swap,
    Visit,
    a_board,
    packets_of_write,
    run,
    starts_in_stub,
    trust_rom,
)

KINDS = [
    ("esp32", Loader.ROM),
    ("esp32c3", Loader.ROM),
    ("esp32c3", Loader.STUB),
    ("esp32", Loader.STUB),
    ("esp32s3", Loader.ROM),
    ("esp32s3", Loader.STUB),
]
"""The first three differ in the packets of a write."""
BEGINS = ("FLASH_BEGIN", "FLASH_DEFL_BEGIN")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esptool.loader, "MAX_TIMEOUT", 0.4)
    monkeypatch.setattr(esp_rom_trust, "_judged", {})


@pytest.mark.parametrize(("chip", "loader"), KINDS if WHOLE else KINDS[:3])
def test_a_board_swapped_in_before_any_packet_of_a_write_gets_nothing(
    chip: str, loader: Loader, tmp_path: Path
) -> None:
    trust_rom(chip)
    packets = packets_of_write(chip, loader, tmp_path / "probe")
    assert sum(command in BEGINS for command, _ in packets) == 1
    before_each = [(command, at, blank) for command, at in packets for blank in (True, False)]

    def swapped(number: int) -> Visit:
        _command, at, blank = before_each[number]
        in_stub = loader is Loader.STUB
        case = Case(chip, loader, "write", Toward.BOARD, at, Swap.SWAP, other_is_blank=blank, other_runs_stub=in_stub)
        return run(case, tmp_path / f"tty{number}")

    with ThreadPoolExecutor(8) as pool:
        visits = list(pool.map(swapped, range(len(before_each))))
    for (command, at, _), visit in zip(before_each, visits, strict=True):
        assert visit.wrong == "", (command, at)
        assert not visit.passed
        # Whoever is there when the erase is ordered erases; just before, the right board was there.
        assert not visit.erased_other or (command in BEGINS and at > packets[0][1]), (command, at)


@pytest.mark.parametrize("loader", Loader)
def test_a_board_that_was_found_out_in_time_is_named_and_said_to_have_got_nothing(
    loader: Loader, tmp_path: Path
) -> None:
    trust_rom("esp32c3")
    for number, (command, at) in enumerate(packets_of_write("esp32c3", loader, tmp_path / "probe")[1:3]):
        other = a_board("esp32c3", OTHER_MAC)
        if loader is Loader.STUB:
            starts_in_stub(other, 460800)
        with a_board("esp32c3", MAC, tmp_path / f"tty{number}") as board:
            using = profile(rom_fast_path=["esp32c3"] if loader is Loader.ROM else [])
            with session(board, using) as talk:
                talk.identify()
                board.inject(Fault(trouble=CableTrouble.SWAP, toward=Toward.BOARD, at=at, other=other))
                with pytest.raises(AnotherBoard) as caught:
                    talk.write(OURS, no_progress)
        assert command == "READ_REG"
        assert (caught.value.code, caught.value.uid, caught.value.unsent) == ("E209", OTHER_MAC.replace(":", ""), True)


def test_a_board_that_came_after_something_was_sent_is_not_said_to_have_got_nothing(tmp_path: Path) -> None:
    trust_rom("esp32c3")
    using = profile(rom_fast_path=["esp32c3"], nvs_encryption="keys-partition")
    other = a_board("esp32c3", OTHER_MAC)
    with a_board("esp32c3", MAC, tmp_path / "tty") as board, session(board, using) as talk:
        board.preload(0x120000, b"\xff" * 0x1000)
        talk.identify()
        talk.board_key(None)
        answer = board.silicon.packet

        def swap_after_the_key(packet: bytes) -> Reply:
            if packet[1] == Command.FLASH_DEFL_DATA:
                at = board.stats.to_board_bytes
                board.inject(Fault(trouble=CableTrouble.SWAP, toward=Toward.BOARD, at=at, other=other))
            return answer(packet)

        board.silicon.packet = swap_after_the_key  # type: ignore[method-assign]
        with pytest.raises(BoardFault) as caught:
            talk.write(OURS, no_progress)
    assert caught.value.code == "E209"
    assert not isinstance(caught.value, AnotherBoard)  # who is there is asked again, and recorded
