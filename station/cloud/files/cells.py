# SPDX-License-Identifier: GPL-3.0-or-later
"""One cell's text as it was meant: what nobody sees and what keeps a spreadsheet from reading a number is taken off."""

from __future__ import annotations

import re

from station.cloud.files.sheets import OddText

INVISIBLE = "invisible characters"
GUARD = 'text guards (\' or ="…")'

_SIMPLIFIED = str.maketrans("產設備稱鑰狀態屬標識碼號啟線離", "产设备称钥状态属标识码号启线离")
_QUOTED = re.compile(r'=\s*"([^"]*)"')
_SHORTENED = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")


def meant(cell: str) -> tuple[str, str]:
    """(text, what was taken off it beside plain blanks, or "")."""
    if isinstance(cell, OddText):
        return cell, ""
    plain = cell.strip(" \t\r\n")
    text, taken = _trimmed(plain), ""
    if text != plain:
        taken = INVISIBLE
    if quoted := _QUOTED.fullmatch(text):
        text, taken = _trimmed(quoted[1]), GUARD
    elif text.startswith("'") and not text.endswith("'"):
        text, taken = _trimmed(text[1:]), GUARD
    return text, taken


def simplified(text: str) -> str:
    """Headings and status words in traditional characters, as this program knows them."""
    return text.translate(_SIMPLIFIED)


def hidden_inside(text: str) -> str:
    """The first character of `text` that nobody sees, as U+200B; "" when there is none."""
    if text.isprintable():
        return ""
    return next(f"U+{ord(character):04X}" for character in text if not character.isprintable())


def shortened(text: str) -> bool:
    """Whether it looks like a long number that a spreadsheet has shortened: 8.61235E+15."""
    return _SHORTENED.fullmatch(text) is not None


def _trimmed(text: str) -> str:
    """Without what is blank or cannot be seen at its ends."""
    if text.isprintable():
        return text.strip()
    start, end = 0, len(text)
    while start < end and (text[start] == " " or not text[start].isprintable()):
        start += 1
    while end > start and (text[end - 1] == " " or not text[end - 1].isprintable()):
        end -= 1
    return text[start:end]
