# SPDX-License-Identifier: GPL-3.0-or-later
"""Every scan, shown large for a moment over the bottom of the screen, with what it did in words below. Where something
changes underneath meanwhile it steps aside, to one line.
"""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.timer import Timer
from textual.widget import Widget

from station.tui.cut import filled
from station.tui.letters import drawable, fit
from station.tui.palette import BLACK, SKY
from station.tui.say import Phrase, spoken

SHOWN_S = 3.0
_BLOCK_ROWS = 4


class ScanEcho(Widget):
    """Hidden until a scan comes. The scan is drawn or printed cell by cell, never read as markup."""

    DEFAULT_CSS = f"""
    ScanEcho {{
        dock: bottom; layer: echo; height: 7; display: none; background: {SKY}; color: {BLACK}; padding: 0 1;
    }}
    ScanEcho.aside {{ height: 1; }}
    """

    def __init__(self) -> None:
        super().__init__()
        self._scan = ""
        self._meaning: Phrase | str = ""
        self._timer: Timer | None = None

    def show(self, scan: str, meaning: Phrase | str) -> None:
        if not self.display or scan != self._scan:
            self.remove_class("aside")
        self._scan, self._meaning = scan, meaning
        self.display = True
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(SHOWN_S, self._hide)
        self.refresh()

    def step_aside(self) -> None:
        """What is under it matters more; the scan and what it did are still said."""
        self.add_class("aside")

    def _hide(self) -> None:
        self.display = False

    def render(self) -> Text:
        words, width = spoken(self), self.size.width
        meaning = self._meaning if isinstance(self._meaning, str) else self._meaning(words)
        scanned = words.of(words.bench.scanned, self._scan)
        if self.has_class("aside"):
            line = filled(f"{scanned}  –  {meaning}", width)
            return Text(line, style=Style(bold=True), end="", no_wrap=True)
        block = fit(drawable(self._scan), width, _BLOCK_ROWS)
        lines = [scanned, *block, *[""] * (_BLOCK_ROWS - len(block)), "", meaning]
        shown = "\n".join(filled(line, width) for line in lines)
        return Text(shown, style=Style(bold=True), end="", no_wrap=True)
