# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal that is written to by the screen's own thread, a frame at a time.

Textual hands each frame to another thread, which waits for its turn among all slots before anybody sees it; and 30 of
them queue for a slow terminal, seconds behind what is.
"""

from __future__ import annotations

import errno
import os
import select
import sys

from textual.drivers.linux_driver import LinuxDriver


class Direct(LinuxDriver):
    """What a signal's handler writes in the middle of a frame does no harm: nothing is buffered."""

    def write(self, data: str) -> None:
        """Nothing where the terminal is gone: a signal tells of its end."""
        terminal = sys.__stderr__.fileno()  # type: ignore[union-attr]  # as of all of Textual's
        left = memoryview(data.encode("utf-8", "replace"))
        try:
            while left:
                left = left[_taken(terminal, left) :]
        except OSError as error:
            if error.errno != errno.EIO:
                raise


def _taken(terminal: int, data: memoryview) -> int:
    """Bytes of it. Another program at the same terminal may have told it not to wait."""
    try:
        return os.write(terminal, data)
    except BlockingIOError:
        select.select([], [terminal], [])
        return 0
