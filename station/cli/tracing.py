# SPDX-License-Identifier: GPL-3.0-or-later
"""`--trace FILE`: the wire of every slot, with times, both ways; secrets are masked before a line gets here."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from station.codes import Code
from station.errors import ConfigError

trace_option: Callable[[Callable[..., object]], Callable[..., object]] = click.option(
    "--trace",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append what goes over the wire, both ways, with times; secrets are masked.",
)


@contextmanager
def traced(path: Path | None) -> Iterator[None]:
    """Inside, each line goes to `path` too, a 0600 file. ConfigError when it cannot be opened."""
    if path is None:
        yield
        return
    from station.targets.wire import listen

    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", do="name a file that can be written", code=Code.E113) from error
    lock, broken = threading.Lock(), False

    def write(slot: str, line: str) -> None:
        nonlocal broken
        with lock:
            try:
                if not broken:
                    file.write(f"{slot} {line}\n")
                    file.flush()
            except OSError:  # a full disk: boards are flashed all the same
                broken = True

    end = listen(write)
    try:
        yield
    finally:
        end()
        with lock:
            broken = True
            file.close()
