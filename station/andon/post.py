# SPDX-License-Identifier: GPL-3.0-or-later
"""Each line as one HTTP POST. Answered by any 2xx; redirects are not followed, the answer is not read."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

from station import __version__
from station.andon.light import Light
from station.andon.line import AndonLine
from station.andon.output import TAKES_S, dead
from station.cloud.post import post
from station.secrets.files import read_secret_file


class PostOutput:
    only_latest = False
    again_s: float | None = None

    def __init__(self, name: str, url: str, token_file: Path | None = None, on: frozenset[Light] | None = None) -> None:
        self.name, self.on = name, on
        self._url, self._token_file = url, token_file

    def deliver(self, line: AndonLine) -> None:
        headers = {"content-type": "application/json", "user-agent": f"certificate-station/{__version__}"}
        if self._token_file is not None:
            headers["authorization"] = f"Bearer {read_secret_file(self._token_file).reveal()}"
        why = post(self._url, line.encoded(), headers, within_s=TAKES_S).why
        if why:
            raise dead(f"{urlsplit(self._url).hostname}: {why}", "see whether that server runs and is reached")

    def look(self) -> None:
        """Whether anybody answers there; it is told nothing."""
        if self._token_file is not None:
            read_secret_file(self._token_file)
        parts = urlsplit(self._url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        try:
            socket.create_connection((parts.hostname or "", port), TAKES_S).close()
        except OSError as error:
            raise dead(f"{parts.hostname} cannot be reached", "see whether that server runs and is reached") from error

    def close(self) -> None:
        """Each has its own connection."""
