# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as lines, for a run that nobody watches on a screen: JSON on stdout is data, text on stderr is talk."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from station.events import Event, to_json
from station.printable import printable


def json_lines() -> Callable[[Event], None]:
    """Prints each event as one line; lines of several slots do not mix."""
    lock = threading.Lock()

    def listen(event: Event) -> None:
        with lock:
            try:
                print(printable(json.dumps(to_json(event), ensure_ascii=False)), flush=True)  # noqa: T201 - stdout is data
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that nothing more fails there
                raise

    return listen


class Phrasing(Protocol):
    """A run in words."""

    def event(self, event: Event, /) -> str:
        """ "" where there is nothing to say."""

    def summary(self, summary: Mapping[str, object], /) -> Iterable[str]: ...

    def ended_early(self, kind: str, /) -> str:
        """Its events could not be told; `kind` of error."""


def text_lines(phrasing: Phrasing) -> Callable[[Event], None]:
    """Says how each board ended, and notices."""

    def listen(event: Event) -> None:
        if line := phrasing.event(event):
            say(line)

    return listen


def say(text: str) -> None:
    """Talk goes to stderr, whole lines."""
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()
