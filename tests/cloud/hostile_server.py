# SPDX-License-Identifier: GPL-3.0-or-later
"""A server on loopback that sends exactly the bytes a test wants, well formed or not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Reply = Callable[[bytes], bytes]
Talk = Callable[[socket.socket], None]


@contextmanager
def serving(reply: Reply) -> Iterator[str]:
    """`reply(request)`: the raw bytes of one answer, after which the connection is closed. Yields the URL."""
    with talking(lambda connection: connection.sendall(reply(read_request(connection)))) as url:
        yield url


@contextmanager
def streaming(talk: Talk) -> Iterator[str]:
    """`talk(connection)` says what it likes, once a whole request has come. Yields the URL."""

    def asked(connection: socket.socket) -> None:
        read_request(connection)
        talk(connection)

    with talking(asked) as url:
        yield url


@contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """`talk(connection)` from its first moment; with all that were made, also at the end. Yields the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.01)
    ends = threading.Event()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                if ends.is_set():
                    return
                continue
            with connection:
                connection.settimeout(5)
                try:
                    talk(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ends.set()
        thread.join()
        listener.close()


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    if more := connection.recv(65536):
        return more
    raise ConnectionError("whoever asked is gone")
