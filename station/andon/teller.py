# SPDX-License-Identifier: GPL-3.0-or-later
"""One output's own thread and its bounded queue: whoever has a line for it never waits.

What an output does not take is tried again, ever more seldom; what its queue has no room for is dropped from the old
end, and the next line says how many. That it is dead is said once, until it has worked again.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from station.andon.line import AndonLine
from station.andon.output import Output, dead
from station.errors import StationError, defect

ROOM = 1000
"""Lines: minutes of a fast bench."""
_FIRST_S, _LONGEST_S = 0.5, 30.0
"""Between two tries."""
_SAY_AGAIN_S = 600.0
"""An output that comes and goes is not said each time."""

Say = Callable[[str, StationError], None]
"""The output's name, and what is wrong with it."""


class Teller:
    """From its making on. `say` is called from its thread."""

    def __init__(self, output: Output, say: Say, *, room: int = ROOM, first_s: float = _FIRST_S) -> None:
        self.output = output
        self._say, self._first_s = say, first_s
        self._queue: deque[AndonLine] = deque()
        self._room = 1 if output.only_latest else room
        self._dropped = 0
        self._failures = 0
        self._said_at: float | None = None
        self._changed = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name=f"andon {output.name}", daemon=True)
        self._thread.start()

    def tell(self, line: AndonLine) -> None:
        """Never blocks longer than a queue takes, and never raises."""
        on = self.output.on
        if on is not None and line.light not in on:
            return
        with self._changed:
            if len(self._queue) >= self._room:
                self._queue.popleft()
                self._dropped += not self.output.only_latest
            self._queue.append(line)
            self._changed.notify()

    def end(self) -> None:
        """No more lines come; what is queued is told once more. `join` waits for it."""
        with self._changed:
            self._ending = True
            self._changed.notify()

    def join(self, within_s: float) -> None:
        """Its thread is left behind when it takes longer; the output is closed all the same."""
        self._thread.join(within_s)
        if self._thread.is_alive():
            self.output.close()

    def _run(self) -> None:
        latest: AndonLine | None = None
        while True:
            line = self._next(latest)
            if line is None:
                break
            if not self._told(line):
                if self._ending:
                    break
                self._put_back(line)
                self._rest()
            latest = line
        self.output.close()

    def _next(self, latest: AndonLine | None) -> AndonLine | None:
        """None at the end; the latest again, where the output wants that and no other comes."""
        again_s = self.output.again_s if latest is not None else None
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._ending, again_s)
            if not self._queue:
                return None if self._ending else latest
            dropped, self._dropped = self._dropped, 0
            return self._queue.popleft().after_dropping(dropped)

    def _told(self, line: AndonLine) -> bool:
        try:
            self.output.deliver(line)
        except StationError as error:
            self._failed(error)
        except Exception as error:
            self._failed(defect(error))
        else:
            self._failures = 0
            dropped = line.content.get("dropped", 0)
            if dropped:
                self._say_once(dead(f"it does not keep up, {dropped} lines were dropped", "see what holds it up"))
            return True
        return False

    def _put_back(self, line: AndonLine) -> None:
        """As the oldest, if there is room for it; what it had to say of lines dropped before is not lost with it."""
        with self._changed:
            if len(self._queue) < self._room:
                self._queue.appendleft(line)
            elif not self.output.only_latest:
                before = line.content.get("dropped", 0)
                self._dropped += 1 + (before if isinstance(before, int) else 0)

    def _failed(self, error: StationError) -> None:
        self._failures += 1
        if self._failures == 1:
            self._say_once(error)

    def _say_once(self, error: StationError) -> None:
        now = time.monotonic()
        if self._said_at is not None and now - self._said_at < _SAY_AGAIN_S:
            return
        self._said_at = now
        with suppress(Exception):  # who listened may be gone; the other lines are still to be told
            self._say(self.output.name, error)

    def _rest(self) -> None:
        rest_s = min(_LONGEST_S, self._first_s * 2 ** min(self._failures - 1, 10))
        with self._changed:
            self._changed.wait_for(lambda: self._ending, rest_s)
