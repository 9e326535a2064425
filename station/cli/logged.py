# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a command in the log: what it ended with, and with which code. Costs nothing where nothing is logged."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from station.cli.telling import Configured
from station.errors import StationError


class Logging(Configured, Protocol):
    """Whose command is logged once it says so."""

    def log(self) -> None: ...


def log_error(fault: StationError, error: BaseException, made: Sequence[Logging]) -> None:
    """Of any command, also one that is not logged otherwise. Never raises."""
    with suppress(Exception):
        for context in made:
            context.log()
        if is_logged():
            from station.logger import logger, say_where

            log = logger("station")
            log.error("%s %s", fault.code, fault.what)
            say_where(log, error)


def log_opening(said: str) -> None:
    """What the opening of a ledger has for a person."""
    if is_logged():
        from station.logger import logger

        logger("ledger").warning("%s", said)


def end_log(code: int, made: Sequence[Logging]) -> None:
    """Its last lines are written; that they cannot be is said. Never raises."""
    if not is_logged():
        return
    from station.cli.telling import tell
    from station.log.log import end
    from station.logger import logger

    with suppress(Exception):
        logger("station").info("ended with exit code %d", code)
        end(lambda fault: tell(fault, next(iter(made), None)))


def is_logged() -> bool:
    """Whether this command is."""
    begun = sys.modules.get("station.log.log")
    return begun is not None and begun.is_begun()
