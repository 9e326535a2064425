# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call carried, taken out of what came back: an echo may be escaped as JSON, a URL or markup has it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from station.model import Secret

HIDDEN = "…"
_NAMED = {"&": "&amp;|", '"': "&quot;|", "'": "&apos;|", "<": "&lt;|", ">": "&gt;|"}


def without(text: str, secrets: Iterable[Secret]) -> str:
    for secret in filter(None, secrets):
        text = re.sub("".join(map(_written, secret.reveal())), HIDDEN, text)
    return text


def _written(character: str) -> str:
    """Every way it may be written; letters and digits are written as they are."""
    if character.isalnum():
        return character
    code, itself = ord(character), re.escape(character)
    backslashes = r"\\++" if character == "\\" else rf"\\*+{itself}"
    named = _NAMED.get(character, "")
    return rf"(?:{named}{backslashes}|(?i:\\++u{code:04x}|%(?:25)*+{code:02x}|&\#(?:0*+{code}|x0*+{code:x});))"
