# SPDX-License-Identifier: GPL-3.0-or-later
"""A cell as people read it."""

from __future__ import annotations

from station.paper.tables import Cell, Kind
from station.words.figures import moment


def shown(value: Cell, kind: Kind) -> str:
    """ "" for what is not known."""
    if value is None:
        return ""
    if kind is Kind.PART:
        return f"{value:.1%}" if isinstance(value, (int, float)) else str(value)
    if kind is Kind.SECONDS:
        return f"{value:.1f}"
    if kind is Kind.MOMENT:
        return moment(float(value))
    return f"{value:,}" if isinstance(value, int) else str(value)
