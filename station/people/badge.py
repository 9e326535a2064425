# SPDX-License-Identifier: GPL-3.0-or-later
"""An operator's badge, as it is scanned or typed."""

from __future__ import annotations

import re

from station.codes import Code
from station.errors import UsageError

BADGE = re.compile(r"OP[0-9]{1,12}")
"""An operator's badge: OP and a number. Device names and uids do not look like this, and no PIN may."""


def badge_number(badge: str) -> str:
    """A badge without its OP; a person may type the number alone. UsageError for a label, a name with blanks."""
    number = badge.upper().removeprefix("OP")
    if not BADGE.fullmatch(f"OP{number}"):
        raise UsageError(f"“{badge}” is not a badge", do="OP and a number, e.g. OP1042", code=Code.E124)
    return number
