# SPDX-License-Identifier: GPL-3.0-or-later
"""What a loader says to a packet, and how long it takes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

CHECKSUM_SEED = 0xEF
HEADER = struct.Struct("<BBHI")
"""direction (0 request, 1 response), command, size of the body, checksum or value"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`packets` leave after `before_s` of work; then `then` runs and says for how long the chip stays busy."""

    packets: tuple[bytes, ...] = ()
    before_s: float = 0.0
    then: Callable[[], float] | None = None


def response(command: int, status: bytes, *, value: int = 0, data: bytes = b"") -> bytes:
    return HEADER.pack(1, command, len(data) + len(status), value) + data + status


def checksum(data: bytes) -> int:
    """XOR of all bytes with the seed; as one big number folded in half, because this runs for each block written."""
    folded = int.from_bytes(data, "little")
    width = 1 << (max(len(data), 1) - 1).bit_length()
    while width > 1:
        width //= 2
        folded = folded >> 8 * width ^ folded & (1 << 8 * width) - 1
    return folded ^ CHECKSUM_SEED
