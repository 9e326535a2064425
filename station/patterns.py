# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns that a profile brings: matched in time that grows with the text alone, whatever the pattern.

Python's own engine tries again and again where a pattern is ambiguous: `(a+)+$` takes hours for forty letters, with
the interpreter locked, so that neither Ctrl-C nor another slot gets a turn. RE2 cannot do that; what it gives up for it
are look-around and references back. Syntax: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_LONE_SURROGATE = re.compile("[\\ud800-\\udfff]")
_LONGEST = 1000


class Pattern:
    """Like a compiled pattern of Python's, with what this program needs of it."""

    def __init__(self, source: str, compiled: Any) -> None:
        self.pattern = source
        self.groups: int = compiled.groups
        self.names = frozenset(compiled.groupindex)
        self._compiled = compiled

    @classmethod
    def never(cls) -> Pattern:
        """Found nowhere."""
        return cls("(?!)", re.compile("(?!)"))

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        found: Iterator[re.Match[str]] = self._compiled.finditer(_encodable(text))
        return found

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        found: re.Match[str] | None = self._compiled.search(_encodable(text), start)
        return found

    def fullmatch(self, text: str) -> re.Match[str] | None:
        found: re.Match[str] | None = self._compiled.fullmatch(_encodable(text))
        return found


@lru_cache(maxsize=512)
def pattern(source: str, *, lines: bool = False) -> Pattern:
    """`lines`: ^ and $ match at every line. ValueError says what is wrong with `source`."""
    import re2  # noqa: PLC0415 - 20 ms, and not every profile has a pattern

    if len(source) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    options = re2.Options()
    options.log_errors = False
    try:
        return Pattern(source, re2.compile(f"(?m){source}" if lines else source, options))
    except re2.error as error:
        reason = error.args[0]
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"{words} (look-around and references back are not possible)") from None
    except UnicodeEncodeError:
        raise ValueError("not valid Unicode") from None


def _encodable(text: str) -> str:
    """RE2 works on UTF-8; a lone surrogate has none. Positions stay the same."""
    return _LONE_SURROGATE.sub("\ufffd", text)
