# SPDX-License-Identifier: GPL-3.0-or-later
"""The search over an alarm: the alarm is back when nobody types for IDLE_S."""

from __future__ import annotations

from station.tui.screens.search import Search

IDLE_S = 60.0


class LookedUp(Search):
    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(1.0, self.close_when_idle)

    def close_when_idle(self) -> None:
        if self.left_alone(IDLE_S):
            self.dismiss()
