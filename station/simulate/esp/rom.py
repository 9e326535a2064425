# SPDX-License-Identifier: GPL-3.0-or-later
"""The boot ROM's serial loader: erases when a download begins, writes each block before it answers.

Status is four bytes (two on ESP8266), of which the last two are leftovers. An unknown command is answered under the
number of the one before with error 5, from which esptool learns that the command does not exist. Until told otherwise
the ROM believes in 2 MB of flash, and it cannot reach the flash at all before SPI_ATTACH (on ESP8266: before
FLASH_BEGIN). Blocks are counted: a wrong number is refused, and a block with a bad checksum has had its number.
Some ROMs inflate a compressed download into a window of 32 KB and program all of it, with what an earlier download
left there, when it is full and when the download ends; what they see of that is a success.
"""

from __future__ import annotations

import hashlib
import zlib
from enum import IntEnum

from station.simulate.esp.chips import Unbegun
from station.simulate.esp.commands import Command
from station.simulate.esp.efuse import Download
from station.simulate.esp.flash import SECTOR
from station.simulate.esp.loader import Loader, LoaderRefused
from station.simulate.esp.reply import Reply, response
from station.simulate.esp.silicon import Running, Silicon

_SYNC_BODY = b"\x07\x07\x12\x20" + b"\x55" * 32
_SYNC_VALUE = 0x20120707
_SYNC_REPEATS = 7
_SLOW_READ = 64
_BELIEVED_FLASH = 2 << 20
_SECTORS_PER_BLOCK = 16
_MD5_CHARACTERS = 32
_LEFTOVERS = b"\x5a\x17"
"""What bytes 3 and 4 of a status happen to be."""
_NOT_IN_SECURE_DOWNLOAD = (
    Command.READ_REG,
    Command.WRITE_REG,
    Command.MEM_BEGIN,
    Command.MEM_DATA,
    Command.MEM_END,
    Command.SPI_FLASH_MD5,
    Command.READ_FLASH_SLOW,
    Command.FLASH_DEFL_BEGIN,
    Command.FLASH_DEFL_DATA,
    Command.FLASH_DEFL_END,
)
_NOT_ON_ESP8266 = (
    Command.SPI_SET_PARAMS,
    Command.SPI_ATTACH,
    Command.READ_FLASH_SLOW,
    Command.CHANGE_BAUDRATE,
    Command.FLASH_DEFL_BEGIN,
    Command.FLASH_DEFL_DATA,
    Command.FLASH_DEFL_END,
    Command.SPI_FLASH_MD5,
)


class RomError(IntEnum):
    INVALID_MESSAGE = 0x05
    FAILED_TO_ACT = 0x06
    INVALID_CHECKSUM = 0x07
    FLASH_WRITE = 0x08
    FLASH_READ = 0x09
    READ_LENGTH = 0x0A
    INFLATE = 0x0B


