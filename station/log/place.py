# SPDX-License-Identifier: GPL-3.0-or-later
"""Where lines go: what went wrong with one is kept, for whoever handed it over."""

from __future__ import annotations

import logging
import sys


class Place(logging.Handler):
    """Mixed into the library's handlers, which would print a traceback to stderr."""

    trouble: BaseException | None = None
    """Why the last line is not there."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - as the library calls it
        self.trouble = sys.exc_info()[1]

    def took(self, record: logging.LogRecord) -> bool:
        """Whether the line is there now."""
        self.trouble = None
        self.handle(record)
        return self.trouble is None
