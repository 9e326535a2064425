# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a shift and the beginning of the next: the report on disk and the shift in the ledger, or neither."""

from __future__ import annotations

import time
from pathlib import Path

from station.ledger.store import Ledger
from station.people.shift import begin_shift
from station.report.handover import Handover, save_handover
from station.report.saving import remove


def hand_over(ledger: Ledger, report: Handover, to: str, *, folder: Path, text: str) -> Path:
    """Saves the report, `text` for people, in `folder` and begins the next shift with `to`; returns the text's path.

    StationFault when it cannot be saved: the shift goes on then. When the next shift cannot begin, nothing is saved.
    """
    paths = save_handover(report, to, at=time.time(), folder=folder, text=text)
    try:
        begin_shift(ledger, to)
    except BaseException:
        remove(paths)
        raise
    ledger.operator = to
    return paths[0]
