# SPDX-License-Identifier: GPL-3.0-or-later
"""The other sides of the andon's outputs, well-behaved and not: a web server, lines as they come, a dead output."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from station.andon.light import Light
from station.andon.line import AndonLine, of_tile
from station.andon.output import dead
from station.codes import Code
from station.events import SlotEvent, SlotState


def line(state: SlotState = SlotState.PASS, uid: str = "5a01", code: Code | None = None) -> AndonLine:
    tile = SlotEvent(slot="1", at=0.0, state=state, uid=uid, code=code)
    return of_tile(tile, Light(state), Light(state), at_bench="bench-1", batch="77")


class Web:
    """Answers each POST with `status`; while `holds` is set it says nothing at all."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.asked = threading.Event()
        self.url = ""

    def take(self, headers: dict[str, str], body: bytes) -> int:
        self.asked.set()
        self.goes_on.wait()
        self.headers.append(headers)
        if self.status < 300:
            self.bodies.append(body)
        return self.status


@contextmanager
def web(secured: ssl.SSLContext | None = None) -> Iterator[Web]:
    """`secured`: by TLS, as localhost."""
    made = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(made.take({k.lower(): v for k, v in self.headers.items()}, body))
            if made.status == 302:
                self.send_header("location", made.url + "elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not on the tests' screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.url = f"http://127.0.0.1:{server.server_address[1]}/"
        if secured is not None:
            made.url = f"https://localhost:{server.server_address[1]}/"
            server.socket = secured.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield made
        finally:
            made.goes_on.set()
            server.shutdown()


@contextmanager
def dripping() -> Iterator[str]:
    """A server that sends a byte of its headers now and then, for ever; its address."""
    over = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
            while not over.wait(0.02):
                try:
                    self.request.sendall(b"a")
                except OSError:
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        over.set()
        server.shutdown()


class Fickle:
    """An output whose other side a test switches: `works`, and `goes_on` while it is not held up."""

    name, on = "fickle", None

    def __init__(self, *, only_latest: bool = False, again_s: float | None = None) -> None:
        self.only_latest, self.again_s = only_latest, again_s
        self.works = True
        self.told: list[AndonLine] = []
        self.begun = threading.Event()
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.closed = 0

    def deliver(self, line: AndonLine) -> None:
        self.begun.set()
        self.goes_on.wait()
        if not self.works:
            raise dead("it is dead", "bury it")
        self.told.append(line)

    def look(self) -> None:
        """Never asked here."""

    def close(self) -> None:
        self.closed += 1
