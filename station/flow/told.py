# SPDX-License-Identifier: GPL-3.0-or-later
"""A visit in the log: where it begins, and how it ended. Its steps are told by `visit.at`."""

from __future__ import annotations

import time

from station.flow.visit import LOG, Visit, about
from station.logger import say_where
from station.rules import Outcome

_CALM = frozenset({Outcome.PASS, Outcome.ALREADY_DONE, Outcome.REMOVED, Outcome.WRONG_LABEL})


def begun(visit: Visit, port: str, profile: str) -> None:
    LOG.info("slot %s: a board at %s, by profile %s", visit.slot, port, profile)


def ended(visit: Visit) -> None:
    took_s = time.monotonic() - visit.began
    error = visit.error
    why = f", {error.code} {error.what}" if error is not None else ""
    say = LOG.info if visit.outcome in _CALM else LOG.error if visit.outcome is Outcome.ALARM else LOG.warning
    say("slot %s: %s after %.2f s%s%s", visit.slot, visit.outcome, took_s, about(visit), why)
    if error is not None:
        say_where(LOG, error)
