# SPDX-License-Identifier: GPL-3.0-or-later
"""NOR flash: erasing sets whole 4 KB sectors to 0xFF, programming can only clear bits.

A chip does not look at address bits it has no use for: what lies behind its end is its beginning again.

The backing file, where one is given, holds the flash byte for byte: see `nor`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from station.simulate.nor import NorCells

SECTOR = 0x1000
_BLANK = b"\xff" * SECTOR


class NorFlash:
    def __init__(self, size: int, path: Path | None = None) -> None:
        if size % SECTOR:
            raise ValueError(f"flash size {size:#x} is no multiple of {SECTOR:#x}")
        self.size = size
        self.path = path
        self.erased_sectors = 0
        self.programmed_bytes = 0
        self._cells = NorCells(size, path)

    def read(self, offset: int, size: int) -> bytes:
        return b"".join(self._cells.read(start, stop - start) for start, stop in self._places(offset, size))

    def program(self, offset: int, data: bytes) -> None:
        """Clear bits: what was 0 stays 0 until its sector is erased."""
        done = 0
        for start, stop in self._places(offset, len(data)):
            self._cells.program(start, data[done : done + stop - start])
            done += stop - start
        self.programmed_bytes += len(data)

    def is_blank(self, sector_address: int) -> bool:
        return self.read(sector_address, SECTOR) == _BLANK

    def erase(self, offset: int, size: int) -> int:
        """Erase every sector that `size` bytes from `offset` touch; how many they were."""
        first, last = offset // SECTOR, -(-(offset + size) // SECTOR)
        for start, stop in self._places(first * SECTOR, (last - first) * SECTOR):
            self._cells.erase(start, stop - start)
        self.erased_sectors += last - first
        return last - first

    def preload(self, offset: int, data: bytes) -> None:
        """Put something there as if it had been written long ago; counts as no work."""
        if offset + len(data) > self.size:
            raise ValueError(f"{offset:#x}+{len(data):#x} in a flash of {self.size:#x}")
        self._cells.put(offset, data)

    def close(self) -> None:
        self._cells.close()

    def _places(self, offset: int, size: int) -> Iterator[tuple[int, int]]:
        """The cells of an address range, piece by piece."""
        while size > 0:
            start = offset % self.size
            stop = min(start + size, self.size)
            yield start, stop
            offset, size = offset + stop - start, size - (stop - start)
