# SPDX-License-Identifier: GPL-3.0-or-later
"""One conversation with one chip's loader (ROM or stub) through esptool, on a port that we open and close.

Uses esptool's commands and none of its recipes: those ask the chip some fifty things more, and `write_flash` opens
the port again by itself and goes on with whatever board is there. Every failure is a BoardFault or a PortFault.
"""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from station.codes import Code
from station.errors import BoardFault, PortFault, StationError
from station.model import Port
from station.targets.esp import log as esp_log
from station.targets.esp import security as esp_security
from station.targets.esp.options import STUB_CHIPS, Reset
from station.targets.esp.security import Security
from station.targets.esp.tool import ROM_BAUD, chip_key, esptool
from station.targets.ports import OpenPort, open_port

_CONNECT_ATTEMPTS = 5
_RESYNCS = 10
_READ_TIMEOUT_S = 3.0
_ERASE_TIMEOUT_S = 0.5
"""Per 4 KB sector; data sheets allow 0.4."""
_CLOSED_S = 0.02
"""Closing lets DTR and RTS go; what hangs on them needs a moment to notice."""
ADDRESSABLE = 16 << 20
"""Bytes of flash that 24 bits of address reach: what loaders are told where nobody knows how much there is."""
_PLAIN_BY_ROM = ("esp32",)
"""Its ROM ends a compressed write with all 32 KB of its window, over the neighbours. Others write what they were given,
and refuse compressed blocks that nobody announced; plain ones an ESP32-C3 takes even then. In secure download mode no
chip takes compressed ones."""
_MODES = {Reset.DEFAULT: "default-reset", Reset.USB: "usb-reset", Reset.NO_RESET: "no-reset"}
_SECTOR = 0x1000
_FUSES_ASKED_OFTEN = (3, 5)
"""Words of an ESP32's eFuse that esptool reads for each part of the revision, and for the pads of its flash."""
_NOT_BURNT = 0
"""An eFuse byte nobody wrote: an engineering sample, or an emulator with a MAC and no more. Nothing to check then."""


