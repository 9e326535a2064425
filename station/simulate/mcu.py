# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's firmware on an emulated Cortex-M3, one process a board. `python -m station.simulate.mcu` is that process.

with McuBoard("00a1b2c3d4e5f607", tmp_path / "flash.bin") as board:
    station opens board.url …
read_identity(board.flash_file)
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import select
import sys
from collections.abc import Sequence
from pathlib import Path

from station.simulate.firmware import build
from station.simulate.firmware_board import FirmwareBoard
from station.simulate.firmware_image import read_identity
from station.simulate.mcu_flash import Cut, Tear

__all__ = ["Cut", "McuBoard", "Tear", "read_identity"]


class McuBoard(FirmwareBoard):
    """See FirmwareBoard. `cut`: lose power inside that flash operation of the next power-on, once."""

    def __init__(self, uid: str, flash_file: Path, *, link: Path | None = None, cut: Cut | None = None) -> None:
        super().__init__(uid, flash_file, link=link)
        self.cut = cut

    def firmware(self) -> Path:
        """The ELF file it runs."""
        return build("sim-cortex-m3")

    def _command(self, lifeline: int) -> Sequence[str]:
        command = [sys.executable, "-m", "station.simulate.mcu", str(self.firmware())]
        command += [self.uid, str(self.flash_file), str(lifeline)]
        if self.cut:
            command += ["--cut", str(self.cut.operation), "--tear", self.cut.tear]
            self.cut = None
        return command


class _PtyUart:
    """The board's side of the pty, as standard input and output. Bytes nobody takes are lost, as on a wire."""

    def __init__(self, lifeline: int) -> None:
        self._lifeline = lifeline
        self._sent = bytearray()
        os.set_blocking(sys.stdin.fileno(), False)

    def receive(self) -> bytes | None:
        self._flush()
        ready, _, _ = select.select([sys.stdin.fileno(), self._lifeline], [], [])
        return None if self._lifeline in ready else os.read(sys.stdin.fileno(), 4096)

    def send(self, byte: int) -> None:
        self._sent.append(byte)
        if byte == ord("\n"):
            self._flush()

    def _flush(self) -> None:
        if self._sent:
            with contextlib.suppress(BlockingIOError):
                os.write(sys.stdout.fileno(), self._sent)
            self._sent.clear()


def main() -> None:
    """The board's process. Ends when power is cut, or when whoever started it is gone."""
    from station.simulate.mcu_flash import McuFlash  # noqa: PLC0415 - only the board's own process pays for Unicorn
    from station.simulate.mcu_soc import Soc, Stop  # noqa: PLC0415

    parser = argparse.ArgumentParser()
    parser.add_argument("elf", type=Path)
    parser.add_argument("uid", type=lambda text: int(text, 16))
    parser.add_argument("flash", type=Path)
    parser.add_argument("lifeline", type=int)
    parser.add_argument("--cut", type=int)
    parser.add_argument("--tear", type=Tear, default=Tear.FIRST_HALF)
    args = parser.parse_args()
    flash = McuFlash(args.flash, Cut(operation=args.cut, tear=args.tear) if args.cut else None)
    with args.flash.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # two CPUs on one flash would be no board at all
        stop = Soc(args.elf, args.uid, flash, _PtyUart(args.lifeline)).run()
    if stop is Stop.CRASHED:
        sys.exit("the firmware crashed")


if __name__ == "__main__":
    main()
