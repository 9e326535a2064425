# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that runs `programs/product_driver.c`: questions in, answers out."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from station.simulate.mcu_flash import McuFlash
from station.simulate.mcu_soc import Soc

Ask = Callable[[list[str]], list[list[str]]]
"""Lines for the driver; per line its answers."""


def split(text: str) -> list[list[str]]:
    return [block.splitlines() for block in text.split(".\n")[:-1]]


def ask_host(program: Path, lines: list[str]) -> list[list[str]]:
    text = "".join(f"{line}\n" for line in lines)
    return split(subprocess.run([program], input=text, capture_output=True, text=True, check=True).stdout)


class _Lines:
    """The other end of a board's serial line: the questions, then nothing more."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = [f"{line}\n".encode() for line in lines]
        self.said = bytearray()

    def receive(self) -> bytes | None:
        return self._lines.pop(0) if self._lines else None

    def send(self, byte: int) -> None:
        self.said.append(byte)


def ask_mcu(elf: Path, flash_file: Path, lines: list[str]) -> list[list[str]]:
    """Each time on a board just powered on."""
    line = _Lines(lines)
    Soc(elf, 1, McuFlash(flash_file), line).run()
    _boot, _, text = line.said.decode().partition("\n")
    return split(text)
