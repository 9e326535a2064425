# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes and turnarounds of every step of a session.

What the host sends was measured once against another implementation of the protocol, so equality here says that
esptool takes the simulated board for the same thing. What the board sends follows from the documented lengths.
"""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from station.simulate.esp import BoardSpec, EspBoard, Stats

cmds = pytest.importorskip("esptool.cmds")
from esptool.targets import CHIP_DEFS  # noqa: E402

MAC = "24:0a:c4:11:22:33"
IMAGE = (b"device" * 20).ljust(0x6000, b"\xff")


class Meter:
    """Each call: (bytes to the board, bytes to the host, turnarounds) since the last."""

    def __init__(self, board: EspBoard) -> None:
        self._board = board
        self._last = board.stats

    def __call__(self) -> tuple[int, int, int]:
        last, self._last = self._last, self._board.stats
        return tuple(getattr(self._last, name) - getattr(last, name) for name in FIELDS)


FIELDS = ("to_board_bytes", "to_host_bytes", "turnarounds")
assert set(FIELDS) <= set(Stats.__dataclass_fields__)


def write_compressed(esp: Any) -> int:
    packed = zlib.compress(IMAGE, 9)
    esp.flash_defl_begin(len(IMAGE), len(packed), 0x9000)
    esp.flash_defl_block(packed, 0)
    esp.flash_defl_finish(reboot=False)
    return len(packed) + packed.count(0xC0) + packed.count(0xDB)


@pytest.mark.parametrize(
    ("chip", "connect", "upload"),
    [
        ("esp32", (80, 154, 4), (7037, 90, 6)),
        ("esp32c3", (56, 146, 2), (6251, 90, 6)),
        ("esp32s3", (56, 146, 2), (9457, 146, 10)),
    ],
)
def test_session_with_the_stub(chip: str, connect: tuple[int, ...], upload: tuple[int, ...]) -> None:
    with EspBoard(BoardSpec(chip=chip, mac=MAC)) as board, CHIP_DEFS[chip](board.url, 115200) as loader:
        meter = Meter(board)
        loader.connect("no-reset", 1)
        assert meter() == connect
        loader.read_mac("BASE_MAC")
        assert meter() == (28, 28, 2)
        esp = cmds.run_stub(loader)
        assert meter() == upload
        esp.change_baud(460800)
        assert meter() == (18, 12, 1)
        cmds.attach_flash(esp)
        assert meter() == (952, 528, 44)
        packed = write_compressed(esp)
        assert meter() == (30 + packed + 26 + 14, 36, 3)
        esp.flash_md5sum(0x9000, 0x6000)
        assert meter()[0] == 26
        esp.read_flash(0x9000, 352)
        assert meter() == (32, 384, 2)
        cmds.verify_flash(esp, [(0x9000, IMAGE)])
        assert meter()[0::2] == (60, 2)


@pytest.mark.parametrize(("chip", "begin"), [("esp32", 26), ("esp32c3", 30)])
def test_session_with_the_bare_rom(chip: str, begin: int) -> None:
    with EspBoard(BoardSpec(chip=chip, mac=MAC)) as board, CHIP_DEFS[chip](board.url, 115200) as esp:
        esp.connect("no-reset", 1)
        meter = Meter(board)
        esp.flash_spi_attach(0)
        assert meter() == (18, 14, 1)
        packed = write_compressed(esp)
        assert meter() == (begin + packed + 26, 28, 2)
        esp.flash_begin(len(IMAGE), 0x9000)
        for sequence, start in enumerate(range(0, len(IMAGE), 0x400)):
            esp.flash_block(IMAGE[start : start + 0x400], sequence)
        assert meter() == (begin + 24 * 1050, 25 * 14, 25)
        esp.flash_md5sum(0x9000, 0x6000)
        assert meter() == (26, 46, 1)
        esp.read_flash(0x9000, 352)
        assert meter() == (109, 468, 6)
        esp.read_flash(0x9000, 0x6000)
        assert meter() == (7016, 29952, 384)
        assert board.flash_bytes(0x9000, 0x6000) == IMAGE
