# SPDX-License-Identifier: GPL-3.0-or-later
"""What a console printed, made fit for patterns: one line end, no colours, without the echoed command.

The input is hostile (line noise, log lines, a board of another kind) and may hold a secret: nothing here prints it.
"""

from __future__ import annotations

import re
from typing import Final

from station.codes import Code
from station.errors import BoardFault
from station.patterns import Pattern
from station.targets.console.spec import Form

_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\^_]")
_LINE_ENDS: Final = re.compile(r"[\r\n]*\n|\r+(?!\n)")
_HEX_BYTES: Final = re.compile(r"[0-9a-fA-F]{2}")
GROUP_PLACE: Final = re.compile(r"\{([1-9])\}")
"""Where a group of a pattern goes."""


def readable(raw: bytes) -> str:
    """Bytes that are no UTF-8 become U+FFFD, which no value may contain."""
    return _LINE_ENDS.sub("\n", _ESCAPES.sub("", raw.decode("utf-8", "replace")))


def behind_echo(text: str, line: str) -> str:
    """What follows the echo of `line`; all of it when the board does not echo or a log line split the echo. An answer
    that quotes the line (“command 'x' not found”) is no echo.
    """
    echo = re.search(f"^{re.escape(line)}\n", text, re.MULTILINE) if line else None
    return text[echo.end() :] if echo else text


def whole_lines(text: str) -> str:
    """Without a last line that may be still on its way."""
    return text[: text.rfind("\n") + 1]


def value_in(pattern: Pattern, text: str, form: Form, joined: str = "", *, once: bool = False) -> str | None:
    """The value `pattern` shows in the whole lines of `text`, empty when its group took no part; None when it does not
    occur. BoardFault E208 when it shows two, or not all groups of what is to be `joined`; `once`: also when it shows
    one twice, since another board on the line may say the same.
    """
    shown = [_put_together(found, joined) for found in pattern.finditer(whole_lines(text))]
    if not shown:
        return None
    if form is Form.HEXDUMP:
        return bytes.fromhex("".join("".join(_HEX_BYTES.findall(line)) for line in shown)).decode("utf-8", "replace")
    if len(set(shown)) > 1:
        raise garbled("it shows two values for one field")
    if once and len(shown) > 1:
        raise garbled("it shows one field twice, as two boards on one line do")
    return shown[0]


def _put_together(found: re.Match[str], joined: str) -> str:
    parts = [part or "" for part in found.groups()]
    if joined and not all(parts):
        raise garbled("it shows a part of one value only")
    return GROUP_PLACE.sub(lambda place: parts[int(place[1]) - 1], joined) if joined else "".join(parts)


def garbled(why: str) -> BoardFault:
    return BoardFault(
        f"the console's answers cannot be believed: {why}",
        do="check the cable and the baud rate; if its log is very busy, lower the log level of the test firmware",
        code=Code.E208,
    )
