# SPDX-License-Identifier: GPL-3.0-or-later
"""The boot ROM's serial loader: erases when a download begins, writes each block before it answers.

Status is four bytes (two on ESP8266). An unknown command is answered under another command's number with error 5,
from which esptool learns that the command does not exist. Until told otherwise the ROM believes in 2 MB of flash, and
it cannot reach the flash at all before SPI_ATTACH (on ESP8266: before FLASH_BEGIN).
"""

from __future__ import annotations

import hashlib
import zlib
from enum import IntEnum
from typing import TYPE_CHECKING

from station.simulate.esp.efuse import Download
from station.simulate.esp.flash import SECTOR
from station.simulate.esp.loader import Command, Loader, Refused
from station.simulate.esp.reply import Reply, response

if TYPE_CHECKING:
    from station.simulate.esp.silicon import Silicon

_SYNC_BODY = b"\x07\x07\x12\x20" + b"\x55" * 32
_SYNC_VALUE = 0x20120707
_SYNC_REPEATS = 7
_SLOW_READ = 64
_BELIEVED_FLASH = 2 << 20
_SECTORS_PER_BLOCK = 16
_NOT_IN_SECURE_DOWNLOAD = (
    Command.READ_REG,
    Command.WRITE_REG,
    Command.MEM_BEGIN,
    Command.MEM_DATA,
    Command.MEM_END,
    Command.SPI_FLASH_MD5,
    Command.READ_FLASH_SLOW,
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


class Error(IntEnum):
    INVALID_MESSAGE = 0x05
    FAILED_TO_ACT = 0x06
    INVALID_CHECKSUM = 0x07
    FLASH_WRITE = 0x08
    FLASH_READ = 0x09
    READ_LENGTH = 0x0A
    INFLATE = 0x0B


class Rom(Loader):
    BAD_CHECKSUM = Error.INVALID_CHECKSUM
    BAD_LENGTH = Error.INVALID_MESSAGE

    def __init__(self, silicon: Silicon) -> None:
        super().__init__(silicon)
        self.SUCCESS = bytes(silicon.chip.status_bytes)
        self._esp8266 = silicon.chip.name == "esp8266"
        self._believed_flash = silicon.flash.size if self._esp8266 else _BELIEVED_FLASH
        self._write_at: int | None = None
        self._encrypt = False
        self._inflate = zlib.decompressobj()
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

    def refusal(self, command: int, code: int) -> Reply:
        status = bytes((1, code)).ljust(self.silicon.chip.status_bytes, b"\x00")
        return Reply(packets=(response(command, status),))

    def unknown(self, command: int) -> Reply:  # noqa: ARG002  # the ROM does not echo what it does not know
        return self.refusal(0, Error.INVALID_MESSAGE)

    def _sync(self, body: bytes, _check: int) -> Reply:
        if body != _SYNC_BODY:
            raise Refused(Error.INVALID_MESSAGE)
        return self.ok(
            value=_SYNC_VALUE, more=(response(Command.SYNC, self.SUCCESS, value=_SYNC_VALUE),) * _SYNC_REPEATS
        )

    def _attach(self, body: bytes, _check: int) -> Reply:
        self.fields("<II", body)
        self.silicon.attached = True
        return self.ok()

    def _set_params(self, body: bytes, _check: int) -> Reply:
        _, size, _, _, _, _ = self.fields("<IIIIII", body)
        self._believed_flash = size
        return self.ok()

    def _reach(self, offset: int, size: int, code: Error) -> None:
        if not self.silicon.attached or offset + size > min(self._believed_flash, self.silicon.flash.size):
            raise Refused(code)

    def _begin(self, body: bytes) -> float:
        """Erase at once, all of it; how long that takes in seconds."""
        layout = "<IIIII" if self.silicon.chip.extended_begin else "<IIII"
        erase_size, _blocks, _block_size, offset, *encrypted = self.fields(layout, body)
        self._encrypt = any(encrypted)
        if self._encrypt and not self.silicon.encrypts_downloads:
            raise Refused(Error.FAILED_TO_ACT)
        if self._esp8266:
            self.silicon.attached = True
            erase_size = _esp8266_erases(offset, erase_size)
        self._write_at = offset
        if not erase_size:
            return 0.0
        self._reach(offset, erase_size, Error.FAILED_TO_ACT)
        return self.silicon.flash.erase(offset, erase_size) * self.silicon.sector_erase_s

    def _flash_begin(self, body: bytes, _check: int) -> Reply:
        return self.ok(before_s=self._begin(body))

    def _flash_defl_begin(self, body: bytes, _check: int) -> Reply:
        self._inflate = zlib.decompressobj()
        return self.ok(before_s=self._begin(body))

    def _write(self, data: bytes) -> None:
        if self._write_at is None:
            raise Refused(Error.FAILED_TO_ACT)
        self._reach(self._write_at, len(data), Error.FLASH_WRITE)
        self.silicon.program(self._write_at, data, encrypt=self._encrypt)
        self._write_at += len(data)

    def _flash_data(self, body: bytes, check: int) -> Reply:
        self._write(self.block(body, check))
        return self.ok()

    def _flash_defl_data(self, body: bytes, check: int) -> Reply:
        data = self.block(body, check)
        try:
            self._write(self._inflate.decompress(data))
        except zlib.error:
            raise Refused(Error.INFLATE) from None
        return self.ok()

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
            raise Refused(Error.READ_LENGTH)
        self._reach(offset, size, Error.FLASH_READ)
        data = self.silicon.flash.read(offset, size).ljust(_SLOW_READ, b"\x00")
        return self.ok(data=data)

    def _md5(self, body: bytes, _check: int) -> Reply:
        offset, size, _, _ = self.fields("<IIII", body)
        self._reach(offset, size, Error.FLASH_READ)
        digest = hashlib.md5(self.silicon.flash.read(offset, size), usedforsecurity=False).hexdigest()
        return self.ok(data=digest.encode())


def _esp8266_erases(offset: int, size: int) -> int:
    """The bytes that ESP8266's ROM erases when asked for `size`: it counts the sectors before the first block twice."""
    sectors = -(-size // SECTOR)
    before_block = min(_SECTORS_PER_BLOCK - offset // SECTOR % _SECTORS_PER_BLOCK, sectors)
    return (before_block + sectors) * SECTOR
