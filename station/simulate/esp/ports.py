# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the host finds the board: what every such port offers to the cable."""

from __future__ import annotations

from typing import Protocol

CHUNK = 65536
HOST_READS_WITHIN_S = 5.0
"""A host that leaves its buffers full for longer is taken for gone."""


class HostGone(Exception):
    """The host closed its end; told once, even if it is back at once."""


class HostPort(Protocol):
    """One end of the cable. Used by the board's thread alone, except `open` and `close`, which happen without it."""

    def open(self) -> str:
        """Make the port appear; its address as pyserial takes it."""

    def close(self) -> None:
        """Make the port disappear; a host that has it open finds it gone."""

    def filenos(self) -> tuple[int, ...]:
        """To wait for readability on."""

    def read(self) -> bytes:
        """What has come, without waiting; ask until it is empty. HostGone when the host has closed."""

    def write(self, data: bytes) -> None:
        """HostGone when nobody takes it."""

    def baud(self) -> int | None:
        """The rate the host has set its port to; None where the transport has none."""
