# SPDX-License-Identifier: GPL-3.0-or-later
r"""Which product serial number a scan says. Pure.

The whole text, or the (group) of the profile's `pattern`: `'^SN:([0-9A-Z]{8})$'`. Its one normal form is upper case,
since a keyboard scanner follows Caps Lock. Printable ASCII without blanks, at most 64 characters: it goes on labels.
"""

from __future__ import annotations

import re

from station.model import half_width
from station.patterns import pattern

NONE = "NONE"
"""What is scanned, from a card on the bench, for a board without one where the profile lets that pass."""
_WRITTEN = re.compile(r"[!-~]{1,64}")


class NotASerial(ValueError):
    """The text says why."""


def says_none(scan: str) -> bool:
    """Whether it is the card for a board without one."""
    return half_width(scan).strip().upper() == NONE


def serial_in(scan: str, taken_by: str = "") -> str:
    """`taken_by`: the profile's pattern. NotASerial."""
    text = half_width(scan).strip()
    if taken_by:
        wanted = pattern(taken_by)
        found = wanted.search(text) or wanted.search(text.upper())
        if found is None:
            raise NotASerial("the profile's “serial” pattern does not fit it")
        text = found.groups()[0] or "" if found.groups() else found.group()
    if not _WRITTEN.fullmatch(text) or says_none(text):
        raise NotASerial("a serial number is 1 to 64 letters, digits and marks, without blanks")
    return text.upper()
