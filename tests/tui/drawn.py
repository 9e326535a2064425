# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the screen of an app under test. No terminal is there to show what it draws after each change, and textual
throws it away: that was a third of what these tests cost. So it is drawn when a test looks, all of it, and where it
becomes a picture.
"""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import RenderableType
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

_draw = Compositor.render_update


def not_before_one_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Compositor, "render_update", _render_update)


def _render_update(
    self: Compositor,
    full: bool = False,
    screen_stack: list[Screen[object]] | None = None,
    simplify: bool = False,
) -> RenderableType | None:
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
