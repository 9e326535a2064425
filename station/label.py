# SPDX-License-Identifier: GPL-3.0-or-later
"""Which board a scanned label names. Pure.

A label is a board's uid in any of its spellings, what `station report labels` prints (uid, blank,
productKey/deviceName), or what the profile's `label` takes out of it: `label = '^\\]C1(.+)$'` for a scanner that sends
AIM prefixes, `label = '[?&]sn=([^&]+)'` for an address. Anything else is no label, and names no board.
"""

from __future__ import annotations

import re

from station.model import BoardUid, half_width
from station.patterns import pattern

_MARKED = re.compile(r"\][A-Za-z][0-9]\S+|https?://\S+|\S+ \S+/\S+")
"""An AIM prefix, an address, a label of ours."""
_MAC = re.compile(r"(?=.*[0-9])(?=.*[a-f])[0-9a-f]{12}")


class NotALabel(ValueError):
    """The text says why."""


def board_on(label: str, taken_by: str = "") -> BoardUid:
    """The uid that `label` names; `taken_by`: the profile's `label`. NotALabel."""
    text = half_width(label).strip()
    if taken_by:
        found = pattern(taken_by).search(text)
        if found is None or not found.group(1):
            raise NotALabel("the profile's “label” does not find a board uid in it")
        text = found.group(1)
    try:
        return BoardUid.parse(_without_name(text))
    except ValueError as error:
        raise NotALabel(str(error)) from None


def _without_name(text: str) -> str:
    """Our own labels name the certificate behind the uid."""
    uid, blank, name = text.partition(" ")
    return uid if blank and "/" in name else text


def surely_scanned(text: str) -> bool:
    """Whether a scanner typed this where a person was asked for something: it looks like nothing a person chooses. Any
    other text may be either.
    """
    folded = half_width(text).strip().lower()
    try:
        grouped_or_named = BoardUid.parse(folded) != folded
    except ValueError:
        grouped_or_named = False
    return bool(_MARKED.fullmatch(folded) or _MAC.fullmatch(folded)) or grouped_or_named
