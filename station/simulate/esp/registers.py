# SPDX-License-Identifier: GPL-3.0-or-later
"""The chip's registers as READ_REG and WRITE_REG see them, with the SPI controller that reaches the flash chip.

A host runs a flash command by filling the controller's registers and setting one bit; the answer is in W0. Only what
identifies the flash is modelled (JEDEC id, SFDP, status): data never goes this way.
"""

from __future__ import annotations

from collections.abc import Callable

from station.simulate.esp.chips import Chip

_USER_COMMAND = 1 << 18
_WATCHDOG_ON = 1 << 31
_READ_JEDEC_ID = 0x9F
_READ_SFDP = 0x5A
_XMC = 0x20
"""The JEDEC maker of the modelled flash: esptool looks twice at any other, and boards with this maker are common."""


class Registers:
    """`attached`: whether the SPI pins lead to the flash. `on_watchdog`: called when the host arms the watchdog."""

    def __init__(
        self,
        chip: Chip,
        fuses: dict[int, int],
        flash_size: int,
        *,
        attached: Callable[[], bool],
        baud: Callable[[], int],
        on_watchdog: Callable[[], None],
    ) -> None:
        self._chip = chip
        self._fuses = fuses
        self._words: dict[int, int] = {}
        self._attached = attached
        self._baud = baud
        self._on_watchdog = on_watchdog
        self._jedec_id = _XMC | 0x40 << 8 | (flash_size.bit_length() - 1) << 16

    def read(self, address: int) -> int:
        if address == self._chip.uart_clkdiv != 0:
            return self._chip.clkdiv_hz // self._baud()
        if address in self._fuses:
            return self._fuses[address]
        return self._words.get(address, 0)

    def write(self, address: int, value: int, mask: int = 0xFFFFFFFF) -> None:
        if address in self._fuses:
            return
        self._words[address] = self._words.get(address, 0) & ~mask | value & mask
        if address == self._chip.spi.base and value & _USER_COMMAND:
            self._run_flash_command()
        elif address == self._chip.watchdog and value & _WATCHDOG_ON:
            self._on_watchdog()

    def clear(self) -> None:
        """After a reset."""
        self._words.clear()

    def _run_flash_command(self) -> None:
        spi = self._chip.spi
        command = self.read(spi.base + spi.usr2) & 0xFF
        if not self._attached():
            answer = 0xFFFFFFFF
        elif command == _READ_JEDEC_ID:
            answer = self._jedec_id
        elif command == _READ_SFDP:
            answer = self._sfdp(self.read(spi.base + 4) >> (8 if spi.address_msb else 0))
        else:
            answer = 0
        bits = (
            self.read(spi.base + spi.miso_bits) + 1
            if spi.miso_bits
            else (self.read(spi.base + spi.usr1) >> 8 & 0x1FF) + 1
        )
        self._words[spi.base + spi.w0] = answer & (1 << min(bits, 32)) - 1
        self._words[spi.base] = self._words[spi.base] & ~_USER_COMMAND

    @staticmethod
    def _sfdp(address: int) -> int:
        return {0x00: 0x50444653, 0x10: _XMC}.get(address, 0xFFFFFFFF)
