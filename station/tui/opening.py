# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk that is opened behind the first frame: ledger, key, clouds and targets are loaded while the slots are seen
already, as waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.desk.live import LiveDesk

_PATIENCE_S = 2.0


class Opening:
    """A context: at its end what was opened is closed. Opened once, by one thread; once nobody wants it any more, no
    bench begins, or it ends its run. What is still being opened then closes itself: a server that does not answer is
    not waited for.

    `prepare` makes the desk, and puts on the stack what is to be closed after it.
    """

    def __init__(self, prepare: Callable[[ExitStack], LiveDesk]) -> None:
        self._prepare = prepare
        self._around = ExitStack()
        self._desk: LiveDesk | None = None
        self._unwanted = False
        self._beginning = threading.RLock()
        self._at_rest = threading.Event()
        self._at_rest.set()

    def __enter__(self) -> Opening:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        self._at_rest.wait(_PATIENCE_S)  # a ledger of this PC's is closed in good order
        with self._beginning:
            self._around.close()

    def open(self) -> LiveDesk | None:
        """The desk, its bench running; None when nobody wants it any more. Raises what keeps it from being opened."""
        self._at_rest.clear()
        try:
            with ExitStack() as around:
                desk = self._prepare(around)
                return self._begin(desk, around)
        finally:
            self._at_rest.set()

    def _begin(self, desk: LiveDesk, around: ExitStack) -> LiveDesk | None:
        with self._beginning:
            if self._unwanted:
                return None
            self._desk = around.enter_context(desk)
            self._around = around.pop_all()
        if self._unwanted:  # since then
            desk.bench.stop()
        return desk

    def stop(self, *, abort: bool = False) -> None:
        """As `Bench.stop`; what is still being opened begins no bench."""
        self._unwanted = True
        if self._desk is not None:
            self._desk.bench.stop(abort=abort)

    def wait(self) -> None:
        """Until the bench has ended its run, the boards in hand done; at once while there is none."""
        if self._desk is not None:
            self._desk.wait()
