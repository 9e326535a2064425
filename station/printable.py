# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from outside as a terminal may get it: control characters, escape sequences, bidi marks and half characters
become \\u001b and the like, so that no board, file or reason moves the cursor, recolours a PASS or reorders a line.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
from functools import cache

_UNSEEN = (
    "\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff"
)


def printable(text: str, *, lines: bool = False) -> str:
    """`text` with every unseen character as a JSON escape, so that a JSON line stays one. `lines`: keeps newlines."""
    return _unseen(lines).sub(_escaped, text)


def is_whole(text: str) -> bool:
    """Whether it has no half character, which comes of bytes that are no UTF-8 and of \\ud800 in JSON."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_system: list[str] = []


def write_utf8() -> None:
    """Whatever this system's locale says: with another one half of it would be \\u1234. Once, at the start."""
    _system.append(getattr(sys.stdout, "encoding", None) or "utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not is_utf8(stream.encoding):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def letters_of_the_system() -> str:
    """The encoding that its locale asks for: a screen is not painted over another one."""
    return _system[-1] if _system else sys.stdout.encoding


def is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == "utf-8"


@cache
def _unseen(lines: bool) -> re.Pattern[str]:  # noqa: FBT001
    """Compiled when text is first printed: it takes longer than all else of `station --version`'s own."""
    return re.compile(f"[{_UNSEEN}]" if lines else f"[{_UNSEEN}\n]")


def _escaped(found: re.Match[str]) -> str:
    import json  # noqa: PLC0415 - rare, and a start is quicker without it

    return json.dumps(found[0])[1:-1].replace("\x7f", "\\u007f")
