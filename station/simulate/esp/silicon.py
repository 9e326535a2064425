# SPDX-License-Identifier: GPL-3.0-or-later
"""One board without its cable: chip, fuses, flash, RAM, and the program that is listening (ROM, stub or firmware).

Time does not pass here: replies carry how long they take, and the cable waits.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Protocol

from station.simulate.esp.chips import Chip
from station.simulate.esp.commands import Command
from station.simulate.esp.efuse import Download, FlashEncryption, SecurityFuses, fuse_registers, security_info
from station.simulate.esp.flash import NorFlash
from station.simulate.esp.registers import Registers
from station.simulate.esp.reply import Reply

ROM_BAUD = 115200
_XTS_BLOCK = 16
_WINDOW = 0x8000


class Running(StrEnum):
    ROM = "rom"
    STUB = "stub"
    FIRMWARE = "firmware"


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What was decided when the board was made.

    `accepts_stub` False: uploaded code never starts (early C2). `lacks`: commands this ROM does not know.
    `inflates_whole_windows`: see Chip.
    """

    chip: Chip
    mac: bytes
    revision: int
    security: SecurityFuses
    accepts_stub: bool = True
    lacks: frozenset[Command] = frozenset()
    inflates_whole_windows: bool = False


class Program(Protocol):
    """What listens on the wire."""

    running: Running

    def packet(self, packet: bytes) -> Reply:
        """Carry out one packet."""


class Programs(NamedTuple):
    """What the board can run: its ROM from the start, the stub once it is uploaded; `greeting` is what that says."""

    rom: Callable[[Silicon], Program]
    stub: Callable[[Silicon], Program]
    greeting: bytes


class Silicon:
    """`strapped_to_download` is the BOOT pin: held low (a jig, or the auto-reset circuit), a reset ends in the ROM."""

    def __init__(self, build: Build, flash: NorFlash, programs: Programs, *, sector_erase_s: float = 0.0) -> None:
        if build.security.download is Download.SECURE and not build.chip.secure_download:
            raise ValueError(f"{build.chip.name} has no secure download mode")
        self.build = build
        self.chip = build.chip
        self.security = build.security
        self.flash = flash
        self.sector_erase_s = sector_erase_s
        self.security_info = security_info(build.chip, build.security)
        self.commands: Counter[str] = Counter()
        self.stub_starts = 0
        self.resets = 0
        self.strapped_to_download = True
        self.registers = Registers(
            build.chip,
            fuse_registers(build.chip, build.mac, build.revision, build.security),
            flash.size,
            attached=lambda: self.attached,
            baud=lambda: self.baud,
            on_watchdog=self._arm_watchdog,
        )
        self._ram: dict[int, bytes] = {}
        self.inflate_window = bytearray(hashlib.shake_128(build.mac).digest(_WINDOW))  # as it powers up; kept in resets
        self.download_at = 0  # where the next block goes: a leftover, too
        self._programs = programs
        self._loader: Program | None = None
        self._watchdog_armed = False
        self.baud = ROM_BAUD
        self.baud_is_known = False
        self.attached = False
        self._start()

    @property
    def running(self) -> Running:
        return Running.FIRMWARE if self._loader is None else self._loader.running

    @property
    def encrypts_downloads(self) -> bool:
        return self.security.encryption is FlashEncryption.DEVELOPMENT

    def packet(self, packet: bytes) -> Reply:
        """The firmware does not speak this protocol and stays silent."""
        if self._loader is None:
            return Reply()
        bites = self._watchdog_armed
        reply = self._loader.packet(packet)
        return replace(reply, then=self.reset) if bites else reply

    def _arm_watchdog(self) -> None:
        """It bites one command later: esptool still locks the watchdog's registers."""
        self._watchdog_armed = True

    def reset(self) -> float:
        self.resets += 1
        self._start()
        return 0.0

    def run_firmware(self) -> float:
        self._loader = None
        return 0.0

    def change_baud(self, baud: int) -> float:
        self.baud = baud
        return 0.0

    def listen_at(self, baud: int) -> None:
        """The ROM measures the host's rate on the first bytes after a reset and keeps to it."""
        if not self.baud_is_known and self.running is Running.ROM:
            self.baud = baud
        self.baud_is_known = True

    def window(self, size: int) -> bytes:
        """Stale bytes, for an answer that has none of its own."""
        return bytes(self.inflate_window[:size])

    # -- code in RAM -------------------------------------------------------------------------------------------------

    def load(self, address: int, data: bytes) -> None:
        self._ram[address] = data

    def jump(self, entry: int) -> tuple[bytes, ...]:
        """Start uploaded code: the stub's greeting if there is code at `entry` and the chip lets it run."""
        hijack = self.chip.stub_through_read is not None
        if self.security.secure_boot and (hijack or not self.chip.stub_with_secure_boot):
            return ()
        return self._start_stub(entry)

    def jump_through_read(self) -> tuple[bytes, ...]:
        """ESP32-S3 with secure boot: the stub is entered by pointing the ROM's flash read function at it."""
        pointer = self.chip.stub_through_read
        return self._start_stub(self.registers.read(pointer)) if pointer is not None else ()

    def _start_stub(self, entry: int) -> tuple[bytes, ...]:
        has_code = any(start <= entry < start + len(code) for start, code in self._ram.items())
        if not has_code or not self.build.accepts_stub:
            return ()
        self.stub_starts += 1
        self.attached = True
        self._loader = self._programs.stub(self)
        return (self._programs.greeting,)

    # -- flash -------------------------------------------------------------------------------------------------------

    def program(self, offset: int, data: bytes, *, encrypt: bool = False) -> None:
        self.flash.program(offset, self.cipher(offset, data) if encrypt else data)

    def cipher(self, offset: int, data: bytes) -> bytes:
        """What the flash encryption hardware does to data, both ways; not its algorithm, only that it has a key."""
        blocks = range(offset // _XTS_BLOCK, -(-(offset + len(data)) // _XTS_BLOCK))
        stream = b"".join(
            hashlib.blake2s(b"%d" % n, key=self.build.mac, digest_size=_XTS_BLOCK).digest() for n in blocks
        )
        skip = offset % _XTS_BLOCK
        return bytes(a ^ b for a, b in zip(data, stream[skip:], strict=False))

    def _start(self) -> None:
        self.registers.clear()
        self._ram.clear()
        self.attached = False
        self._watchdog_armed = False
        self.baud = ROM_BAUD
        self.baud_is_known = False
        in_rom = self.strapped_to_download and self.security.download is not Download.DISABLED
        self._loader = self._programs.rom(self) if in_rom else None
