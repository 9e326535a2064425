# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call carried, taken out of what came back: an echo may be escaped as JSON, a URL or markup has it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from station.model import Secret

HIDDEN = "…"
_PARTS = re.compile(r"\\+|[^\\]")
_NAMED = {"&": "&amp;|", '"': "&quot;|", "'": "&apos;|", "<": "&lt;|", ">": "&gt;|"}


def without(text: str, secrets: Iterable[Secret]) -> str:
    for secret in filter(None, secrets):
        text = re.sub("".join(map(_written, _PARTS.findall(secret.reveal()))), HIDDEN, text)
    return text


def _written(part: str) -> str:
    """Every way it may be written; letters and digits are written as they are. Of backslashes in a row nobody can tell
    with how many each was written."""
    if part.isalnum():
        return part
    code, itself = ord(part[0]), re.escape(part[0])
    backslashes = r"\\++" if itself == r"\\" else rf"\\*+{itself}"
    named = _NAMED.get(part, "")
    coded = rf"(?i:(?:\\++|(?<=\\))u{code:04x}|%(?:25)*+{code:02x}|&\#(?:0*+{code}|x0*+{code:x});){{{len(part)}}}"
    return rf"(?:{named}{backslashes}|{coded})"
