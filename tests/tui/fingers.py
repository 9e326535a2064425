# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys as fingers press them, in an app under test. What is typed, and the way through a list, is pressed in one go and
then waited for: textual's own way waits behind each key, and draws after it, which was half of what these tests cost.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App
from textual.events import Key
from textual.keys import _character_to_key
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from tests.waiting import PATIENCE_S

_PACE_S = 0.1
"""Between two keys, as the app reads it: no scanner's."""
_pressed = WeakKeyDictionary[App[Any], float]()
"""When the last key was."""
_ON_THE_WAY = frozenset({"up", "down", "home", "end"})
"""Behind these, as behind a letter, nobody looks at the screen before the next key."""
_LOOKS = 3
"""In a row that found the app at rest: a task that goes on once an answer has come has its turn between two."""
_SOON = 40
"""Looks; after these, what is waited for is no message."""
_ANSWER_S = 0.5
"""That a question of a screen may take, if it has one: a cloud that hangs is waited for by no finger."""
_QUESTIONS = frozenset({"ask", "look", "poll", "wake-up"})
"""As the screens and the app name them. A timer's fills the list when it is asked first, and is soon answered then."""

_CHARACTERS = {"space": " ", "escape": "\x1b", "tab": "\t", "backspace": "\x08", "enter": "\r"}
"""What a terminal sends for keys that have a name."""


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Whatever a key opens or closes is there before the next one is pressed."""
    for name in keys:
        post(pilot, name, unhurried(pilot))
        if len(name) > 1 and name not in _ON_THE_WAY:
            await has_come(pilot)
    await has_come(pilot)


def unhurried(pilot: Pilot[Any]) -> float:
    """Now, or when a finger may press the next key."""
    return max(time.monotonic(), _pressed.get(pilot.app, 0.0) + _PACE_S)


def post(pilot: Pilot[Any], name: str, at: float) -> None:
    """`name`: a letter, or textual's word for a key; `at`: when it was pressed, by the monotonic clock."""
    key = Key(_character_to_key(name), name) if len(name) == 1 else Key(name, _CHARACTERS.get(name))
    key.time = _pressed[pilot.app] = at
    pilot.app.post_message(key)


async def has_come(pilot: Pilot[Any]) -> None:
    """What was pressed, to the widget that it is for, and all that the program does by that; a thread's answer, too,
    if it comes soon. Textual's own wait takes the process on a busy machine for an idle one, and asks each widget for
    an answer that no app at its end gives."""
    app, now = pilot.app, time.monotonic()
    deadline, answered_by = now + PATIENCE_S, now + _ANSWER_S
    looks = at_rest = 0
    while at_rest < _LOOKS and not app._exit:
        resting = all(map(_rests, [app, *app._registry])) and (time.monotonic() > answered_by or not _asks(app))
        at_rest = at_rest + 1 if resting else 0
        if at_rest == 1:
            app.screen._on_timer_update()
        assert time.monotonic() < deadline, [pump for pump in app._registry if not _rests(pump)]
        looks += 1
        await asyncio.sleep(0 if looks < _SOON else 0.01)


def _asks(app: App[Any]) -> bool:
    return any(worker.group in _QUESTIONS and not worker.is_finished for worker in app.workers)


def _rests(pump: MessagePump) -> bool:
    """It has nothing to do and waits for a message, or is gone."""
    if pump._task is not None and pump._task.done():
        return True
    has_message: Any = pump._message_queue.ready_event
    return not has_message.is_set() and bool(has_message._waiters) and not pump._next_callbacks
