# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys as fingers press them, in an app under test. What is typed, and the way through a list, is pressed in one go and
then waited for: textual's own way waits behind each key, and draws after it, which was half of what these tests cost.
"""

from __future__ import annotations

import time
from typing import Any

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

_PACE_S = 0.1
"""Between two keys, as the app reads it: no scanner's."""
_ON_THE_WAY = frozenset({"up", "down", "home", "end"})
"""Behind these, as behind a letter, nobody looks at the screen before the next key."""

_CHARACTERS = {"space": " ", "escape": "\x1b", "tab": "\t", "backspace": "\x08", "enter": "\r"}
"""What a terminal sends for keys that have a name."""


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Whatever a key opens or closes is there before the next one is pressed."""
    now = time.monotonic()
    for number, name in enumerate(keys):
        post(pilot, name, now + number * _PACE_S)
        if len(name) > 1 and name not in _ON_THE_WAY:
            await has_come(pilot)
            now = time.monotonic() - number * _PACE_S
    await has_come(pilot)


def post(pilot: Pilot[Any], name: str, at: float) -> None:
    """`name`: a letter, or textual's word for a key; `at`: when it was pressed, by the monotonic clock."""
    key = Key(_character_to_key(name), name) if len(name) == 1 else Key(name, _CHARACTERS.get(name))
    key.time = at
    pilot.app.post_message(key)


async def has_come(pilot: Pilot[Any]) -> None:
    """What was pressed, to the widget that it is for and what that does at once; the screen that it opens, too."""
    await pilot.pause()
    await pilot._wait_for_screen()
