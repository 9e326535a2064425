# SPDX-License-Identifier: GPL-3.0-or-later
"""The beginning of an answer that nobody could understand, as a text that may be kept and shown.

After a paid call it may hold the one thing that no API tells a second time, the batch number; it may also hold secrets.
What the call carried and whatever stands behind a name that speaks of a secret is taken out before it is cut to length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from station.cloud import echoed
from station.model import Secret

MOST_CHARACTERS = 1024
_LOOKED_AT = 64 * 1024  # bytes
_SPEAKS_OF_A_SECRET = re.compile("secret|token|password", re.IGNORECASE)
_NAME = r"(?:secret|token|password|authorization|signature)"
_MARK = r"""(?:["']|u0022|%22|%27|&quot;|&\#34;)"""
_QUOTE = rf"(?:\\*+{_MARK})"  # however often it was wrapped on its way
_CLOSES = r"(?:(?:(?P=wrapped)\\){2})*+(?P=wrapped)(?P=mark)"  # what is escaped in between has other backslashes
_BARE = rf"""(?:(?!{_QUOTE})(?:\\++|[^"',;&}}\s<>\\]))++"""
_NAMED_SECRET = re.compile(
    rf"""({_NAME}\w{{0,40}}+ (?: {_QUOTE}?\s*+(?::|=>?|%3[ad]) | {_QUOTE}\s*+, | \t ) \s*+
    (?:(?P<wrapped>\\*+)(?P<mark>{_MARK}))?+)
    (?(mark) (?:{_CLOSES}{_BARE} | (?:(?!{_CLOSES})(?:\\++{_MARK}?|[^\\]))*+)
    | (?: \[[^\]]*+ | {{[^}}]*+ | {_BARE} ))""",
    re.IGNORECASE | re.VERBOSE,
)
_IN_MARKUP = re.compile(
    rf"""(<[\w:.-]{{0,40}}?{_NAME}[^<>]{{0,80}}+> (?:\s++|<[^/<>][^<>]*+>){{0,9}}+
    | >[\w\s:.-]{{0,40}}?{_NAME}[\w\s:.-]{{0,40}}+ (?:\s++|<[^<>]*+>){{1,9}}+) [^<>]++""",
    re.IGNORECASE | re.VERBOSE,
)


def kept(body: bytes, secrets: Iterable[Secret] = ()) -> str:
    """Printable, at most MOST_CHARACTERS; "" for no body."""
    text = body[:_LOOKED_AT].decode("utf-8", "backslashreplace")
    text = echoed.without(text, secrets)
    for named in (_NAMED_SECRET, _IN_MARKUP):
        text = named.sub(r"\1…", text)
    shown = "".join(character if character.isprintable() else _escaped(character) for character in text)
    return shown if len(shown) <= MOST_CHARACTERS else shown[: MOST_CHARACTERS - 1] + "…"


def kept_item(item: object) -> str:
    """An item of a list as JSON, without the values of what is named like a secret or has no name, cut to
    MOST_CHARACTERS."""
    try:
        text = json.dumps(_without_secrets(item), separators=(",", ":"))
    except RecursionError:
        return "(nested too deeply)"
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def _without_secrets(value: object) -> object:
    if isinstance(value, dict):
        names_one = any(isinstance(held, str) and _SPEAKS_OF_A_SECRET.search(held) for held in value.values())
        return {
            name: _described(held) if names_one or _SPEAKS_OF_A_SECRET.search(str(name)) else _named(held)
            for name, held in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(held) for held in value]
    return _described(value) if isinstance(value, str) else value


def _named(value: object) -> object:
    """A text is shown under its name alone."""
    return value if isinstance(value, str) else _without_secrets(value)


def _described(value: object) -> object:
    """What is wrong with a secret shows in its kind and length."""
    return f"({len(value)} characters)" if isinstance(value, str) else f"({type(value).__name__})"


def _escaped(character: str) -> str:
    return " " if character in "\r\n\t" else f"\\x{ord(character):02x}"
