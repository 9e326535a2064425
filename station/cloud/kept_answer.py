# SPDX-License-Identifier: GPL-3.0-or-later
"""The beginning of an answer that nobody could understand, as a text that may be kept and shown.

After a paid call it may hold the one thing that no API tells a second time, the batch number; it may also hold secrets.
What the call carried and whatever stands behind a name that speaks of a secret is taken out before it is cut to length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from station.model import Secret

MOST_CHARACTERS = 1024
_LOOKED_AT = 64 * 1024  # bytes
_NAMED_SECRET = re.compile(
    r"""((?:secret|token|password|authorization|signature)\w*["']?\s*[:=]\s*["']?)[^"',;&}\s<>]+""", re.IGNORECASE
)


def kept(body: bytes, secrets: Iterable[Secret] = ()) -> str:
    """Printable, at most MOST_CHARACTERS; "" for no body."""
    text = body[:_LOOKED_AT].decode("utf-8", "backslashreplace")
    for secret in filter(None, secrets):
        text = text.replace(secret.reveal(), "…")
    text = _NAMED_SECRET.sub(r"\1…", text)
    shown = "".join(character if character.isprintable() else _escaped(character) for character in text)
    return shown if len(shown) <= MOST_CHARACTERS else shown[: MOST_CHARACTERS - 1] + "…"


def _escaped(character: str) -> str:
    return " " if character in "\r\n\t" else f"\\x{ord(character):02x}"
