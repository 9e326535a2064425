# SPDX-License-Identifier: GPL-3.0-or-later
"""The system's journal: by stderr where systemd began this process with it (sd-daemon(3)), else by its socket, as any
program without one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from logging import StreamHandler
from logging.handlers import SysLogHandler
from pathlib import Path
from typing import Final, TextIO

from station.log.line import InJournal
from station.log.place import Place

SOCKET: Final = Path("/dev/log")
_IDENT: Final = "station: "


class _Stderr(Place, StreamHandler[TextIO]):
    """Each line's level stands before it."""


class _Socket(Place, SysLogHandler):
    """syslog(3)'s protocol, which says level and program itself."""

    ident = _IDENT
    append_nul = False


def is_stderr(environment: Mapping[str, str], stream: TextIO) -> bool:
    """Whether JOURNAL_STREAM names this stream: what a service started may have another one."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def journal(socket: Path = SOCKET) -> Place:
    """OSError where there is none."""
    by_stderr = is_stderr(os.environ, sys.stderr)
    place: Place = _Stderr(sys.stderr) if by_stderr else _Socket(address=str(socket), facility=SysLogHandler.LOG_DAEMON)
    place.setFormatter(InJournal(prefixed=by_stderr))
    return place
