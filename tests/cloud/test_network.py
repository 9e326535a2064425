# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS and proxies as factories have them: real handshakes, a real CONNECT, authorities from the environment."""

from __future__ import annotations

import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.cloud import network
from station.cloud.http import Call, Http
from station.cloud.retry import Again
from station.errors import CloudUnreachable
from tests.cloud.cloud_clients import QUICK
from tests.cloud.hostile_server import answer
from tests.cloud.self_signed import self_signed

CALL = Call(operation="test", method="GET", path="/x", request_id="r-1", repeatable=True)


@pytest.fixture
def certificate(tmp_path: Path) -> Any:
    return self_signed(tmp_path)


def listen(serve: Any) -> Any:
    """A thread that gives each connection to `serve`; the port."""
    listener = socket.create_server(("localhost", 0))

    def run() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.settimeout(5)
                    serve(connection)
                except OSError:
                    continue

    threading.Thread(target=run, daemon=True).start()
    return listener.getsockname()[1]


@pytest.fixture
def serve_tls(certificate: Any) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def serve(connection: Any) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(answer(b"over TLS"))

    return serve


@pytest.fixture
def trusted(certificate: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    network._tls.cache_clear()
    yield
    network._tls.cache_clear()


def get(url: str) -> Any:
    return Http(url, calls_per_s=0, retry=QUICK, connect_timeout_s=2).send(
        CALL, lambda _call: {}, lambda _answer: Again.NO
    )


def test_an_authority_from_the_environment_is_trusted(serve_tls: Any, trusted: Any) -> None:
    assert get(f"https://localhost:{listen(serve_tls)}").body == b"over TLS"


def test_a_server_that_cannot_prove_itself_gets_nothing(serve_tls: Any) -> None:
    network._tls.cache_clear()
    with pytest.raises(CloudUnreachable, match="cannot prove who it is") as error:
        get(f"https://localhost:{listen(serve_tls)}")
    assert "SSL_CERT_FILE" in error.value.do


def test_the_environments_proxy_is_used_with_its_password_and_never_shown(
    serve_tls: Any, trusted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def serve(connection: Any) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        serve_tls(connection)

    monkeypatch.setenv("https_proxy", f"http://user:hunter2@127.0.0.1:{listen(serve)}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert get("https://cloud.example").body == b"over TLS"
    assert asked[0].startswith(b"CONNECT cloud.example:443 ")
    assert b64encode(b"user:hunter2") in asked[0]


def test_a_proxy_that_is_down_is_said_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"http://user:hunter2@127.0.0.1:{port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(CloudUnreachable, match="proxy") as error:
        get("https://cloud.example")
    assert "hunter2" not in error.value.lines()


def test_a_port_where_nobody_listens_is_not_called_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(CloudUnreachable, match="connection refused"):
        Http(f"http://127.0.0.1:{port}", retry=QUICK).send(CALL, lambda _call: {}, lambda _answer: Again.NO)
