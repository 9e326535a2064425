# SPDX-License-Identifier: GPL-3.0-or-later
"""A real MQTT broker as an ordinary process, a reader of another hand, and one that answers as it is told to."""

from __future__ import annotations

import json
import os
import shutil
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from tests.cloud.self_signed import self_signed

USER, PASSWORD = "bench", "pass-phrase-of-bench"
_DEADLINE_S = 20.0


def mosquitto() -> str | None:
    """Debian has it where only root looks."""
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return found if found and shutil.which("mosquitto_sub") else None


class Broker:
    """Made in `folder`; `more` are lines of its configuration. `secured_port` asks for a certificate, as `proof`."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.port, self.secured_port = _free_port(), _free_port()
        self._folder, self._running = folder, None
        (folder / "users").touch(0o600)
        subprocess.run(["mosquitto_passwd", "-b", folder / "users", USER, PASSWORD], check=True, capture_output=True)
        as_root = ["user root"] if os.geteuid() == 0 else []
        lines = [
            f"listener {self.port} 127.0.0.1",
            "log_type all",
            "allow_anonymous false",
            f"password_file {folder / 'users'}",
        ]
        self.proof = file, key = self_signed(folder)
        lines += [f"listener {self.secured_port} 127.0.0.1", "require_certificate true"]
        lines += [f"cafile {file}", f"certfile {file}", f"keyfile {key}"]
        (folder / "conf").write_text("\n".join([*as_root, *lines, *more, ""]))

    _running: subprocess.Popen[bytes] | None

    def start(self) -> Broker:
        program = mosquitto()
        assert program is not None
        with (self._folder / "log").open("ab") as log:
            command = ["setpriv", "--pdeathsig", "KILL", program, "-c", str(self._folder / "conf")]
            self._running = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + _DEADLINE_S
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                assert self._running.poll() is None, self.log()
                time.sleep(0.02)
            else:
                return self
        raise AssertionError(self.log())

    def kill(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    def log(self) -> str:
        return (self._folder / "log").read_text("utf-8", "replace")

    @contextmanager
    def read(self, topic: str = "station/#") -> Iterator[Reader]:
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-u", USER, "-P", PASSWORD]
        command = ["stdbuf", "-oL", "mosquitto_sub", "-V", "mqttv5", *address, "-t", topic, "-q", "1", "-F", "%J"]
        before = self.log().count("Sending SUBACK")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                while self.log().count("Sending SUBACK") == before:
                    time.sleep(0.01)
                yield Reader(process)
            finally:
                process.kill()


class Reader:
    """Of each message topic, content and properties."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._lines = process.stdout or iter(())

    def next(self, count: int) -> list[dict[str, Any]]:
        """As many, as they come."""
        return [json.loads(line) for line in islice(self._lines, count)]


@contextmanager
def scripted(*answers: bytes) -> Iterator[int]:
    """The port of one that lets everybody in and answers each message by the next of these; "" ends the connection."""
    left = list(answers)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            self.request.sendall(bytes((0x20, 3, 0, 0, 0)))
            while (said := self.request.recv(4096)) and said[0] >> 4 == 3 and (answer := left.pop(0)):
                self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
