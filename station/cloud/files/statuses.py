# SPDX-License-Identifier: GPL-3.0-or-later
"""What a status column says: never used, in use, or a word that a person is asked about. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from station.cloud.files.cells import simplified
from station.model import STATUS_INACTIVE, STATUS_NOT_SAID

STATUS_IN_USE = 1

_UNUSED = frozenset({"0", "inactive", "unactive", "unactivated", "notactive", "notactivated", "未激活", "未启用"})
_USED = {
    **dict.fromkeys(("1", "online", "active", "activated", "在线", "已激活", "激活"), STATUS_IN_USE),
    **dict.fromkeys(("3", "offline", "离线"), 3),
    **dict.fromkeys(("8", "disable", "disabled", "禁用", "已禁用"), 8),
}


def spelled(word: str) -> str:
    """As it is compared: case, blanks, - and _ do not count."""
    return simplified(re.sub(r"[\s_\-]", "", word).lower())


def status_of(word: str, said: Mapping[str, bool]) -> int | None:
    """The cloud's status; None when nobody has said what this word means. `said`: `spelled` word → unused."""
    text = spelled(word)
    if text in said:
        return STATUS_INACTIVE if said[text] else STATUS_IN_USE
    if not text:
        return STATUS_NOT_SAID
    if text in _UNUSED:
        return STATUS_INACTIVE
    return _USED.get(text)


def shown(word: str) -> str:
    """A status word as it may be shown: what looks like a secret in the wrong column is not."""
    return f"“{word}”" if len(word) <= 24 and not re.search(r"[0-9].*[0-9]", word) else f"of {len(word)} characters"
