# SPDX-License-Identifier: GPL-3.0-or-later
"""A wire between a `socket://` port and a board, as an emulator of the whole chip behaves: its ROM talks before it is
asked, is slow to hear the first greeting, and what it says comes byte by byte, or late and in lumps.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

BOOT_TEXT = (
    b"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\n"
    b"waiting for download\r\n"
)


class StrangeWire:
    """`url` leads to the board at `to`. `lumps_s` None: each byte for itself; else what comes in so many seconds, at
    once. `deaf` bytes of the host are lost first. `cut_after` bytes to the host the peer closes, once.
    """

    def __init__(self, to: str, *, lumps_s: float | None, deaf: int = 0, cut_after: int | None = None) -> None:
        self._to = ("127.0.0.1", int(to.rpartition(":")[2]))
        self._lumps_s = lumps_s
        self._deaf = deaf
        self._cut_after = cut_after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> StrangeWire:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                host = self._listener.accept()[0]
                board = socket.create_connection(self._to)
                for end in (host, board):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                host.sendall(BOOT_TEXT)
                threading.Thread(target=self._to_board, args=(host, board), daemon=True).start()
                threading.Thread(target=self._to_host, args=(board, host), daemon=True).start()

    def _to_board(self, host: socket.socket, board: socket.socket) -> None:
        with suppress(OSError):
            while data := host.recv(4096):
                lost = min(self._deaf, len(data))
                self._deaf -= lost
                board.sendall(data[lost:])
        with suppress(OSError):
            board.shutdown(socket.SHUT_RDWR)

    def _to_host(self, board: socket.socket, host: socket.socket) -> None:
        with suppress(OSError):
            while data := board.recv(4096):
                if self._cut_after is not None:
                    self._cut_after -= len(data)
                    if self._cut_after < 0:
                        self._cut_after = None
                        break
                if self._lumps_s is None:
                    for byte in data:
                        host.sendall(bytes([byte]))
                else:
                    time.sleep(self._lumps_s)
                    host.sendall(data)
        with suppress(OSError):
            host.shutdown(socket.SHUT_RDWR)
        for end in (host, board):
            end.close()
