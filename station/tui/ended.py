# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen that has no board in hand, until somebody closes it or the system ends it."""

from __future__ import annotations

from collections.abc import Callable

from station.bench.signals import stopped_by_signals
from station.tui.floor import FloorApp


class ScreensEnd:
    """What a signal's thread does to it."""

    def __init__(self, app: FloorApp, leave: Callable[[], object] | None) -> None:
        self._app, self._leave = app, leave

    def stop(self, *, abort: bool = False) -> None:
        self._app.leave(None if abort else self._leave)


def show_until_ended(app: FloorApp, leave: Callable[[], object] | None = None) -> bool:
    """Shows it to its end. Whether SIGINT, SIGTERM or the end of the terminal was that: once = `leave`, by default at
    once; twice = at once."""
    ending = ScreensEnd(app, leave)
    with stopped_by_signals(ending, lambda *, twice: None, needs_terminal=True) as interrupted:  # noqa: ARG005
        app.run(mouse=False)  # a click or a wheel must not move what a key is meant for
    return interrupted.is_set()
