# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dry check found, in a language."""

from __future__ import annotations

from station.desk.desk import Check, CheckOf
from station.words.details import said
from station.words.language import Words
from station.words.told import whole_error


def check_line(check: Check, words: Words) -> str:
    """Good or bad, what was looked at, what was found."""
    text, past = words.office, words.past
    verdict = f"✓ {text.good}" if check.good else f"✗ {text.bad}"
    if check.error is not None:
        return f"{verdict}   " + "\n     ".join(whole_error(check.error, words))
    named = {CheckOf.UID: past.uid, CheckOf.CHIP: past.chip, CheckOf.HOLDS: past.holds, CheckOf.ROOM: past.room}
    found = past.holdings[check.holding] if check.holding else ""
    detail = said(check.detail, words)
    return "   ".join(part for part in (verdict, named[check.of] if check.of else "", found, detail) if part)
