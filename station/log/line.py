# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of the log: in a file with its time and level, in the journal with the level as sd-daemon(3) has it."""

from __future__ import annotations

import logging

from station.events import moment
from station.printable import printable

_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}
"""As syslog(3) numbers them."""


class InFile(logging.Formatter):
    """`TIME LEVEL SUBJECT VISIT TEXT`; time as all JSON has it; `-` outside a visit."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{moment(record.created)} {record.levelname.lower():7} {said(record)}"


class InJournal(logging.Formatter):
    """Without a time, which the journal has."""

    def __init__(self, *, prefixed: bool) -> None:
        super().__init__()
        self._prefixed = prefixed

    def format(self, record: logging.LogRecord) -> str:
        priority = f"<{_PRIORITIES.get(record.levelno, 6)}>" if self._prefixed else ""
        return f"{priority}{said(record)}"


def said(record: logging.LogRecord) -> str:
    """One line, whatever is in it."""
    subject = record.name.partition(".")[2] or record.name
    return f"{subject:7} {getattr(record, 'visit', '') or '-':16} {printable(record.getMessage())}"
