# SPDX-License-Identifier: GPL-3.0-or-later
"""Where esptool and the NVS generator say things: to the slot whose thread is talking, never to a screen or a socket.

Both print through one process-wide logger whose calls carry no board; here it is ours, installed once, and looks the
slot up in a thread-local. Their default logger would also send errors to an IDE's websocket. What they say may quote
bytes a board sent, so it is kept for a fault's details and never shown as it is.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

KEPT_LINES = 40

_here = threading.local()


@contextmanager
def kept() -> Iterator[deque[str]]:
    """The last `KEPT_LINES` lines said by this thread inside the block."""
    outer = getattr(_here, "lines", None)
    _here.lines = deque(maxlen=KEPT_LINES)
    try:
        yield _here.lines
    finally:
        _here.lines = outer


@cache
def install() -> None:
    """Take over the loggers of esptool and the generator for this process. Costs their import the first time."""
    pylib: Any = import_module("esp_pylib.logger")

    class SlotLog(pylib.EspLogBase):  # type: ignore[misc]  # the base is only known once it is imported
        def print(self, *args: object, **_style: object) -> None:
            lines = getattr(_here, "lines", None)
            text = " ".join(str(arg) for arg in args).strip()
            if lines is not None and text:
                lines.append(text)

        def warn(self, *args: object, suggestion: str | None = None) -> None:
            self.print(*args, suggestion or "")

        note = hint = err = error = warning = warn

        def debug(self, *args: object) -> None:
            """Debug lines quote bytes from the wire."""

        def set_verbosity(self, mode: int | str) -> None:
            """Nothing is shown, so nothing can be shown more."""

        def progress_bar(self, *_args: object, **_kwargs: object) -> None:
            """Progress is counted where blocks are sent."""

    pylib.EspLog.set_logger(SlotLog())
