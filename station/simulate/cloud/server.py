# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP/1.1 with keep-alive on loopback. One write per answer, no Nagle, so that a client measures itself, not us.

Every answer says in `X-Sim-Micros` what it cost: CPU time of its connection's thread since the answer before, parsing
and the last write included. Waits (`delay`, an idle connection) cost nothing, so a benchmark may subtract it.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from station.simulate.cloud.exchange import Dropped, Received, Response
from station.simulate.cloud.xca import MAX_BODY

Serve = Callable[[Received, Callable[[], int]], Response]
"""Answers one call; the second argument tells the microseconds spent so far."""

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER for no time at all: closing sends RST


class CloudServer(ThreadingHTTPServer):
    """Serves from now until `stop`, which also cuts the connections that are open."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, serve: Serve) -> None:
        self.serve = serve
        self._open: set[socket.socket] = set()
        self._stopping = False
        super().__init__(("127.0.0.1", port), _Handler)
        self._accepting = threading.Thread(target=self._accept, name="cloud simulator", daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_RESET)) == _RESET:
            self.close_request(request)  # a shutdown first would send FIN, and no RST after it
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no event; anything else is a bug of ours and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def _accept(self) -> None:
        while not self._stopping:
            self.handle_request()

    def stop(self) -> None:
        if self._stopping:
            return
        self._stopping = True
        self.socket.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread at once; serve_forever() would poll
        self._accepting.join()
        self.server_close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # its client was faster


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: CloudServer

    def setup(self) -> None:
        super().setup()
        self._mark_ns = time.thread_time_ns()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            return self._send(Response(status=413, headers={"X-Ca-Error-Code": "I413RL"}))
        body = self.rfile.read(int(length))
        if len(body) < int(length):  # its sender died in the middle: no gateway acts on half a request
            self.close_connection = True
            return None
        call = Received(method=self.command, target=self.path, headers=self.headers, body=body)
        try:
            return self._send(self.server.serve(call, self._micros))
        except Dropped as dropped:
            if dropped.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.close_connection = True

    do_GET = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_POST  # noqa: N815 - the base class looks for these

    def _micros(self) -> int:
        return (time.thread_time_ns() - self._mark_ns) // 1000

    def _send(self, answer: Response) -> None:
        body = answer.body()
        headers = {
            "Date": self.date_time_string(),
            "Content-Type": "application/json; charset=utf-8",
            **answer.headers,
            "Content-Length": str(len(body) + answer.missing),
            "X-Sim-Micros": str(self._micros()),
        }
        self._mark_ns = time.thread_time_ns()
        lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        self.wfile.write(head + (b"" if self.command == "HEAD" else body))
        if answer.close:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: requests are in `CloudSimulator.requests`."""