class Rom(Loader):
    running = Running.ROM
    BAD_CHECKSUM = RomError.INVALID_CHECKSUM
    BAD_LENGTH = RomError.INVALID_MESSAGE

    def __init__(self, silicon: Silicon) -> None:
        super().__init__(silicon)
        self.SUCCESS = self._status(0, 0)
        self._esp8266 = silicon.chip.name == "esp8266"
        self._believed_flash = silicon.flash.size if self._esp8266 else _BELIEVED_FLASH
        self._takes_blocks = silicon.chip.data_without_begin is Unbegun.ACCEPTED
        self._takes_compressed = False
        self._next_block = 0
        self._encrypt = False
        self._inflate = zlib.decompressobj()
        self._inflated = 0  # bytes in the window
        self.handlers |= {
            Command.SYNC: self._sync,
            Command.FLASH_BEGIN: self._flash_begin,
            Command.FLASH_DATA: self._flash_data,
            Command.FLASH_END: self._flash_end,
            Command.FLASH_DEFL_BEGIN: self._flash_defl_begin,
            Command.FLASH_DEFL_DATA: self._flash_defl_data,
            Command.FLASH_DEFL_END: self._flash_end,
            Command.SPI_SET_PARAMS: self._set_params,
            Command.SPI_ATTACH: self._attach,
            Command.READ_FLASH_SLOW: self._read_slow,
            Command.SPI_FLASH_MD5: self._md5,
        }
        for command in self._unknown_commands():
            self.handlers.pop(command, None)

    def _unknown_commands(self) -> set[Command]:
        unknown = set(self.silicon.build.lacks)
        if not self.silicon.security_info:
            unknown.add(Command.GET_SECURITY_INFO)
        if self.silicon.security.download is Download.SECURE:
            unknown.update(_NOT_IN_SECURE_DOWNLOAD)
        if self._esp8266:
            unknown.update(_NOT_ON_ESP8266)
        return unknown

    def _status(self, failed: int, code: int) -> bytes:
        return (bytes((failed, code)) + _LEFTOVERS)[: self.silicon.chip.status_bytes]

    def refusal(self, command: int, code: int, *, still_sends: int = 0) -> Reply:
        stale = self.silicon.window(still_sends)
        return Reply(packets=(response(command, self._status(1, code), data=stale),))

    def unknown(self, command: int) -> Reply:  # noqa: ARG002  # the ROM does not echo what it does not know
        return self.refusal(self._command, RomError.INVALID_MESSAGE)

    def _read_reg(self, body: bytes, check: int) -> Reply:
        """A short address is none the worse for it."""
        return super()._read_reg(body.ljust(4, b"\0"), check)

    def _sync(self, body: bytes, _check: int) -> Reply:
        if body != _SYNC_BODY:
            raise LoaderRefused(RomError.INVALID_MESSAGE)
        return self.ok(
            value=_SYNC_VALUE, more=(response(Command.SYNC, self.SUCCESS, value=_SYNC_VALUE),) * _SYNC_REPEATS
        )

    def _attach(self, body: bytes, _check: int) -> Reply:
        if len(body) != 4:
            self.fields("<II", body)
        self.silicon.attached = True
        return self.ok()

    def _set_params(self, body: bytes, _check: int) -> Reply:
        _, size, _, _, _, _ = self.fields("<IIIIII", body)
        self._believed_flash = size
        return self.ok()

    def _reach(self, offset: int, size: int, code: RomError, *, still_sends: int = 0) -> None:
        if not self.silicon.attached or offset + size > self._believed_flash:
            raise LoaderRefused(code, still_sends=still_sends)

    def _begin(self, body: bytes) -> float:
        """Erase at once, all of it; how long that takes in seconds."""
        layout = "<IIIII" if self.silicon.chip.extended_begin else "<IIII"
        erase_size, _blocks, _block_size, offset, *encrypted = self.fields(layout, body)
        self._encrypt = any(encrypted)
        if self._encrypt and not self.silicon.encrypts_downloads:
            raise LoaderRefused(RomError.FAILED_TO_ACT)
        if self._esp8266:
            self.silicon.attached = True
            erase_size = _esp8266_erases(offset, erase_size)
        if erase_size:
            self._reach(offset, erase_size, RomError.FAILED_TO_ACT)
        self.silicon.download_at = offset
        return self.silicon.flash.erase(offset, erase_size) * self.silicon.sector_erase_s

    def _flash_begin(self, body: bytes, _check: int) -> Reply:
        self._takes_compressed = False
        self._takes_blocks = self.silicon.chip.data_without_begin is not Unbegun.REFUSED
        self._next_block = 0
        if self.silicon.chip.aligned_begin and int.from_bytes(body[12:16], "little") % SECTOR:
            raise LoaderRefused(RomError.FAILED_TO_ACT)
        erasing_s = self._begin(body)
        self._takes_blocks = True
        return self.ok(before_s=erasing_s)

    def _flash_defl_begin(self, body: bytes, _check: int) -> Reply:
        self._takes_compressed = False
        self._next_block = 0
        self._inflate = zlib.decompressobj()
        self._inflated = 0
        erasing_s = self._begin(body)
        self._takes_compressed = True
        return self.ok(before_s=erasing_s)

    def numbered(self, sequence: int) -> None:
        if sequence != self._next_block:
            raise LoaderRefused(RomError.INVALID_MESSAGE)
        self._next_block += 1

    def _write(self, data: bytes) -> None:
        self._reach(self.silicon.download_at, len(data), RomError.FLASH_WRITE)
        self.silicon.program(self.silicon.download_at, data, encrypt=self._encrypt)
        self.silicon.download_at += len(data)

    def _flash_data(self, body: bytes, check: int) -> Reply:
        if not self._takes_blocks:
            raise LoaderRefused(RomError.INVALID_MESSAGE)
        self._write(self.block(body, check))
        return self.ok()

    def _flash_defl_data(self, body: bytes, check: int) -> Reply:
        if not self._takes_compressed:
            raise LoaderRefused(RomError.INVALID_MESSAGE)
        data = self.block(body, check)
        try:
            plain = self._inflate.decompress(data)
        except zlib.error:
            raise LoaderRefused(RomError.INFLATE) from None
        if self.silicon.build.inflates_whole_windows:
            self._write_windows(plain)
        else:
            self._write(plain)
        return self.ok()

    def _write_windows(self, plain: bytes) -> None:
        window = self.silicon.inflate_window
        while plain:
            piece, plain = plain[: len(window) - self._inflated], plain[len(window) - self._inflated :]
            window[self._inflated : self._inflated + len(piece)] = piece
            self._inflated += len(piece)
            if self._inflated == len(window):
                self._write_window()
        if self._inflate.eof:
            self._write_window()

    def _write_window(self) -> None:
        """Only the data in it is held against the flash's end, as far as anybody knows."""
        window = bytes(self.silicon.inflate_window)
        self._reach(self.silicon.download_at, self._inflated, RomError.FLASH_WRITE)
        self.silicon.program(self.silicon.download_at, window, encrypt=self._encrypt)
        self.silicon.download_at += len(window)
        self._inflated = 0

    def _flash_end(self, body: bytes, _check: int) -> Reply:
        """Whatever it is told, the ROM leaves its loader here: it resets or runs the firmware."""
        (run_firmware,) = self.fields("<I", body)
        leave = self.silicon.run_firmware if run_firmware else self.silicon.reset
        return self.ok(then=leave)

    def _read_slow(self, body: bytes, _check: int) -> Reply:
        offset, size = self.fields("<II", body)
        if greeting := self.silicon.jump_through_read():
            return Reply(packets=greeting)
        if size > _SLOW_READ:
            raise LoaderRefused(RomError.READ_LENGTH, still_sends=_SLOW_READ)
        self._reach(offset, size, RomError.FLASH_READ, still_sends=_SLOW_READ)
        data = self.silicon.flash.read(offset, size).ljust(_SLOW_READ, b"\x00")
        return self.ok(data=data)

    def _md5(self, body: bytes, _check: int) -> Reply:
        offset, size, _, _ = self.fields("<IIII", body)
        self._reach(offset, size, RomError.FLASH_READ, still_sends=_MD5_CHARACTERS)
        digest = hashlib.md5(self.silicon.flash.read(offset, size), usedforsecurity=False).hexdigest()
        return self.ok(data=digest.encode())


def _esp8266_erases(offset: int, size: int) -> int:
    """The bytes that ESP8266's ROM erases when asked for `size`: it counts the sectors before the first block twice."""
    sectors = -(-size // SECTOR)
    before_block = min(_SECTORS_PER_BLOCK - offset // SECTOR % _SECTORS_PER_BLOCK, sectors)
    return (before_block + sectors) * SECTOR
