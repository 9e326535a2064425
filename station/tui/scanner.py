# SPDX-License-Identifier: GPL-3.0-or-later
"""A barcode scanner that types. Its keys are caught before any widget sees them, whatever has the focus.

Scanners end with Enter or Tab. Only 0-9 A-Z are relied on, other printable characters are kept as they come; a scan
that stops half way is forgotten after STALE_S, so that it cannot become the head of the next one. A code may hold
control characters: what comes faster than fingers steers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from textual.events import Key

STALE_S = 3.0
GAP_S = 0.3
"""Between two characters of one scan at most; the scanner's own blanks come sooner."""
MAX_LENGTH = 512
"""A longer one is none; one character more is kept, so that it is seen to be: a part of it may be another's label."""
FINGERS_S = 0.03
"""Between two keys of a person who types fast; scanners take a few ms, a key that waited for the program none."""
LEAST_SCAN = 8
"""Characters, from which on the pace of typing is told: shorter PINs are rolled off in no time."""
MOST_AT_ONCE = 64
"""Scans that a scanner on a serial port has kept while nobody read it: some for each of 16 slots."""
CONFIRM_BARCODE = "CONFIRM"
"""What a printed barcode beside the fixture says instead of the Space bar."""


def typed_by_scanner(times: Sequence[float]) -> bool:
    """Whether keys that came at these times were faster than fingers; one that was held up does not hide it."""
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    return len(times) >= LEAST_SCAN and gaps[len(gaps) // 2] < FINGERS_S


def scans_in(text: str) -> list[str]:
    """What came at once, pasted or from a serial scanner: one scan a line, without what nobody can see or print."""
    lines = (without_the_unseen(line).strip() for line in text.splitlines())
    return [line[: MAX_LENGTH + 1] for line in lines if line]


def without_the_unseen(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


class Scanner:
    """Collects keys into scans."""

    def __init__(self) -> None:
        self._typed = ""
        self._last = 0.0
        self._sent = 0.0  # when anything came that a code may hold; its end is one
        self._passed_on: Key | None = None

    def take(self, key: Key) -> tuple[bool, str | None]:
        """Whether the key belongs to a scan, and the scan it completes. A lone Space is not part of a scan."""
        if key is self._passed_on:  # comes up again from the widget that it went on to
            return False, None
        taken, scan = self._take(key)
        self._passed_on = None if taken else key
        return taken, scan

    def _take(self, key: Key) -> tuple[bool, str | None]:
        character = key.character or ""
        steers = key.key.startswith(("ctrl+", "alt+"))
        is_letter = bool(character) and character.isprintable() and not steers
        quick = key.time - self._sent < FINGERS_S
        if steers or is_letter:
            self._sent = key.time
        if key.time - self._last > STALE_S:
            self._typed = ""
        if key.key in ("enter", "tab") and self._typed:
            scan, self._typed, self._sent = self._typed.strip(), "", 0.0
            return True, scan or None
        if not is_letter:
            return quick, None
        if character == " " and (not self._typed or key.time - self._last > GAP_S):
            self._typed = ""  # a stray key before it must not swallow the Space bar
            return quick, None
        self._last = key.time
        self._typed = (self._typed + character)[: MAX_LENGTH + 1]
        return True, None
