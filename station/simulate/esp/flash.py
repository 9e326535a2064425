# SPDX-License-Identifier: GPL-3.0-or-later
"""NOR flash: erasing sets whole 4 KB sectors to 0xFF, programming can only clear bits.

The backing file, where one is given, holds the flash byte for byte, so any tool can look into the board while it runs.
An existing file is a used board and keeps its content.
"""

from __future__ import annotations

import mmap
from pathlib import Path

SECTOR = 0x1000
_BLANK = b"\xff" * SECTOR


class OutOfRange(Exception):
    """The address lies behind the end of the flash."""


class NorFlash:
    def __init__(self, size: int, path: Path | None = None) -> None:
        if size % SECTOR:
            raise ValueError(f"flash size {size:#x} is no multiple of {SECTOR:#x}")
        self.size = size
        self.path = path
        self.erased_sectors = 0
        self.programmed_bytes = 0
        self._cells = self._map(size, path)

    @staticmethod
    def _map(size: int, path: Path | None) -> mmap.mmap:
        if path is None:
            cells = mmap.mmap(-1, size)
            cells.write(b"\xff" * size)
            return cells
        with path.open("ab") as file:
            file.write(b"\xff" * (size - file.tell()))
        with path.open("r+b") as file:
            return mmap.mmap(file.fileno(), size)

    def read(self, offset: int, size: int) -> bytes:
        self._check(offset, size)
        return self._cells[offset : offset + size]

    def program(self, offset: int, data: bytes) -> None:
        """Clear bits: what was 0 stays 0 until its sector is erased."""
        self._check(offset, len(data))
        present = self._cells[offset : offset + len(data)]
        if present.count(0xFF) == len(present):
            result = data
        else:
            both = int.from_bytes(present, "little") & int.from_bytes(data, "little")
            result = both.to_bytes(len(data), "little")
        self._cells[offset : offset + len(data)] = result
        self.programmed_bytes += len(data)

    def is_blank(self, sector_address: int) -> bool:
        return self.read(sector_address, SECTOR) == _BLANK

    def erase(self, offset: int, size: int) -> int:
        """Erase every sector that `size` bytes from `offset` touch; how many they were."""
        self._check(offset, size)
        first, last = offset // SECTOR, -(-(offset + size) // SECTOR)
        self._cells[first * SECTOR : last * SECTOR] = _BLANK * (last - first)
        self.erased_sectors += last - first
        return last - first

    def preload(self, offset: int, data: bytes) -> None:
        """Put something there as if it had been written long ago; counts as no work."""
        self._check(offset, len(data))
        self._cells[offset : offset + len(data)] = data

    def close(self) -> None:
        self._cells.close()

    def _check(self, offset: int, size: int) -> None:
        if offset < 0 or size < 0 or offset + size > self.size:
            raise OutOfRange(f"{offset:#x}+{size:#x} in a flash of {self.size:#x}")
