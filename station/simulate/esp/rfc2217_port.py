# SPDX-License-Identifier: GPL-3.0-or-later
"""A serial port over telnet (RFC 2217) on loopback: the one transport here with both a rate and modem lines.

Every setting is granted and acknowledged. DTR and RTS go to `on_lines` as they change.
"""

from __future__ import annotations

from collections.abc import Callable

from station.simulate.esp.ports import HostGone
from station.simulate.esp.tcp_port import TcpPort

_IAC = 0xFF
_SUBNEGOTIATION = 0xFA
_END = b"\xff\xf0"
_GRANT = {0xFB: 0xFD, 0xFD: 0xFB}
"""WILL is answered by DO, DO by WILL."""
_COM_PORT_OPTION = 0x2C
_SET_BAUDRATE = 1
_SET_CONTROL = 5
_ACKNOWLEDGED = 100
_DTR = {8: True, 9: False}
_RTS = {11: True, 12: False}


class Rfc2217Port(TcpPort):
    def __init__(self, port: int, on_lines: Callable[[bool, bool], None]) -> None:
        super().__init__(port)
        self._on_lines = on_lines
        self._unread = b""
        self._baud: int | None = None
        self._dtr = False
        self._rts = False

    def open(self) -> str:
        return super().open().replace("socket://", "rfc2217://")

    def read(self) -> bytes:
        try:
            self._unread += super().read()
        except HostGone:
            self._unread, self._baud = b"", None
            raise
        data = bytearray()
        while self._unread:
            plain, mark, rest = self._unread.partition(b"\xff")
            data += plain
            used = self._command(rest) if mark else 0
            if used is None:
                self._unread = mark + rest
                break
            if mark and rest[0] == _IAC:
                data.append(_IAC)
            self._unread = rest[used:]
        return bytes(data)

    def write(self, data: bytes) -> None:
        super().write(data.replace(b"\xff", b"\xff\xff"))

    def baud(self) -> int | None:
        return self._baud

    def _command(self, rest: bytes) -> int | None:
        """Carry out what follows an IAC; how many bytes that was, or None if it is not all there yet."""
        if not rest:
            return None
        if rest[0] == _SUBNEGOTIATION:
            end = rest.find(_END)
            if end < 0:
                return None
            self._setting(rest[1:end].replace(b"\xff\xff", b"\xff"))
            return end + len(_END)
        if rest[0] not in _GRANT:
            return 1
        if len(rest) == 1:
            return None
        super().write(bytes((_IAC, _GRANT[rest[0]], rest[1])))
        return 2

    def _setting(self, body: bytes) -> None:
        if len(body) < 2 or body[0] != _COM_PORT_OPTION:
            return
        name, value = body[1], body[2:]
        if name == _SET_BAUDRATE:
            self._baud = int.from_bytes(value, "big")
        elif name == _SET_CONTROL and value:
            self._control(value[0])
        answer = bytes((_COM_PORT_OPTION, name + _ACKNOWLEDGED)) + value
        super().write(b"\xff\xfa" + answer.replace(b"\xff", b"\xff\xff") + _END)

    def _control(self, code: int) -> None:
        self._dtr = _DTR.get(code, self._dtr)
        self._rts = _RTS.get(code, self._rts)
        if code in _DTR or code in _RTS:
            self._on_lines(self._dtr, self._rts)
