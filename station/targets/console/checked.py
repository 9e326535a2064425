# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that carry a check (CRC, sum, length) of what they say: only what a check covers counts, and a wrong one
spoils the answer, whatever else it says.
"""

from __future__ import annotations

import re
from typing import Final

from station.targets.console.forms import CHECKING
from station.targets.console.spec import CHECK_OF, CHECK_VALUE, AnswerCheck
from station.targets.console.text import garbled, whole_lines

_VISIBLE: Final = re.compile(r"[^\n]")
_UNREADABLE: Final = "\ufffd"
"""No value may contain it."""


def covered(check: AnswerCheck | None, text: str) -> str:
    """`text`, each character in its place, with what no right check covers made unreadable: lines without one, and a
    last one that may be still on its way. All of it where there is no check. BoardFault E208 for a wrong one.
    """
    if check is None:
        return text
    kept, end = [], 0
    for found in check.pattern.finditer(whole_lines(text)):
        of, value = found[CHECK_OF], found[CHECK_VALUE]
        if of is None or value is None or CHECKING[check.form](of.encode()).lower() != value.lower():
            raise garbled(f"a line does not have the {check.form} that it carries")
        kept += [_unread(text[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*kept, _unread(text[end:])])


def _unread(text: str) -> str:
    return _VISIBLE.sub(_UNREADABLE, text)
