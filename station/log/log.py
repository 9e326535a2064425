# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of this process: begun once it is known what it is to do, ended with it.

That it cannot be written is said where a bench tells its notices, as soon as one does; else at the end.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from station import __version__
from station.codes import Code
from station.config.settings import Config
from station.errors import StationError, StationFault
from station.events import Notice
from station.log import journal
from station.log.file import SharedFile
from station.log.line import InFile
from station.log.place import Place
from station.log.writer import Writer
from station.logger import NAME, logger

JOURNAL: Final = "journal"
"""As `[log] file`."""
MIB: Final = 2**20
_NAMED_BY_PATH: Final = frozenset({"postgresql", "postgres", "sqlite"})
"""Schemes whose path is a database's name."""
_LOG = logger("station")
_ROOT = logging.getLogger(NAME)

Say = Callable[[StationError], None]


def file_of(config: Config) -> Path | None:
    """Where a file is asked for. A name alone is in the state folder."""
    named = config.text("log.file")
    return config.state_dir / Path(named).expanduser() if named not in ("", JOURNAL) else None


def most_bytes(config: Config) -> int:
    """Of all that is kept."""
    return int(config.number("log.max_mib") * (config.number("log.keep") + 1)) * MIB


def fault(where: str, error: BaseException) -> StationFault:
    """That it cannot be written."""
    why = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return StationFault(
        f"the log {where} cannot be written: {why}",
        means="boards are flashed all the same; what happens now is not in the log",
        do="make room, or its folder writable for this user; or set [log] file",
        code=Code.E332,
    )


class Log:
    """One that is written."""

    def __init__(self, config: Config) -> None:
        self.where = str(file_of(config) or JOURNAL)
        self._unsaid: StationFault | None = None
        self._say: Say | None = None
        self._writer: Writer | None = None
        try:
            self._writer = Writer(_place(config), self._trouble)
        except OSError as error:
            self._trouble(error)
            return
        _ROOT.addHandler(self._writer)
        _ROOT.setLevel(config.text("log.level").upper())

    def _trouble(self, error: BaseException) -> None:
        found = fault(self.where, error)
        if self._say is None:
            self._unsaid = found
        else:
            self._say(found)

    @contextmanager
    def said_to(self, say: Say) -> Iterator[None]:
        self._say = say
        if self._unsaid is not None:
            unsaid, self._unsaid = self._unsaid, None
            say(unsaid)
        try:
            yield
        finally:
            self._say = None

    def end(self, say: Say) -> None:
        if self._writer is not None:
            self._writer.end()
            _ROOT.removeHandler(self._writer)
            _ROOT.setLevel(logging.NOTSET)
        if self._unsaid is not None:
            say(self._unsaid)


def _place(config: Config) -> Place:
    path = file_of(config)
    if path is None:
        return journal.journal()
    size = int(config.number("log.max_mib") * MIB)
    place = SharedFile(path, most_bytes=size, keep=int(config.number("log.keep")))
    place.setFormatter(InFile())
    return place


_present: list[Log] = []


def is_wanted(config: Config) -> bool:
    """Without a word in [log], by whoever systemd began with its journal as stderr."""
    return bool(config.text("log.file")) or journal.is_stderr(os.environ, sys.stderr)


def is_begun() -> bool:
    return bool(_present)


def begin(config: Config, what: str) -> None:
    """For this process, once, where it is wanted; `what` it does, in a word or two: no argument that may be anything.
    Never raises."""
    if _present or not is_wanted(config):
        return
    _present.append(Log(config))
    _LOG.info("%s begins: station %s, process %d", what, __version__, os.getpid())
    changed = {key: value for key, value in config.values.items() if value.origin != "default"}
    settings = " ".join(f"{key}={_without_credentials(value.value)}" for key, value in changed.items())
    _LOG.info("settings of %s: %s", config.path or "no file", settings or "none")


def _without_credentials(value: object) -> str:
    """An address may hold some before its host or behind it, and many a receiver's path is one."""
    text = ":".join(map(str, value)) if isinstance(value, tuple) else str(value)
    scheme, found, rest = text.partition("://")
    if not found:
        return text
    host = re.split("[/?#]", rest, maxsplit=1)[0]
    behind = rest.removeprefix(host)
    if "@" in behind:  # a password may have a slash or a question mark
        return f"{scheme}://…"
    path = re.split("[?#]", behind, maxsplit=1)[0]
    shown = path if scheme in _NAMED_BY_PATH else "/…" if path.strip("/") else path
    return f"{scheme}://{host.rpartition('@')[2]}{shown}"


@contextmanager
def said_to(say: Callable[[Notice], None]) -> Iterator[None]:
    """Inside, that the log cannot be written is told as a notice, from a thread of its own."""
    if not _present:
        yield
        return

    def tell(error: StationError) -> None:
        say(Notice(at=time.time(), code=error.code, what=error.what, do=error.do))

    with _present[0].said_to(tell):
        yield


def end(say: Say) -> None:
    """Its last lines are written."""
    while _present:
        _present.pop().end(say)
