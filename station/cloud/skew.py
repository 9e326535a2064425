# SPDX-License-Identifier: GPL-3.0-or-later
"""How far this PC's clock is from a cloud's, as the Date of its answer tells. Signatures are good for 15 minutes."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time

FRESH_S = 15 * 60


def skew_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that this PC is ahead; None when the answer has no date that can be read."""
    try:
        return time() - parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None


def in_words(headers: Mapping[str, str]) -> str:
    """To stand behind "set the PC's clock": how far off it is, where somebody knows, and the command."""
    seconds = skew_s(headers)
    off = "" if seconds is None else f": it is {seconds:+.0f} s away from the cloud's"
    return f"{off}; run: sudo timedatectl set-ntp true"
