# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the terminal that this command is run in, for the screens: size, colours, letters.

`paint_here` is for the commands that open a screen: with 2>file it would go into the file, and the terminal stay blank.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from station.doctor import Finding, Level
from station.errors import UsageError
from station.model import Language
from station.printable import is_utf8, letters_of_the_system

LEAST: Final = os.terminal_size((80, 24))


def paint_here() -> None:
    """The screen is painted on standard error; where that is redirected, on standard output, which is a terminal: what
    is logged still goes where it was sent. UsageError for letters that are no UTF-8.
    """
    if not sys.stdout.isatty():  # a browser is told otherwise
        return
    if not sys.stderr.isatty():
        sys.__stderr__ = sys.__stdout__  # type: ignore[misc]  # Textual takes this one
    for finding in letters(letters_of_the_system()):
        raise UsageError(finding.what, do=finding.do)


def here(language: Language, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """All checks, where this is a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield Finding(check="terminal", level=Level.SKIPPED, what="this is no terminal")
        return
    yield from size(shutil.get_terminal_size())
    yield from colours(environment)
    yield from letters(letters_of_the_system())
    if language is Language.CHINESE:
        yield from chinese(environment)


def size(now: os.terminal_size) -> Iterator[Finding]:
    """Has a tile room for its word and its instruction?"""
    if now.columns < LEAST.columns or now.lines < LEAST.lines:
        yield Finding(
            check="terminal",
            level=Level.WRONG,
            what=f"it has {now.columns} x {now.lines} characters, the screens want {LEAST.columns} x {LEAST.lines}",
            do="make the window larger, or its letters smaller",
        )


def colours(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Is there anything to paint with? 16 colours are enough, and NO_COLOR is somebody's wish."""
    kind = environment.get("TERM", "")
    if kind in ("", "dumb", "unknown"):
        yield Finding(
            check="terminal",
            level=Level.WRONG,
            what=f"TERM is {kind!r}: nothing can be painted there",
            do="set it to what the terminal is, e.g. TERM=xterm-256color, linux or vt220",
        )


def letters(encoding: str) -> Iterator[Finding]:
    """Are letters written as UTF-8?"""
    if not is_utf8(encoding):
        yield Finding(
            check="terminal",
            level=Level.WRONG,
            what=f"this locale writes {encoding}, the screens are UTF-8",
            do="LC_ALL=C.UTF-8 before the command, and in the bench's profile",
        )


def chinese(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Has the terminal Chinese letters, where that can be known? The large ones are drawn with blocks."""
    if environment.get("TERM") == "linux":
        yield Finding(
            check="terminal",
            level=Level.WRONG,
            what="a Linux console has no Chinese letters",
            do="use a graphical terminal, or set [bench] language to en",
        )
    elif (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")) and _fonts() == "":
        yield Finding(
            check="terminal",
            level=Level.WRONG,
            what="no font with Chinese letters is installed",
            do="sudo apt-get install fonts-noto-cjk",
        )


def _fonts() -> str | None:
    """Of the Chinese ones on this PC; None where nobody can be asked."""
    asked = shutil.which("fc-list")
    if asked is None:
        return None
    listed = subprocess.run([asked, ":lang=zh", "family"], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - no input of others
    return listed.stdout.strip()
