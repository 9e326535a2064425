# SPDX-License-Identifier: GPL-3.0-or-later
"""A Cortex-M3 with RAM, NOR flash, a UART and a few system registers: what `ports/sim-cortex-m3/board.c` runs on.

The instructions are executed by Unicorn; all else is here. The CPU sleeps, and so does this process, when the firmware
writes SLEEP and no byte waits: an idle board costs no time.

    0x00000000  code, 128 KiB       0x40000000  UART: DATA, STATUS
    0x08000000  flash, 64 KiB       0x40001000  SYS: UID_HIGH, UID_LOW, RESET_CAUSE, RESET, SLEEP
    0x20000000  RAM, 64 KiB         0x40002000  FLASH: ADDRESS, DATA, ERASE, STATUS
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import Enum, IntEnum, auto
from pathlib import Path
from typing import Protocol

from unicorn import UC_ARCH_ARM, UC_MODE_MCLASS, UC_MODE_THUMB, UC_PROT_ALL, UC_PROT_READ, Uc, UcError
from unicorn.arm_const import UC_ARM_REG_MSP, UC_CPU_ARM_CORTEX_M3

from station.simulate import mcu_flash
from station.simulate.mcu_flash import McuFlash, PowerLost

CODE, CODE_SIZE = 0x00000000, 0x20000
FLASH = 0x08000000
RAM, RAM_SIZE = 0x20000000, 0x10000
UART, SYS, FLASH_CONTROL = 0x40000000, 0x40001000, 0x40002000
_REGISTERS = 0x1000


class Uart(Protocol):
    """The other end of the board's serial line."""

    def receive(self) -> bytes | None:
        """What has come; waits until something has. None: nothing will ever come, stop the board."""

    def send(self, byte: int) -> None:
        """One byte from the board."""


class ResetCause(IntEnum):
    """What SYS_RESET_CAUSE reads."""

    POWER = 0
    SOFT = 1
    PIN = 2


class Stop(Enum):
    """Why `run` came back."""

    POWER_LOST = auto()  # a Cut
    LINE_ENDED = auto()  # the UART has nothing more
    CRASHED = auto()  # the firmware did what no Cortex-M3 lets it do


class Soc:
    """One powered board: `run()` from power-on until power is lost or the line ends. Restarts itself on RESET."""

    def __init__(self, elf: Path, uid: int, flash: McuFlash, uart: Uart) -> None:
        self._uid = uid
        self._flash = flash
        self._uart = uart
        self._received = bytearray()
        self._cause = ResetCause.POWER
        self._flash_at = 0
        self._flash_failed = 0
        self._stop: Stop | None = None
        self._cpu = cpu = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        cpu.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M3)
        cpu.mem_map(CODE, CODE_SIZE, UC_PROT_ALL)
        cpu.mem_map(RAM, RAM_SIZE, UC_PROT_ALL)
        cpu.mem_map_ptr(FLASH, mcu_flash.SIZE, UC_PROT_READ, flash.address)
        cpu.mmio_map(UART, _REGISTERS, self._read_uart, None, self._write_uart, None)
        cpu.mmio_map(SYS, _REGISTERS, self._read_sys, None, self._write_sys, None)
        cpu.mmio_map(FLASH_CONTROL, _REGISTERS, self._read_flash, None, self._write_flash, None)
        for at, content in _segments(elf.read_bytes()):
            cpu.mem_write(at, content)

    def run(self) -> Stop:
        """Executes until there is a reason to stop."""
        while self._stop is None:
            stack, entry = struct.unpack("<2I", self._cpu.mem_read(CODE, 8))
            self._cpu.reg_write(UC_ARM_REG_MSP, stack)
            try:
                self._cpu.emu_start(entry | 1, 0xFFFFFFFF)
            except UcError:
                self._stop = Stop.CRASHED
        return self._stop

    def ram(self) -> bytes:
        """What is in RAM now, to look for secrets that should be gone."""
        return bytes(self._cpu.mem_read(RAM, RAM_SIZE))

    def _halt(self, why: Stop | None) -> None:
        self._stop = why
        self._cpu.emu_stop()

    def _read_uart(self, _cpu: Uc, offset: int, _size: int, _data: object) -> int:
        if offset == 4:
            return int(bool(self._received))
        return self._received.pop(0) if self._received else 0

    def _write_uart(self, _cpu: Uc, _offset: int, _size: int, value: int, _data: object) -> None:
        if self._stop is None:  # the CPU still finishes the block of instructions it was stopped in
            self._uart.send(value & 0xFF)

    def _read_sys(self, _cpu: Uc, offset: int, _size: int, _data: object) -> int:
        return {0: self._uid >> 32, 4: self._uid & 0xFFFFFFFF, 8: self._cause}.get(offset, 0)

    def _write_sys(self, _cpu: Uc, offset: int, _size: int, _value: int, _data: object) -> None:
        if offset == 0x0C:
            self._cause = ResetCause.SOFT
            self._halt(None)
        elif offset == 0x10 and not self._received:
            arrived = self._uart.receive()
            if arrived is None:
                self._halt(Stop.LINE_ENDED)
            else:
                self._received += arrived

    def _read_flash(self, _cpu: Uc, offset: int, _size: int, _data: object) -> int:
        return self._flash_failed if offset == 0x0C else self._flash_at

    def _write_flash(self, _cpu: Uc, offset: int, _size: int, value: int, _data: object) -> None:
        if self._stop is not None:
            return
        try:
            if offset == 0:
                self._flash_at = value
            elif offset == 4:
                self._flash_failed = int(not self._flash.program(self._flash_at, value))
                self._flash_at += 4
            elif offset == 8:
                self._flash_failed = int(not self._flash.erase(self._flash_at))
        except PowerLost:
            self._halt(Stop.POWER_LOST)


def _segments(elf: bytes) -> Iterator[tuple[int, bytes]]:
    """Physical address and content of each loadable part of a 32-bit little-endian ELF file."""
    (table,) = struct.unpack_from("<I", elf, 0x1C)
    size, count = struct.unpack_from("<2H", elf, 0x2A)
    for index in range(count):
        kind, offset, _, physical, length = struct.unpack_from("<5I", elf, table + index * size)
        if kind == 1 and length:
            yield physical, elf[offset : offset + length]
