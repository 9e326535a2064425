# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud said so far of a batch, kept in a file until all of it is said: who is ended goes on where he was."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from station.errors import StationFault
from station.model import CertName

_OLD_S = 86400.0
"""Answers are of today, or they are asked for anew."""

Heard = int | None
"""A status; None where there is no device of this name."""


class HeardSoFar:
    """`said`: by certificate; `primaries`: of the identities that came. A line of the file a page."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path, self._file = path, file
        self.said: dict[CertName, Heard] = {}
        self.primaries: set[CertName] = set()

    @classmethod
    @contextmanager
    def of(cls, folder: Path, provider: str, batch_id: str) -> Iterator[HeardSoFar]:
        """StationFault when the file cannot be kept."""
        name = hashlib.sha256(f"{provider} {batch_id}".encode()).hexdigest()[:16]
        path = folder / f"reconcile-{name}.jsonl"
        try:
            lines = _lines(path)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | (0 if lines else os.O_TRUNC), 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                so_far = cls(path, file)
                for said, primaries in lines:
                    so_far._take(said, primaries)
                yield so_far
        except OSError as error:
            raise StationFault(
                f"what the cloud says is not kept in {folder}: {error.strerror}",
                do="make the folder writable, or free the disk, and run it again",
            ) from error

    def add(self, said: Mapping[CertName, Heard], primaries: Iterable[CertName]) -> None:
        """A page. A killed process leaves a part of a line at most, which is passed over."""
        named = list(primaries)
        self._take(said, named)
        line = {
            "at": time.time(),
            "said": [[name.product_key, name.device_name, status] for name, status in said.items()],
            "primaries": [[name.product_key, name.device_name] for name in named],
        }
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def forget(self) -> None:
        """All is said."""
        with suppress(OSError):
            self._path.unlink()

    def _take(self, said: Mapping[CertName, Heard], primaries: Iterable[CertName]) -> None:
        self.said |= said
        self.primaries |= set(primaries)


def _lines(path: Path) -> list[tuple[dict[CertName, Heard], list[CertName]]]:
    """Those of today; nothing behind one that cannot be read. What a clock that was ahead left there is of the future:
    nobody knows when it was said."""
    found, now = [], time.time()
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        for line in path.read_text("utf-8").split("\n")[:-1]:
            told = json.loads(line)
            if not now - _OLD_S <= told["at"] <= now:
                continue
            said = {CertName(product, device): status for product, device, status in told["said"]}
            found.append((said, [CertName(*name) for name in told["primaries"]]))
    return found
