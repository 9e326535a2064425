# SPDX-License-Identifier: GPL-3.0-or-later
"""The flasher stub that esptool uploads: answers a block first and writes it afterwards.

What goes wrong while writing is told with the next command, which is then not carried out. Sectors are erased as the
data reaches them, and not at all while nothing but blank ones has been met since the download began. READ_FLASH sends
one packet and waits for its acknowledgement before the next. It believes in as much flash as it found, or was told.
A download that was never ended goes on taking blocks.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from enum import IntEnum

from station.simulate.esp.commands import Command
from station.simulate.esp.flash import SECTOR
from station.simulate.esp.loader import Loader, LoaderRefused
from station.simulate.esp.reply import Reply, response
from station.simulate.esp.silicon import Running, Silicon

GREETING = b"OHAI"
_SYNC_REPEATS = 7
_LARGEST_READ = 4096


class StubError(IntEnum):
    BAD_LENGTH = 0xC0
    BAD_CHECKSUM = 0xC1
    INVALID_COMMAND = 0xC3
    FLASH_OPERATION = 0xC4
    NOT_IN_FLASH_MODE = 0xC6
    INFLATE = 0xC7


@dataclass(slots=True, kw_only=True)
class _Download:
    """A write from its BEGIN to its END; `erased_to` moves ahead of `offset` sector by sector."""

    offset: int
    remaining: int
    encrypt: bool
    erased_to: int
    inflate: zlib._Decompress = field(default_factory=zlib.decompressobj)
    met_used_sector: bool = False


@dataclass(slots=True, kw_only=True)
class _Upload:
    """A READ_FLASH under way."""

    offset: int
    remaining: int
    size: int
    packet_size: int
    digest: hashlib._Hash = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))


class Stub(Loader):
    running = Running.STUB
    SUCCESS = b"\x00\x00"
    BAD_CHECKSUM = StubError.BAD_CHECKSUM
    BAD_LENGTH = StubError.BAD_LENGTH

    def __init__(self, silicon: Silicon) -> None:
        super().__init__(silicon)
        self._download: _Download | None = None
        self._upload: _Upload | None = None
        self._late_error = 0
        self._believed_flash = silicon.flash.size
        self.handlers |= {
            Command.SYNC: self._sync,
            Command.FLASH_BEGIN: self._flash_begin,
            Command.FLASH_DATA: self._flash_data,
            Command.FLASH_END: self._flash_end,
            Command.FLASH_DEFL_BEGIN: self._flash_begin,
            Command.FLASH_DEFL_DATA: self._flash_defl_data,
            Command.FLASH_DEFL_END: self._flash_end,
            Command.SPI_SET_PARAMS: self._set_params,
            Command.SPI_ATTACH: self._attach,
            Command.SPI_FLASH_MD5: self._md5,
            Command.ERASE_FLASH: self._erase_flash,
            Command.ERASE_REGION: self._erase_region,
            Command.READ_FLASH: self._read_flash,
            Command.RUN_USER_CODE: self._run_user_code,
        }
        if not silicon.security_info:
            del self.handlers[Command.GET_SECURITY_INFO]

    def packet(self, packet: bytes) -> Reply:
        if self._upload is not None:
            return self._acknowledged(self._upload, packet)
        if self._late_error and len(packet) > 1:
            code, self._late_error = self._late_error, 0
            return self.refusal(packet[1], code)
        return super().packet(packet)

    def refusal(self, command: int, code: int, *, still_sends: int = 0) -> Reply:  # noqa: ARG002  # the stub never does
        return Reply(packets=(response(command, bytes((code, 0))),))

    def unknown(self, command: int) -> Reply:
        return self.refusal(command, StubError.INVALID_COMMAND)

    def _sync(self, _body: bytes, _check: int) -> Reply:
        return self.ok(more=(response(Command.SYNC, self.SUCCESS),) * _SYNC_REPEATS)

    def _attach(self, body: bytes, _check: int) -> Reply:
        """The stub has found pins and size by itself; it only looks at the length of the request."""
        self.fields("<I", body)
        return self.ok()

    def _set_params(self, body: bytes, _check: int) -> Reply:
        _, self._believed_flash, _, _, _, _ = self.fields("<IIIIII", body)
        return self.ok()

    def _flash_begin(self, body: bytes, _check: int) -> Reply:
        layout = "<IIIII" if len(body) > 16 else "<IIII"
        size, _blocks, _block_size, offset, *encrypted = self.fields(layout, body)
        if any(encrypted) and not self.silicon.encrypts_downloads:
            raise LoaderRefused(StubError.FLASH_OPERATION)
        start = offset // SECTOR * SECTOR
        download = _Download(offset=offset, remaining=size, encrypt=any(encrypted), erased_to=start)
        self._download = download
        return self.ok(then=lambda: self._start_erasing(download))

    def _start_erasing(self, download: _Download) -> float:
        if not self._reaches(download.offset, download.remaining):
            self._late_error = StubError.FLASH_OPERATION
            return 0.0
        first = self._erase_to(download, download.erased_to + 1) if download.remaining else 0
        return first * self.silicon.sector_erase_s

    def _flash_data(self, body: bytes, check: int) -> Reply:
        download = self._in_flash_mode()
        data = self.block(body, check)
        return self.ok(then=lambda: self._write(download, data[: download.remaining]))

    def _flash_defl_data(self, body: bytes, check: int) -> Reply:
        download = self._in_flash_mode()
        data = self.block(body, check)
        return self.ok(then=lambda: self._write(download, data, compressed=True))

    def _write(self, download: _Download, data: bytes, *, compressed: bool = False) -> float:
        try:
            plain = download.inflate.decompress(data) if compressed else data
        except zlib.error:
            self._late_error = StubError.INFLATE
            return 0.0
        if not self._reaches(download.offset, len(plain)):
            self._late_error = StubError.FLASH_OPERATION
            return 0.0
        erased = self._erase_to(download, download.offset + len(plain))
        self.silicon.program(download.offset, plain, encrypt=download.encrypt)
        download.offset += len(plain)
        download.remaining -= len(plain)
        return erased * self.silicon.sector_erase_s

    def _erase_to(self, download: _Download, end: int) -> int:
        erased = 0
        while download.erased_to < end:
            download.met_used_sector |= not self.silicon.flash.is_blank(download.erased_to)
            if download.met_used_sector:
                erased += self.silicon.flash.erase(download.erased_to, SECTOR)
            download.erased_to += SECTOR
        return erased

    def _reaches(self, offset: int, size: int) -> bool:
        return offset + size <= self._believed_flash

    def _in_flash_mode(self) -> _Download:
        if self._download is None:
            raise LoaderRefused(StubError.NOT_IN_FLASH_MODE)
        return self._download

    def _flash_end(self, body: bytes, _check: int) -> Reply:
        (stay,) = self.fields("<I", body)
        if self._in_flash_mode().remaining:
            raise LoaderRefused(StubError.BAD_LENGTH)
        self._download = None
        return self.ok(then=None if stay else self.silicon.reset)

    def _erase_flash(self, _body: bytes, _check: int) -> Reply:
        sectors = self.silicon.flash.erase(0, self.silicon.flash.size)
        return self.ok(before_s=sectors * self.silicon.sector_erase_s)

    def _erase_region(self, body: bytes, _check: int) -> Reply:
        offset, size = self.fields("<II", body)
        if offset % SECTOR or size % SECTOR:
            raise LoaderRefused(StubError.BAD_LENGTH)
        if not self._reaches(offset, size):
            raise LoaderRefused(StubError.FLASH_OPERATION)
        sectors = self.silicon.flash.erase(offset, size)
        return self.ok(before_s=sectors * self.silicon.sector_erase_s)

    # -- reading ---------------------------------------------------------------------------------------------------

    def _md5(self, body: bytes, _check: int) -> Reply:
        offset, size, _, _ = self.fields("<IIII", body)
        return self.ok(data=hashlib.md5(self._read(offset, size), usedforsecurity=False).digest())

    def _read(self, offset: int, size: int) -> bytes:
        if not self._reaches(offset, size):
            raise LoaderRefused(StubError.FLASH_OPERATION)
        return self.silicon.flash.read(offset, size)

    def _read_flash(self, body: bytes, _check: int) -> Reply:
        offset, size, packet_size, _unacknowledged = self.fields("<IIII", body)
        self._read(offset, size)
        if not 0 < packet_size <= _LARGEST_READ:
            raise LoaderRefused(StubError.BAD_LENGTH)
        self._upload = _Upload(offset=offset, remaining=size, size=size, packet_size=packet_size)
        return self.ok(more=self._next_packets(self._upload))

    def _next_packets(self, upload: _Upload) -> tuple[bytes, ...]:
        if not upload.remaining:
            self._upload = None
            return (upload.digest.digest(),)
        data = self.silicon.flash.read(upload.offset, min(upload.remaining, upload.packet_size))
        upload.digest.update(data)
        upload.offset += len(data)
        upload.remaining -= len(data)
        return (data,)

    def _acknowledged(self, upload: _Upload, packet: bytes) -> Reply:
        if len(packet) != 4:
            self._upload = None
            return Reply(packets=(upload.digest.digest(),))
        if not upload.remaining and int.from_bytes(packet, "little") < upload.size:
            return Reply()
        return Reply(packets=self._next_packets(upload))

    def _run_user_code(self, _body: bytes, _check: int) -> Reply:
        return Reply(then=self.silicon.run_firmware)
