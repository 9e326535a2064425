# SPDX-License-Identifier: GPL-3.0-or-later
"""What the log's tests share: a log that begins and ends inside a test, and a look at its files."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from station.config.settings import Config, load
from station.errors import StationError
from station.log import log


def config_of(folder: Path, **settings: str) -> Config:
    """With this log; `file` alone is in the folder."""
    flags = {"bench.state_dir": str(folder), **{f"log.{key}": value for key, value in settings.items()}}
    return load(None, flags, {"STATION_CONFIG": ""})


@contextmanager
def logged(folder: Path, **settings: str) -> Iterator[list[StationError]]:
    """All of debug, in `station.log`, unless it is said otherwise; what is said at the end."""
    said: list[StationError] = []
    log.begin(config_of(folder, **{"file": "station.log", "level": "debug"} | settings), "test")
    try:
        yield said
    finally:
        log.end(said.append)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("station.log*"))


def lines(folder: Path) -> list[str]:
    """Of all files, the newest file's last."""
    return [line for file in reversed(files(folder)) for line in file.read_text("utf-8").splitlines()]


def forms_of(secret: str) -> set[str]:
    """As a log could hold it, by accident."""
    data = secret.encode()
    inside = base64.b64encode(b"?" + data)[2:-4], base64.b64encode(b"??" + data)[3:-4]
    plain = {
        secret,
        secret[:12],
        secret[-12:],
        quote(secret, safe=""),
        data.hex(),
        base64.b64encode(data).decode()[:-4],
    }
    forms = plain | {part.decode() for part in inside} | {repr(list(data))[1:-1], secret[::-1]}
    return {form.lower() for form in forms if len(form) >= 8}


def leaked(folder: Path, *known: str) -> list[str]:
    text = "\n".join(file.read_text("utf-8") for file in files(folder)).lower()
    assert text, "something was logged"
    return [form for secret in known for form in forms_of(secret) if form in text]
