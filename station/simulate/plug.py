# SPDX-License-Identifier: GPL-3.0-or-later
"""What a simulated board is plugged in with: a pseudo-terminal, and a link of the caller's choice that leads to it."""

from __future__ import annotations

import os
import tty
from pathlib import Path


def open_pty(*, blocking: bool = False) -> tuple[int, int, str]:
    """The board's end, the station's end and its name. Raw, or the line would echo the board's own words to it before a
    station opens it; the board's end does not block, unless a program that is to be the board wants it so. As long as
    the station's end is held too, reads do not end while no station has the port open.
    """
    board, station = os.openpty()
    tty.setraw(station)
    os.set_blocking(board, blocking)
    return board, station, os.ttyname(station)


def lead(link: Path, name: str) -> None:
    """`link` leads to `name` from now on; it is never absent meanwhile."""
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(name)
    fresh.replace(link)
