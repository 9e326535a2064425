# SPDX-License-Identifier: GPL-3.0-or-later
"""The record's store compiled for this machine, over flash whose power goes at any byte: see trials/."""

from __future__ import annotations

import itertools
import re
import struct
import subprocess
import zlib
from pathlib import Path

from station.model import Identity
from station.simulate.firmware import templates
from tests.built import built
from tests.templates.compiling import HOSTS

SLOT = 384
UNITS = (1, 4, 8, 16, 32)
TEARS = (0, 1, 2)
"""See trials/flash_in_ram.h."""
KEY = bytes.fromhex("5e" * 12)
_SOURCES = ("slot.c", "store.c", "identity.c", "sha256.c", "crc32.c")


def build() -> Path:
    """The program."""
    folders = [templates() / "agent", Path(__file__).with_name("trials")]
    sources = [*sorted(folders[1].glob("*.c")), *(folders[0] / name for name in _SOURCES)]
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic", *(f"-I{folder}" for folder in folders)]
    return built("store-trials", [*next(iter(HOSTS.values())), *flags, *sources], [*folders, *sources])


def trial(program: Path, *words: object) -> str:
    """What it prints. CalledProcessError, with that as its output, when it refuses what the store does."""
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def found_wrong(program: Path, *words: object) -> tuple[int, list[int]]:
    """How many runs or bits, and the counts of what must not be."""
    runs, *wrong = map(int, re.findall(r"\d+", trial(program, *words)))
    return runs, wrong


def everywhere(program: Path, step: int) -> tuple[int, list[str]]:
    """Each cut of each operation, and every `step`-th second cut in the start behind it: runs, and what was wrong."""
    total, violations = 0, []
    for unit, tear, what in itertools.product(UNITS, TEARS, ("first", "replace", "lock")):
        runs, wrong = found_wrong(program, unit, tear, "cut", what, step)
        total += runs
        if any(wrong):
            violations.append(f"unit {unit}, tear {tear}, {what}: half, lost, left behind, unlike = {wrong}")
    return total, violations


def slot_of(identity: Identity, *, seq: int = 1, key: bytes = b"\xff" * 12, lock: bytes = b"\xff" * 4) -> bytes:
    """A record as templates of before wrote it: into one slot, with no CRC of its key. Written from slot.h's page."""
    payload = bytes([len(identity.channels)])
    payload += b"".join(bytes([len(value)]) + value for each in identity for value in each.board_fields())
    head = struct.pack("<4I", 0x52444953, 1, seq, len(payload))
    head += struct.pack("<I", zlib.crc32(head + payload)) + key
    return (head + b"CMIT".ljust(16, b"\xff") + lock.ljust(16, b"\xff") + payload).ljust(SLOT, b"\xff")
