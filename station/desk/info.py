# SPDX-License-Identifier: GPL-3.0-or-later
"""Who and where: what a screen shows of a bench before it shows anything else. Loads no room but its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.ledger.locks import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class StationInfo:
    """What the header shows. Times are Unix seconds."""

    name: str
    slots: tuple[str, ...]
    profile: str = ""
    product: str = ""
    batch: str = ""  # of what was flashed last
    operator: str = ""
    shift_started: float = 0.0
    lock: Lock | None = None  # on the whole station
