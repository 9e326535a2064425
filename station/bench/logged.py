# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bench says of itself, in the log."""

from __future__ import annotations

from collections.abc import Callable

from station.events import Notice
from station.logger import logger

_LOG = logger("bench")


def log_notice(notice: Notice) -> None:
    where = f"slot {notice.slot}: " if notice.slot else ""
    (_LOG.error if notice.serious else _LOG.warning)("%s%s %s", where, notice.code, notice.what)


def log_unlocked(slot: str) -> None:
    _LOG.info("slot %s: nothing locks it any more", slot)


def logged(say: Callable[[Notice], None]) -> Callable[[Notice], None]:
    """Which is in the log, too."""

    def both(notice: Notice) -> None:
        log_notice(notice)
        say(notice)

    return both
