# SPDX-License-Identifier: GPL-3.0-or-later
"""Each line as one HTTP POST. Answered by any 2xx; redirects are not followed, the answer is not read."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from station.andon.light import Light
from station.andon.line import AndonLine
from station.andon.output import TAKES_S, dead
from station.cloud.post import is_reached, json_headers, post

_DO = "see whether that server runs and is reached"


class PostOutput:
    only_latest = False
    again_s: float | None = None

    def __init__(self, name: str, url: str, token_file: Path | None = None, on: frozenset[Light] | None = None) -> None:
        self.name, self.on = name, on
        self._url, self._token_file = url, token_file

    def deliver(self, line: AndonLine) -> None:
        why = post(self._url, line.encoded(), json_headers(self._token_file), within_s=TAKES_S).why
        if why:
            raise dead(f"{urlsplit(self._url).hostname}: {why}", _DO)

    def look(self) -> None:
        """Whether anybody answers there; it is told nothing."""
        json_headers(self._token_file)
        if not is_reached(self._url, within_s=TAKES_S):
            raise dead(f"{urlsplit(self._url).hostname} cannot be reached", _DO)

    def close(self) -> None:
        """Each has its own connection."""
