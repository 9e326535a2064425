# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes on at the slots, above every room: nobody overlooks a doubt or an alarm because a list is open."""

from __future__ import annotations

from typing import cast

from textual.app import ComposeResult
from textual.containers import Vertical

from station.tui.bars import DoubtBanner, NoticeBar
from station.tui.host import Host, Shown
from station.tui.strip import SlotStrip


class Above(Vertical):
    """The strip of slots, and the banners of the operator's screen as long as that one has them."""

    DEFAULT_CSS = "Above { dock: top; height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._strip, self._notice, self._doubts = SlotStrip(), NoticeBar(), DoubtBanner()

    def compose(self) -> ComposeResult:
        yield self._strip
        yield self._notice
        yield self._doubts

    def on_mount(self) -> None:
        self.show(cast("Host", self.app).seen())

    def show(self, seen: Shown) -> None:
        self._strip.show(seen.slots)
        self._doubts.show(seen.doubts)
        self._notice.stand(seen.notice)
