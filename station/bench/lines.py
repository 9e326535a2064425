# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as lines, for a run that nobody watches on a screen: JSON on stdout is data, text on stderr is talk."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable

from station.events import Event, Notice, SlotEvent, SlotState, to_json
from station.printable import printable

_ENDS_QUIETLY = frozenset({SlotState.EMPTY, SlotState.READY, SlotState.BUSY})


def json_lines() -> Callable[[Event], None]:
    """Prints each event as one line; lines of several slots do not mix."""
    lock = threading.Lock()

    def listen(event: Event) -> None:
        with lock:
            try:
                print(printable(json.dumps(to_json(event), ensure_ascii=False)), flush=True)  # noqa: T201 - stdout is data
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that nothing more fails there
                raise

    return listen


def text_lines() -> Callable[[Event], None]:
    """Says how each board ended, and notices."""

    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            where = f"slot {event.slot:<6} " if event.slot else ""
            say(f"{where}{event.code} {event.what}" + (f" → {event.do}" if event.do else ""))
        elif event.state not in _ENDS_QUIETLY or (event.code and event.state is not SlotState.EMPTY):
            what = f"{event.code} {event.what} → {event.do}" if event.code else f"{event.seconds:.2f} s{_member(event)}"
            say(f"slot {event.slot:<6} {event.state:<12} {event.device_name} {event.uid}  {what}")

    return listen


def _member(event: SlotEvent) -> str:
    """Which part of its NVR set the board became, and how many boards the set still wants."""
    if event.channel is None:
        return ""
    which = f"channel {event.channel} of {event.set_name}" if event.channel else f"the NVR {event.set_name} itself"
    return f", {which}, " + (f"{event.set_missing} still missing" if event.set_missing else "set complete")


def say(text: str) -> None:
    """Talk goes to stderr, whole lines."""
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()
