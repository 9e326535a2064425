# SPDX-License-Identifier: GPL-3.0-or-later
"""A visit in the log: where it begins, and how it ended. Its steps are told by `visit.at`."""

from __future__ import annotations

import logging
import time

from station.flow.visit import LOG, Visit, board_and_name
from station.logger import say_where
from station.rules import Outcome

_CALM = (Outcome.PASS, Outcome.ALREADY_DONE, Outcome.REMOVED, Outcome.WRONG_LABEL)
_LEVELS = dict.fromkeys(_CALM, logging.INFO) | {Outcome.ALARM: logging.ERROR}


def begun(visit: Visit, port: str, profile: str) -> None:
    LOG.info("slot %s: a board at %s, by profile %s", visit.slot, port, profile)


def ended(visit: Visit) -> None:
    took_s = time.monotonic() - visit.began
    error = visit.error
    why = f", {error.code} {error.what}" if error is not None else ""
    text = f"{visit.outcome} after {took_s:.2f} s{board_and_name(visit)}{why}"
    LOG.log(_LEVELS.get(visit.outcome, logging.WARNING), "slot %s: %s", visit.slot, text)
    if error is not None:
        say_where(LOG, error)
