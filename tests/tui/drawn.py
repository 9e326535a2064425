# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the screen of an app under test. No terminal is there to show what it draws after each change, and textual
throws it away: that was a third of what these tests cost. So it is drawn when a test looks, all of it, and where it
becomes a picture. Who waits looks again when there would be something new to see.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partialmethod
from typing import Any

import pytest
from rich.console import Console, RenderableType
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

from tests.waiting import PATIENCE_S

_AGAIN_S = 1.0
"""Who waits looks again then, though nothing was painted."""
_TOGETHER_S = 0.02
"""What is painted so soon behind something else is seen together with it."""

_draw = Compositor.render_update
_waiting: set[asyncio.Event] = set()


def not_before_one_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Compositor, "render_update", _render_update)
    named = partialmethod(Console.export_svg, unique_id="terminal-0")  # else by a checksum of all that is drawn
    monkeypatch.setattr(Console, "export_svg", named)


def _render_update(
    self: Compositor,
    full: bool = False,
    screen_stack: list[Screen[object]] | None = None,
    simplify: bool = False,
) -> RenderableType | None:
    for waits in _waiting:
        waits.set()
    if full or simplify:
        return _draw(self, full, screen_stack, simplify)
    self._dirty_regions.clear()
    return None


def strips(app: App[Any]) -> list[Strip]:
    """Line by line, with what shines through from the screens below."""
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()


def text(app: App[Any]) -> str:
    width, _ = app.size
    return "\n".join("".join(segment.text for segment in line)[:width] for line in strips(app))


async def shows(app: App[Any], holds: Callable[[str], bool], what: object, within_s: float = PATIENCE_S) -> str:
    """Waits until that holds for what is on the screen, and gives it."""
    deadline, changed = time.monotonic() + within_s, asyncio.Event()
    _waiting.add(changed)
    try:
        while not holds(shown := text(app)):
            left_s = deadline - time.monotonic()
            assert left_s > 0, f"waited for {what}, but the screen shows\n{shown}"
            changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), min(_AGAIN_S, left_s))
            await asyncio.sleep(_TOGETHER_S)
    finally:
        _waiting.discard(changed)
    return shown
