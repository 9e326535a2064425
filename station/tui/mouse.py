# SPDX-License-Identifier: GPL-3.0-or-later
"""Mouse and wheel, in the rooms where lists are looked through. On the operator's screen and in dialogs the terminal
keeps them: a click must not move what a key is meant for.
"""

from __future__ import annotations

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

_ON, _OFF = "\x1b[?1000h\x1b[?1006h", "\x1b[?1006l\x1b[?1000l"
"""Buttons and the wheel, told in digits. Not each movement: it would be a paint."""


def take_mouse(app: App[None], *, on: bool) -> None:
    """Or give it back. Nothing where there is no terminal of ours: in a browser, in a test."""
    driver = app._driver
    if isinstance(driver, LinuxDriver):
        driver.write(_ON if on else _OFF)
        driver.flush()
