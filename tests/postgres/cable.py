# SPDX-License-Identifier: GPL-3.0-or-later
"""The network between a bench and its server: on loopback, and it can be cut, or go silent without a word."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path


class Network:
    """From a port of loopback to the server's socket. A context."""

    def __init__(self, to: Path) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._passes = threading.Event()
        self._passes.set()
        self._is_cut = False
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._listener.close()
        self._passes.set()
        self.cut()

    def cut(self) -> None:
        """Whoever is connected is so no more, and nobody gets through."""
        self._is_cut = True
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def mend(self) -> None:
        self._is_cut = False
        self._passes.set()

    def silence(self) -> None:
        """What is sent arrives nowhere, and nobody is told."""
        self._passes.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._is_cut:
                    near.close()
                    continue
                far = socket.socket(socket.AF_UNIX)
                try:
                    far.connect(str(self._to))
                except OSError:  # no server there
                    near.close()
                    continue
                self._open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._passes.wait()
                to.sendall(data)
        for one in (source, to):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