class EspLink:
    """`open`, then `connect`, then `start_stub` or `attach_rom`, then the rest, in any order, by one thread."""

    def __init__(self, port: Port, reset: Reset) -> None:
        self._at = port
        self._mode = _MODES[Reset.NO_RESET if port.url.startswith("socket:") else reset]
        self._tool = esptool()
        self._esp: Any = None
        self.security = Security()
        self.chip = ""
        self.flash_id = 0
        self.flash_bytes: int | None = None  # None: not asked, or not told
        self._pads: int | None = None
        self._port = self._open()

    @property
    def is_stub(self) -> bool:
        return bool(self._esp is not None and self._esp.IS_STUB)

    @property
    def can_run_stub(self) -> bool:
        """Not in secure download mode, not on ESP32-C3 with secure boot, not on the first ESP32-C2."""
        return self.security.stub_runs_on(self.chip) and not self._esp.stub_is_disabled

    @property
    def can_reset(self) -> bool:
        return self._mode != "no-reset"

    @property
    def rom_can_speed_up(self) -> bool:
        """A UART's ROM that knows the order, is not the stub already, and can be reset should it not be heard then."""
        esp = self._esp
        on_uart = self.chip != "esp8266" and esp.get_usb_vid_pid()[0] != esp.ESPRESSIF_VID
        return self.can_reset and not esp.IS_STUB and on_uart

    @property
    def baud(self) -> int:
        return int(self._port.line.baudrate)

    def _open(self) -> OpenPort:
        port = open_port(self._at, baud=ROM_BAUD)
        port.wire.binary = True
        port.line.timeout = _READ_TIMEOUT_S  # esptool's own; any other would be set again around every command
        return port

    def connect(self, *, ask_first: str) -> None:
        """Reset into the loader where the reset mode allows, find out which chip it is and what it permits.

        `ask_first`: a chip the profile expects; older ones are known by a register, newer by their security info.
        """
        with self._talking("connect to the board", code=Code.E201, do=_WAKE):
            self._esp, self.security = self._recognise(self._reach(), ask_first)
            self.chip = chip_key(self._esp.CHIP_NAME)
            self._pads = None
            self.flash_bytes = None

    def connect_again(self) -> None:
        """Reset and reach what is taken for the same board, so what was learnt of its chip is not asked again.

        The port is closed in between: where it has no lines, that may be what resets the board.
        """
        self.reopen()
        with self._talking("connect to the board again", code=Code.E201, do=_WAKE):
            self._esp = self._become(self.chip, self._reach(), self.security)

    def _reach(self) -> Any:
        probe = self._tool.loader.ESPLoader(self._port.line, ROM_BAUD)
        probe.USES_RFC2217 = self._at.url.startswith("rfc2217:")
        probe.connect(self._mode, _CONNECT_ATTEMPTS, detecting=True)
        return probe

    def _recognise(self, probe: Any, ask_first: str) -> tuple[Any, Security]:
        old = self._tool.chips.get(ask_first)
        if old is not None and old.USES_MAGIC_VALUE and (found := self._by_register(probe)):
            return found
        try:
            info = probe.get_security_info()
        except self._tool.fatal:
            if found := self._by_register(probe):
                return found
            raise
        security = esp_security.from_info(info)
        if info["chip_id"] is None:
            return self._become("esp32s2", probe, security), security
        for name, kind in self._tool.chips.items():
            if not kind.USES_MAGIC_VALUE and info["chip_id"] == kind.IMAGE_CHIP_ID:
                return self._become(name, probe, security), security
        raise self._tool.fatal(f"Unknown chip id {info['chip_id']}")

    def _by_register(self, probe: Any) -> tuple[Any, Security] | None:
        """ESP8266, ESP32 and ESP32-S2; None for others, and for an ESP32-S2 in secure download mode."""
        try:
            magic = probe.read_reg(probe.CHIP_DETECT_MAGIC_REG_ADDR)
        except self._tool.unsupported:
            return None
        for name, kind in self._tool.chips.items():
            if kind.USES_MAGIC_VALUE and magic == kind.MAGIC_VALUE:
                esp = self._become(name, probe, Security())
                if kind.SECURITY_INFO_SUPPORTED:
                    return esp, esp_security.from_info(esp.get_security_info())
                return esp, esp_security.from_registers(esp)
        return None

    def _become(self, name: str, probe: Any, security: Security) -> Any:
        kind = self._tool.chips[name]
        esp = kind(self._port.line, ROM_BAUD)
        esp.cache = probe.cache
        esp.secure_download_mode = security.secure_download
        if probe.sync_stub_detected:
            esp = kind.STUB_CLASS(esp)
            esp.sync_stub_detected = True
        if name == "esp32":
            _read_once(esp, *(esp.EFUSE_RD_REG_BASE + 4 * word for word in _FUSES_ASKED_OFTEN))
        esp._post_connect()  # keeps the watchdogs of chips on native USB from biting
        return esp

    def start_stub(self) -> None:
        """Upload and start the flasher stub, unless it runs already."""
        with self._talking("start the flasher stub on the board", code=Code.E201, do=_WAKE):
            if not self._esp.IS_STUB:
                self._esp = self._esp.run_stub(self._tool.stub(self._esp))
            if self.flash_bytes:
                self._tell_size()

    def change_baud(self, baud: int) -> None:
        """Both ends; whether they still hear each other is shown by the next answer."""
        if baud != self.baud:
            with self._talking(f"change to {baud} baud"):
                self._esp.change_baud(baud)

    def attach_rom(self) -> None:
        """Let the ROM reach the flash. In-package flash of an ESP32 hangs on pads that its eFuses name."""
        with self._talking("reach the board's flash", code=Code.E201, do=_WAKE):
            if self._pads is None:
                self._pads = self._flash_pads()
            self._esp.flash_spi_attach(self._pads)
            if self.flash_bytes or self.security.secure_download:
                self._tell_size()

    def ask_flash_size(self) -> None:
        """Ask the flash chip how large it is, and tell the loader, which then refuses addresses behind its end.

        The answers have no checksum: an id without a size is asked for once more.
        """
        with self._talking("ask the flash chip for its size"):
            self.flash_bytes = self._size_by_id() or self._size_by_id()
            self._tell_size()

    def _size_by_id(self) -> int | None:
        self.flash_id = int(self._esp.flash_id(cache=False))
        self._esp.cache["flash_id"] = self.flash_id
        said = self._tool.cmds.detect_flash_size(self._esp)
        return int(self._tool.flash_size_bytes(said)) if said else None

    def _tell_size(self) -> None:
        self._tell(min(self.flash_bytes or ADDRESSABLE, ADDRESSABLE))

    def _tell(self, size: int) -> None:
        if self.chip not in STUB_CHIPS or self.is_stub:
            self._esp.flash_set_parameters(size)

    def confine(self, end: int | None) -> None:
        """Let the loader refuse all addresses from `end` on; None: from the flash's own end on.

        The order to erase has no checksum: with one bit of its size changed on the way, it takes the neighbours along.
        """
        with self._talking("tell the loader where the flash ends"):
            if end is None:
                self._tell_size()
            else:
                self._tell(end)

    def _flash_pads(self) -> int:
        if self.chip != "esp32":
            return 0
        clock, q, d, hold, select = self._esp.get_chip_spi_pads()
        return int(hold << 24 | select << 18 | d << 12 | q << 6 | clock)

    def wake_flash(self) -> None:
        """esptool's whole start-up of the flash chip (44 turnarounds): for one that did not answer without."""
        with self._talking("reach the board's flash", code=Code.E201, do=_WAKE):
            self._tool.cmds.attach_flash(self._esp)

    def mac(self) -> bytes:
        """The base MAC from eFuse, asked once; an ESP32's checked with the CRC beside it.

        What differs from board to board is asked last: one that is swapped in between two words is found out. esptool
        asks first for it, and then for what all boards have in common.
        """
        esp = self._esp
        with self._talking("read the board's MAC"):
            if self.chip == "esp8266":
                return bytes(esp.read_mac("BASE_MAC"))[:-1] + bytes((esp.read_reg(esp.ESP_OTP_MAC0) >> 24,))
            if self.chip != "esp32":
                high, low = esp.read_reg(esp.MAC_EFUSE_REG + 4), esp.read_reg(esp.MAC_EFUSE_REG)
                return struct.pack(">HI", high & 0xFFFF, low)
            high, low = esp.read_efuse(2), esp.read_efuse(1)
        mac = struct.pack(">HI", high & 0xFFFF, low)
        burnt = high >> 16 & 0xFF
        if burnt not in (_NOT_BURNT, _crc8(mac)):
            raise BoardFault(
                "the chip's MAC does not fit its own checksum",
                means="the answer was garbled, or the chip is not genuine",
                do="put the board in once more; if it says so again, keep it aside",
                code=Code.E208,
            )
        return mac

    def revision(self) -> int:
        """Hundreds: major, rest: minor."""
        with self._talking("read the chip's revision"):
            return int(self._esp.get_chip_revision())

    def md5(self, offset: int, size: int) -> str:
        """The chip's own MD5 of its flash, lower-case hex."""
        with self._talking("compute the MD5 of its flash"):
            return str(self._esp.flash_md5sum(offset, size)).lower()

    def read(self, offset: int, size: int) -> bytes:
        """Flash as it is. The stub's answer carries a digest; the ROM's does not, so compare with `md5`."""
        with self._talking("read its flash"):
            return bytes(self._esp.read_flash(offset, size))

    def write(self, offset: int, data: bytes, *, before_first_byte: Callable[[], None]) -> Iterator[float]:
        """Erase and write `data`, whole sectors; yields the part done after each block.

        `before_first_byte` runs when the erase has been ordered and nothing of `data` has been sent: a board that is
        swapped after it has not seen that order, and refuses the blocks.
        """
        esp, step = self._esp, self._esp.FLASH_WRITE_SIZE
        plain = not self.is_stub and (self.security.secure_download or self.chip in _PLAIN_BY_ROM)
        with self._talking("start writing", code=Code.E203):
            if plain:
                esp.flash_begin(len(data), offset, logging=False)
                sent, send = _without_blank_end(data, step), esp.flash_block
            else:
                sent, send = zlib.compress(data, 9), esp.flash_defl_block
                esp.flash_defl_begin(len(data), len(sent), offset)
        before_first_byte()
        timeout_s = _READ_TIMEOUT_S + _ERASE_TIMEOUT_S * -(-len(data) // _SECTOR)
        for number, start in enumerate(range(0, len(sent), step)):
            with self._talking("write", code=Code.E203):
                send(sent[start : start + step], number, timeout=timeout_s)
            yield (start + step) / len(sent) if start + step < len(sent) else 1.0
        if self.is_stub:  # a ROM would leave its loader
            with self._talking("finish writing", code=Code.E203):
                esp.flash_defl_finish(timeout=timeout_s)

    def reopen(self) -> None:
        """Begin with the port as it was at first. `connect` comes next, and resets the board where that can be done."""
        self._leave(start_firmware=False)
        self._port.close()
        time.sleep(_CLOSED_S)
        self._esp = None
        self._port = self._open()

    def resync(self) -> None:
        """Without a reset: find the loader again where it is."""
        with self._talking("hear the board again", code=Code.E201, do=_WAKE):
            for tries_left in reversed(range(_RESYNCS)):
                self._esp.flush_input()
                try:
                    self._esp.sync()
                except self._tool.fatal:  # an emulator, or a long way to the board, may take more than its 0.1 s
                    if not tries_left:
                        raise
                else:
                    return

    def close(self) -> None:
        """Let the board start its firmware, where it can be reset, and release the port. Never raises."""
        self._leave(start_firmware=True)
        self._port.close()

    def _leave(self, *, start_firmware: bool) -> None:
        """What the next conversation must find: a board that is reset, or a loader at the speed where all begin."""
        if self._esp is None:
            return
        with suppress(StationError), self._talking("leave the loader"):
            if self.can_reset and self._port.set_modem_lines(rts=False):
                if start_firmware:
                    self._esp.hard_reset()
            elif self.baud != ROM_BAUD:
                self._esp.change_baud(ROM_BAUD)

    @contextmanager
    def _talking(self, doing: str, *, code: Code = Code.E208, do: str = "") -> Iterator[None]:
        """All that esptool raises, in words. Garbled answers reach us as whatever its parsing stumbles over."""
        with self._port.faults(), esp_log.kept() as said:
            if not self._port.line.is_open:
                raise PortFault(f"port {self._at.url} is closed", do="plug the board in again", code=Code.E311)
            try:
                yield
            except (self._tool.fatal, struct.error, IndexError, ValueError, TypeError) as error:
                fault = _fault(doing, error, code, do)
                fault.add_note(f"esptool said: {list(said)}")  # for a traceback; never for a screen
                raise fault from error


def _without_blank_end(data: bytes, step: int) -> bytes:
    """`data` up to its last block that is not blank: the sectors have been erased, FF need not be sent."""
    return data[: max(step, -(-len(data.rstrip(b"\xff")) // step) * step)]


_WAKE = "check cable, power and BOOT pin; a chip whose download mode is disabled by eFuse is written by its firmware"


def _fault(doing: str, error: Exception, code: Code, do: str) -> BoardFault:
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    printable = "".join(c if " " <= c <= "~" else "?" for c in said)[:160]
    return BoardFault(
        f"could not {doing}: {printable}",
        means="the board answered wrongly or not at all",
        do=do or "put the board back in, in any slot; the station goes on with the same identity",
        code=code,
    )


def _read_once(esp: Any, *registers: int) -> None:
    """Keep what these answer for as long as this loader runs: each time less is a turnaround less."""
    ask, known = esp.read_reg, {}

    def read_reg(address: int, *timeout: float) -> Any:
        if address not in registers:
            return ask(address, *timeout)
        if address not in known:
            known[address] = ask(address, *timeout)
        return known[address]

    esp.read_reg = read_reg


def _crc8(mac: bytes) -> int:
    """ESP32's, over a MAC: polynomial 0x31 reflected, start 0."""
    crc = 0
    for byte in mac:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x8C if crc & 1 else 0)
    return crc
