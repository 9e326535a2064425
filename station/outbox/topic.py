# SPDX-License-Identifier: GPL-3.0-or-later
"""Under which topic of a broker an event goes: a text with names of a closed list in braces.

Each value is one level of it, whatever stands in the value: what would end a level, or mean something to a broker, is
written as %2F is. One text makes one level, and two never the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from station.printable import printable

NAMES: Final = ("bench", "slot", "outcome")
LONGEST: Final = 200
_NAME = re.compile(rf"\{{({'|'.join(NAMES)})\}}")
_MEANT = re.compile(r"[/+#$%\x00-\x1f\x7f]")


def fault_of(text: str) -> str:
    """Why it is no topic; "" where it is one."""
    rest = _NAME.sub("", text)
    if "{" in rest or "}" in rest:
        return f"what stands in braces is one of {', '.join(NAMES)}"
    if len(text) > LONGEST or any(sign in text for sign in "+# ") or text.startswith("$"):
        return f"{LONGEST} characters at most, without space, + or #, and no $ at its beginning"
    return ""


def topic_of(text: str, content: Mapping[str, object]) -> str:
    return _NAME.sub(lambda name: _level(content[name[1]]), text)


def _level(value: object) -> str:
    text = printable(str(value or "-"))
    return _MEANT.sub(lambda sign: f"%{ord(sign[0]):02X}", text)
