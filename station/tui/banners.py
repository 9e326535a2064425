# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong and what is in doubt, below the header: a line each; on a large screen in block letters, side by
side.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget

from station.tui.bars import TALL_ROWS, DoubtBanner, NoticeBar, has_room_for_blocks


class Banners(Widget):
    """Takes no room as long as neither is shown."""

    DEFAULT_CSS = f"""
    Banners {{ height: auto; layout: vertical; }}
    Banners.tall {{ layout: horizontal; }}
    Banners.tall NoticeBar, Banners.tall DoubtBanner {{ height: {TALL_ROWS}; width: 1fr; }}
    """

    def __init__(self, notices: NoticeBar, doubts: DoubtBanner) -> None:
        super().__init__()
        self._bars = notices, doubts

    def compose(self) -> ComposeResult:
        yield from self._bars

    def on_mount(self) -> None:
        self.fit_to(*self.app.size)

    def on_resize(self) -> None:
        self.fit_to(*self.app.size)

    def fit_to(self, width: int, height: int) -> None:
        self.set_class(has_room_for_blocks(width, height), "tall")

    @property
    def most_rows(self) -> int:
        """Of the screen, with both."""
        return TALL_ROWS if self.has_class("tall") else len(self._bars)
