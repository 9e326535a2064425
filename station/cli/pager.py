# SPDX-License-Identifier: GPL-3.0-or-later
"""Long answers go through a pager, as git's do: on a terminal alone, by $STATION_PAGER, else $PAGER, else less, which
ends by itself where all of it fits (LESS=FRX). None with --json, with --no-pager, or where it is named "" or cat.

It begins with the first line of data: whoever asks for a passphrase before that is not painted over. Ctrl-C ends the
command, never the pager; once a person ends that one, the rest of the answer is not made.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, TextIO, TypeVar

import click

if TYPE_CHECKING:
    from subprocess import Popen

_PAGER, _NO_PAGER = "station.pager", "station.no_pager"
"""In a click context's meta."""
_SETTINGS = {"LESS": "FRX", "LV": "-c", "LESSCHARSET": "utf-8"}
"""What pagers are told where the person has not."""
_NONE = ("", "cat")
_SECURE = {"LESSSECURE": "1"}
"""For one who may run the station as somebody else, and is to get no shell of theirs."""

_Result = TypeVar("_Result")


class _Pager:
    """Of one command; `width`: cells of the terminal, where data goes to one."""

    def __init__(self) -> None:
        self.width = _cells()
        self._begun = False
        self._process: Popen[str] | None = None
        self._streams: tuple[TextIO, TextIO] = (sys.stdout, sys.stderr)

    def begin(self) -> None:
        if self._begun or self.width is None:
            return
        self._begun = True
        command = _command()
        if not command:
            return
        from subprocess import PIPE, Popen

        with suppress(OSError):  # one that is not here: without
            self._process = Popen(command, stdin=PIPE, env=_told(), encoding="utf-8")  # noqa: S603 - the person's own
        if self._process is None or self._process.stdin is None:
            return
        self._streams = (sys.stdout, sys.stderr)
        both = self._process.stdin
        sys.stdout, sys.stderr = both, both if sys.stderr.isatty() else sys.stderr

    def end(self) -> None:
        """Once the person has read it."""
        if self._process is None or self._process.stdin is None:
            return
        sys.stdout, sys.stderr = self._streams
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        while self._process.returncode is None:
            with suppress(KeyboardInterrupt):
                self._process.wait()


def _said(ctx: click.Context, _param: click.Parameter, no_pager: object) -> None:
    ctx.meta[_NO_PAGER] = no_pager


no_pager_option: Callable[[Callable[..., object]], Callable[..., object]] = click.option(
    "--no-pager", is_flag=True, expose_value=False, callback=_said, help="Long answers as they are, on a terminal too."
)
"""For the root command."""


def paged(command: Callable[..., _Result]) -> Callable[..., _Result]:
    """Stands next to the function. What it prints for people, not its JSON, goes through a pager."""

    @wraps(command)
    def call(*context: object, **given: object) -> _Result:
        pager = click.get_current_context().meta[_PAGER] = _Pager()
        try:
            return command(*context, **given)
        finally:
            pager.end()

    return call


def begin_paging() -> None:
    """Before data is printed; nothing where the command is not paged, or is so already."""
    if pager := _present():
        pager.begin()


def terminal_width() -> int | None:
    """Cells of the terminal that data goes to; None where it goes elsewhere."""
    if pager := _present():
        return pager.width
    return _cells()


def _cells() -> int | None:
    if not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def _present() -> _Pager | None:
    ctx = click.get_current_context(silent=True)
    return ctx.meta.get(_PAGER) if ctx else None


def _is_lent() -> bool:
    """Whether somebody runs it with another's rights."""
    return "SUDO_UID" in os.environ or os.geteuid() != os.getuid()


def _told() -> dict[str, str]:
    return {**_SETTINGS, **os.environ, **(_SECURE if _is_lent() else {})}


def _command() -> list[str]:
    """[] for none. A pager of their own choice is only for who runs it with their own rights."""
    if click.get_current_context().meta.get(_NO_PAGER) or os.environ.get("TERM") == "dumb":
        return []
    from shlex import split

    chosen = os.environ.get("STATION_PAGER", os.environ.get("PAGER", "less")).strip()
    with suppress(ValueError):  # a quotation that does not end
        return [] if chosen in _NONE else ["less"] if _is_lent() else split(chosen)
    return []
