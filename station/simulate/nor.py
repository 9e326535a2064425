# SPDX-License-Identifier: GPL-3.0-or-later
"""Cells of NOR flash: erasing makes ones, programming can only clear bits. No pages, no rules: those are each chip's.

They are a file mapped into memory, byte for byte, where a path is given: any tool can look into the board while it
runs, and what was programmed survives SIGKILL (not a crash of the PC).
"""

from __future__ import annotations

import ctypes
import mmap
import os
from pathlib import Path


class NorCells:
    """A new file begins erased; an existing one is a used board and keeps its content. One that is too short grows."""

    def __init__(self, size: int, path: Path | None = None) -> None:
        self.size = size
        self._cells = _in_memory(size) if path is None else _in_file(size, path)

    @property
    def address(self) -> int:
        """Where the cells lie in this process, for a CPU to read without asking."""
        return ctypes.addressof(ctypes.c_char.from_buffer(self._cells))

    def read(self, at: int, size: int) -> bytes:
        return self._cells[at : at + size]

    def program(self, at: int, data: bytes) -> None:
        """What was 0 stays 0."""
        present = self.read(at, len(data))
        if present.count(0xFF) != len(present):
            both = int.from_bytes(present, "little") & int.from_bytes(data, "little")
            data = both.to_bytes(len(data), "little")
        self.put(at, data)

    def erase(self, at: int, size: int) -> None:
        self.put(at, b"\xff" * size)

    def put(self, at: int, data: bytes) -> None:
        """Whatever was there before."""
        self._cells[at : at + len(data)] = data

    def close(self) -> None:
        self._cells.close()


def _in_memory(size: int) -> mmap.mmap:
    cells = mmap.mmap(-1, size)
    cells.write(b"\xff" * size)
    return cells


def _in_file(size: int, path: Path) -> mmap.mmap:
    if not path.exists():
        new_erased(path, size)
    with path.open("ab") as file:
        file.write(b"\xff" * (size - file.tell()))
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), size)


def new_erased(path: Path, erased: int, size: int = 0) -> None:
    """A new chip's file, its first `erased` bytes ones, grown to `size` by a hole. It is there whole or not at all: a
    look into the board at any moment finds a chip.
    """
    begun = path.with_name(f"{path.name}.{os.getpid()}")
    begun.touch(mode=0o600)  # it will hold a secret
    with begun.open("r+b") as file:
        file.write(b"\xff" * erased)
        file.truncate(max(size, erased))
    begun.replace(path)
