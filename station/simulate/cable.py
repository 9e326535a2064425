# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault cable: sits between a board and the station, and does to the lines what bad cables and people do.

The station opens the cable's own pty, behind a stable symlink; the cable opens the board's. Faults strike by script or
by chance; bytes of lines that none strikes pass as they come. Each end notices what the real one would: the station
loses its port only by an unplug; a board that loses power is silence, and is found again when it comes back.

    with Cable(board.url, tmp_path / "ttyCABLE", [CableFault(CableTrouble.DROP, Toward.BOARD, line=3)]) as cable: ...
"""

from __future__ import annotations

import os
import random
import re
import select
import termios
import threading
import time
import tty
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from station.simulate.cable_faults import DAMAGE, CableFault, arrives
from station.simulate.cable_words import CableTrouble, Toward
from station.simulate.plug import lead, open_pty

__all__ = ["Cable", "CableFault", "CableTrouble", "Toward"]

LOOK_S = 0.05
"""How often a board that is not there is looked for."""


@dataclass(slots=True)
class _Way:
    """One direction."""

    lines: int = 0
    in_line: bool = False
    fault: CableFault | None = None
    held: bytearray = field(default_factory=bytearray)  # of a line that is to be struck when it is complete
    late: deque[tuple[float, bytes]] = field(default_factory=deque)  # (due, bytes), in order

    def forget(self) -> None:
        self.in_line = False
        self.held.clear()
        self.late.clear()


class Cable:
    """Besides the script, the fraction `rate` of all lines is struck by one of `kinds`, chosen from `seed`. `struck`
    tells which faults did strike. Used by `with`, or by `start` and `stop`.
    """

    def __init__(
        self,
        board: str,
        link: Path,
        script: Iterable[CableFault] = (),
        *,
        rate: float = 0.0,
        seed: int = 0,
        kinds: Sequence[CableTrouble] = DAMAGE,
    ) -> None:
        self.link = link
        self.struck: list[CableFault] = []
        self._script = {(fault.toward, fault.line): fault for fault in script}
        self._rate = rate
        self._kinds = kinds
        self._dice = random.Random(seed)  # noqa: S311 - faults that can be repeated are the point
        self._board_path = board
        self._board = -1
        self._station = self._slave = -1
        self._ways = {toward: _Way() for toward in Toward}
        self.sent = 0  # bytes toward the board, as the station sent them
        self._swap_due: tuple[int, str, bool] | None = None  # after how many bytes, to what, at once
        self._replug_at: float | None = None
        self._deaf_until = 0.0
        self._wake: tuple[int, int] = (-1, -1)
        self._orders: deque[tuple[Callable[[], None], threading.Event]] = deque()
        self._running = False

    @property
    def url(self) -> str:
        """What the station opens."""
        return str(self.link)

    def start(self) -> Self:
        self._wake = os.pipe()
        self._running = True
        self._plug()
        self._look_for_board()
        threading.Thread(target=self._serve, name=f"cable {self.link.name}", daemon=True).start()
        return self

    def stop(self) -> None:
        if self._running:
            self._order(self._end)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def unplug(self) -> None:
        """The station's port is gone when this returns."""
        self._order(self._unplug)

    def replug(self) -> None:
        """A new pty behind the same link."""
        self._order(self._plug)

    def swap(self, board: str) -> None:
        """Another board at the far end; the station's port stays as it is."""
        self._order(lambda: self._swap(board))

    def swap_after(self, count: int, board: str, *, at_once: bool = True) -> None:
        """Another board at the far end after the first `count` bytes of all that the station ever sends: `at_once`, so
        that an answer to them is lost, or only when the next byte comes.
        """
        self._order(lambda: self._plan_swap(count, board, at_once=at_once))

    def lines(self, toward: Toward) -> int:
        """How many lines have begun in that direction."""
        return self._ways[toward].lines

    def _order(self, what: Callable[[], None]) -> None:
        """Done by the cable's thread, which alone touches the ends; returns when it is done."""
        done = threading.Event()
        self._orders.append((what, done))
        os.write(self._wake[1], b"\0")
        if not done.wait(10):
            raise TimeoutError("the cable's thread has died")

    # -- the cable's thread --------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while self._running:
            self._look_for_board()
            ends = {self._station: Toward.BOARD, self._board: Toward.STATION}
            ends.pop(-1, None)
            ready, _, _ = select.select([*ends, self._wake[0]], [], [], self._next_event_s())
            if self._wake[0] in ready:
                self._obey()
                continue  # the ends may be others now
            for fd in ready:
                self._carry(fd, ends[fd])
            self._be_on_time()
        for fd in self._wake:
            os.close(fd)

    def _obey(self) -> None:
        os.read(self._wake[0], 64)
        while self._orders:
            what, done = self._orders.popleft()
            what()
            done.set()

    def _next_event_s(self) -> float | None:
        """Until something is due; None when only bytes or an order can be next."""
        now = time.monotonic()
        waits = [way.late[0][0] - now for way in self._ways.values() if way.late]
        waits += [self._replug_at - now] if self._replug_at is not None else []
        waits += [LOOK_S] if self._board < 0 else []
        return max(0.0, min(waits)) if waits else None

    def _be_on_time(self) -> None:
        now = time.monotonic()
        for toward, way in self._ways.items():
            while way.late and way.late[0][0] <= now:
                self._put(toward, way.late.popleft()[1])
        if self._replug_at is not None and self._replug_at <= now:
            self._plug()

    def _carry(self, fd: int, toward: Toward) -> None:
        if fd not in (self._station, self._board):
            return  # unplugged by a fault a moment ago
        try:
            data = os.read(fd, 4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data and fd == self._board:
            self._drop_board()
        if time.monotonic() < self._deaf_until:
            self._ways[toward].forget()
            return
        if toward is Toward.BOARD:
            data = self._up_to_the_swap(data)
            self.sent += len(data)
        for piece in re.findall(rb"[^\n]*\n|[^\n]+", data):
            self._meet(piece, toward)

    def _up_to_the_swap(self, data: bytes) -> bytes:
        """What is still to go on; where the swap comes in between, the rest of `data` is the other board's."""
        if self._swap_due is None:
            return data
        at, other, at_once = self._swap_due
        if self.sent + len(data) + at_once <= at:
            return data
        before = data[: max(0, at - self.sent)]
        self._put(Toward.BOARD, before)
        self.sent += len(before)
        self._swap_due = None
        self._swap(other)
        return data[len(before) :]

    def _plan_swap(self, count: int, board: str, *, at_once: bool) -> None:
        self._swap_due = count, board, at_once

    def _meet(self, piece: bytes, toward: Toward) -> None:
        """A line, or the part of one that has come."""
        way = self._ways[toward]
        if not way.in_line:
            way.in_line = True
            way.lines += 1
            way.fault = self._fault(toward, way.lines)
        if way.fault is None:
            self._pass(toward, piece)
        else:
            way.held += piece
        if piece.endswith(b"\n"):
            way.in_line = False
            if way.fault:
                line = bytes(way.held)
                way.held.clear()
                self._strike(way.fault, line)

    def _fault(self, toward: Toward, line: int) -> CableFault | None:
        scripted = self._script.get((toward, line))
        if scripted or self._dice.random() >= self._rate:
            return scripted
        return CableFault(self._dice.choice(self._kinds), toward, line)

    def _strike(self, fault: CableFault, line: bytes) -> None:
        self.struck.append(fault)
        now = time.monotonic()
        if fault.trouble is CableTrouble.SWAP:
            self._swap(fault.other)
        if fault.trouble is CableTrouble.LATE:
            self._ways[fault.toward].late.append((now + fault.seconds, line))
        else:
            self._pass(fault.toward, arrives(line, fault, self._dice))
        if fault.trouble is CableTrouble.HANG:
            self._deaf_until = now + fault.seconds
        if fault.trouble is CableTrouble.UNPLUG:
            self._unplug()
            self._replug_at = now + fault.seconds

    def _pass(self, toward: Toward, data: bytes) -> None:
        """At once, or behind what is late already: a cable keeps the order."""
        late = self._ways[toward].late
        if late:
            late.append((late[-1][0], data))
        else:
            self._put(toward, data)

    def _put(self, toward: Toward, data: bytes) -> None:
        fd = self._board if toward is Toward.BOARD else self._station
        with suppress(OSError):  # nobody there, or not reading: the bytes are lost, as on a wire
            os.write(fd, data)

    # -- the ends ------------------------------------------------------------------------------------------------------

    def _plug(self) -> None:
        self._replug_at = None
        if self._station >= 0:
            return
        self._station, self._slave, name = open_pty()
        lead(self.link, name)

    def _unplug(self) -> None:
        if self._station < 0:
            return
        self.link.unlink(missing_ok=True)
        os.close(self._station)
        os.close(self._slave)
        self._station = self._slave = -1
        for way in self._ways.values():
            way.forget()

    def _swap(self, board: str) -> None:
        self._drop_board()
        self._board_path = board
        self._look_for_board()

    def _look_for_board(self) -> None:
        if self._board >= 0:
            return
        with suppress(OSError):
            self._board = os.open(self._board_path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            try:
                tty.setraw(self._board, termios.TCSANOW)  # what the board said already stays
            except termios.error:  # went away between the two
                self._drop_board()

    def _drop_board(self) -> None:
        if self._board >= 0:
            os.close(self._board)
            self._board = -1
        self._ways[Toward.STATION].forget()

    def _end(self) -> None:
        self._running = False
        self._unplug()
        self._drop_board()
