# SPDX-License-Identifier: GPL-3.0-or-later
"""What the boot ROM and the flasher stub have in common: packets in, replies out, registers, RAM and flash below.

A loader raises `LoaderRefused` for a command it cannot carry out; what that looks like on the wire is its own affair.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from station.simulate.esp.commands import Command
from station.simulate.esp.reply import HEADER, Reply, checksum, response
from station.simulate.esp.silicon import Running, Silicon


class LoaderRefused(Exception):
    """`code`: the loader's own error code."""

    def __init__(self, code: int, *, still_sends: int = 0) -> None:
        """`still_sends`: bytes of data that go before the error all the same, whatever lies in the buffer."""
        super().__init__(f"{code:#x}")
        self.code = code
        self.still_sends = still_sends


Handler = Callable[[bytes, int], Reply]
"""Takes a command's body and its checksum field."""


class Loader:
    """One packet at a time. Subclasses fill `handlers` and say what success and refusal look like."""

    running: Running
    SUCCESS: bytes
    BAD_CHECKSUM: int
    BAD_LENGTH: int

    def __init__(self, silicon: Silicon) -> None:
        self.silicon = silicon
        self.handlers: dict[int, Handler] = {
            Command.READ_REG: self._read_reg,
            Command.WRITE_REG: self._write_reg,
            Command.MEM_BEGIN: self._mem_begin,
            Command.MEM_DATA: self._mem_data,
            Command.MEM_END: self._mem_end,
            Command.CHANGE_BAUDRATE: self._change_baud,
            Command.GET_SECURITY_INFO: self._security_info,
        }
        self._command = 0
        self._ram_at = 0

    def packet(self, packet: bytes) -> Reply:
        if len(packet) < HEADER.size:
            return Reply()
        direction, command, size, check = HEADER.unpack_from(packet)
        body = packet[HEADER.size :]
        handler = self.handlers.get(command)
        if direction != 0:
            return Reply()
        if handler is None:
            return self.unknown(command)
        self.silicon.commands[Command(command).name] += 1
        self._command = command
        if size != len(body):
            return self.refusal(command, self.BAD_LENGTH)
        try:
            return handler(body, check)
        except LoaderRefused as refused:
            return self.refusal(command, refused.code, still_sends=refused.still_sends)

    def unknown(self, command: int) -> Reply:
        raise NotImplementedError

    def refusal(self, command: int, code: int, *, still_sends: int = 0) -> Reply:
        raise NotImplementedError

    def numbered(self, sequence: int) -> None:
        """A block for the flash with this number has come; LoaderRefused where the loader minds."""

    def ok(
        self,
        *,
        value: int = 0,
        data: bytes = b"",
        more: tuple[bytes, ...] = (),
        before_s: float = 0.0,
        then: Callable[[], float] | None = None,
    ) -> Reply:
        """Success of the command in hand; `more`: packets that follow the response."""
        success = response(self._command, self.SUCCESS, value=value, data=data)
        return Reply(packets=(success, *more), before_s=before_s, then=then)

    def fields(self, layout: str, body: bytes) -> tuple[int, ...]:
        if len(body) != struct.calcsize(layout):
            raise LoaderRefused(self.BAD_LENGTH)
        return struct.unpack(layout, body)

    def block(self, body: bytes, check: int, *, in_flash: bool = True) -> bytes:
        """The payload of a MEM_DATA, FLASH_DATA or FLASH_DEFL_DATA, once its length and checksum are right."""
        if len(body) < 16:
            raise LoaderRefused(self.BAD_LENGTH)
        size, sequence, _, _ = struct.unpack_from("<IIII", body)
        data = body[16:]
        if size != len(data):
            raise LoaderRefused(self.BAD_LENGTH)
        if in_flash:
            self.numbered(sequence)
        if checksum(data) != check & 0xFF:
            raise LoaderRefused(self.BAD_CHECKSUM)
        return data

    def _read_reg(self, body: bytes, _check: int) -> Reply:
        (address,) = self.fields("<I", body)
        return self.ok(value=self.silicon.registers.read(address))

    def _write_reg(self, body: bytes, _check: int) -> Reply:
        if not body or len(body) % 16:
            raise LoaderRefused(self.BAD_LENGTH)
        for address, value, mask, _delay in struct.iter_unpack("<IIII", body):
            self.silicon.registers.write(address, value, mask)
        return self.ok()

    def _security_info(self, _body: bytes, _check: int) -> Reply:
        return self.ok(data=self.silicon.security_info)

    def _change_baud(self, body: bytes, _check: int) -> Reply:
        """The answer still goes at the old rate."""
        baud, _old = self.fields("<II", body)
        if not baud:
            raise LoaderRefused(self.BAD_LENGTH)
        return self.ok(then=lambda: self.silicon.change_baud(baud))

    def _mem_begin(self, body: bytes, _check: int) -> Reply:
        _size, _blocks, _block_size, self._ram_at = self.fields("<IIII", body)
        return self.ok()

    def _mem_data(self, body: bytes, check: int) -> Reply:
        data = self.block(body, check, in_flash=False)
        self.silicon.load(self._ram_at, data)
        self._ram_at += len(data)
        return self.ok()

    def _mem_end(self, body: bytes, _check: int) -> Reply:
        stay, entry = self.fields("<II", body)
        return self.ok(more=() if stay else self.silicon.jump(entry))
