# SPDX-License-Identifier: GPL-3.0-or-later
"""What a simulated ESP board is and how it sits on the bench: one value, for a board in this process or in its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from station.simulate.esp.chips import CHIPS
from station.simulate.esp.commands import Command
from station.simulate.esp.efuse import SecurityFuses, parse_mac
from station.simulate.esp.faults import Fault
from station.simulate.esp.partitions import TABLE_OFFSET, Partition
from station.simulate.esp.silicon import Build

DEFAULT_FLASH_SIZE = 4 << 20
SECTOR_ERASE_S = 0.045
"""What a data sheet calls typical for a 4 KB sector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSpec:
    """The chip and its fuses; what is in its flash; the port it is on, how slow that is, and what will go wrong there.

    RFC 2217 alone has DTR and RTS, wired to EN and BOOT by the usual two transistors or heard by the chip's own USB.
    """

    chip: str
    mac: str
    """in hex, with or without colons"""
    revision: int | None = None
    """major × 100 + minor; None: what the chip usually has"""
    security: SecurityFuses = field(default_factory=SecurityFuses)
    accepts_stub: bool = True
    """False: uploaded code never starts, as on an early C2"""
    lacks: Collection[Command] = ()
    """commands that this ROM does not know, although its kind does"""
    inflates_whole_windows: bool | None = None
    """a ROM that writes like an ESP32's, or not, whatever its kind does"""

    flash: Path | None = None
    """None: in memory, or a temporary file of the board's own process"""
    flash_size: int = DEFAULT_FLASH_SIZE
    partitions: Sequence[Partition] = ()
    table_offset: int = TABLE_OFFSET

    link: Path | None = None
    """a stable path for the pseudo-terminal"""
    tcp_port: int | None = None
    """0: any; a port on loopback instead of a pseudo-terminal"""
    rfc2217_port: int | None = None
    """as `tcp_port`"""
    native_usb: bool = False
    reset_when_host_leaves: bool = True

    paced: bool = False
    """bytes take the time they need at the speed both sides have set"""
    latency_ms: float = 0.0
    sector_erase_s: float | None = None
    """None: `SECTOR_ERASE_S` if paced, else 0"""
    faults: Collection[Fault] = ()

    def build(self) -> Build:
        model = CHIPS[self.chip]
        whole = self.inflates_whole_windows
        return Build(
            chip=model,
            mac=parse_mac(self.mac),
            revision=model.revision if self.revision is None else self.revision,
            security=self.security,
            accepts_stub=self.accepts_stub,
            lacks=frozenset(self.lacks),
            inflates_whole_windows=model.inflates_whole_windows if whole is None else whole,
        )

    @property
    def erase_s(self) -> float:
        return self.sector_erase_s if self.sector_erase_s is not None else SECTOR_ERASE_S * self.paced
