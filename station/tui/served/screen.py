# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board's own end of the pipe to its server: Textual's web driver, which trusts whoever writes to it.

The server has checked what a browser said; here it ends when the server is gone, however that ended, and paints
everything anew for a viewer that comes later.
"""

from __future__ import annotations

import asyncio

from textual import messages
from textual.drivers.web_driver import WebDriver

REPAINT = "repaint"


class ServedDriver(WebDriver):
    def start_application_mode(self) -> None:
        self._loop = asyncio.get_running_loop()
        super().start_application_mode()

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set():  # the server is gone
            asyncio.run_coroutine_threadsafe(self._app._post_message(messages.ExitApp()), self._loop)  # as Textual does

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        if packet_type == REPAINT:
            self._app.call_later(self._app.refresh)
        elif packet_type == "quit":
            super().on_meta(packet_type, payload)

    def _enable_mouse_support(self) -> None:
        """There is nothing to click on."""

    def _enable_bracketed_paste(self) -> None:
        """Nor to paste into."""
