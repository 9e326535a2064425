# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor finds, in the log."""

from __future__ import annotations

import logging

from station.doctor import Finding, Level
from station.logger import logger

_LOG = logger("doctor")
_LEVELS = {Level.OK: logging.DEBUG, Level.SKIPPED: logging.DEBUG, Level.WRONG: logging.ERROR}


def log_finding(finding: Finding) -> None:
    level = _LEVELS.get(finding.level, logging.WARNING)
    _LOG.log(level, "%s %s: %s", finding.level, finding.check, finding.what)
