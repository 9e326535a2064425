# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards being flashed, followed event by event.

The bench works on a thread of its own for as long as somebody iterates. Whoever leaves the loop ends the run after the
boards in hand, as one Ctrl-C does; so does whoever closes the station, or ends the program, with a loop left open.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from station.andon.andon import Hear
from station.bench.audience import Audience
from station.bench.bench import Bench
from station.bench.headless import RunOrder, bench_for, require_boards, run_bench
from station.bench.outcome import Tally
from station.bench.setup import labels_fed
from station.codes import Exit
from station.events import Event
from station.ledger.store import Ledger
from station.printing.printer import Printer
from station.profiles.profile import Profile
from station.targets.slots import SlotSpec

_LOOK_S = 0.5
"""Between two looks at whether the program still runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearers:
    """Who hears of a run beside whoever follows it: `printer` prints the labels of what has passed."""

    audience: Audience
    printer: Printer | None


class FlashRun:
    """Iterate once: each `SlotEvent` is a slot's tile as of now, each `Notice` about the station. StationError for what
    cannot be begun, and behind the last event E313 when not one board was there."""

    def __init__(
        self, ledger: Ledger, profile: Profile, slots: Sequence[SlotSpec], order: RunOrder, told: Hearers
    ) -> None:
        self._ledger, self._profile, self._slots, self._order, self._told = ledger, profile, slots, order, told
        self._bench: Bench | None = None
        self._thread: threading.Thread | None = None
        self._stopping, self._is_over = threading.Event(), False
        self._events: SimpleQueue[Event | None] = SimpleQueue()
        self._failure: BaseException | None = None

    def __iter__(self) -> Iterator[Event]:
        if self._bench is not None:
            raise RuntimeError("a run is followed once; ask for another one")
        if self._is_over:
            raise RuntimeError("the station of this run is closed")
        outside: list[Hear] = []  # who hears it there, once they do

        def listen(event: Event) -> None:
            for hear in outside:
                hear(event)
            self._events.put(event)

        self._bench = bench_for(self._ledger, self._profile, self._slots, self._order, listen)
        if self._stopping.is_set():
            self._bench.stop()
        work = (self._bench, listen, outside.append)
        self._thread = threading.Thread(target=self._work, args=work, name="flash")
        self._thread.start()
        threading.Thread(target=self._stop_with_the_program, args=(self._thread,), daemon=True).start()
        try:
            while (event := self._events.get()) is not None:
                yield event
        finally:
            self.end()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """No new boards; those in hand are finished. From any thread."""
        self._stopping.set()
        if self._bench is not None:
            self._bench.stop()

    def end(self) -> None:
        """Stop for good, and wait for the boards in hand."""
        self._is_over = True
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _stop_with_the_program(self, work: threading.Thread) -> None:
        """A program does not end before its threads, and nobody is left to end the loop."""
        main = threading.main_thread()
        while work.is_alive() and main.is_alive():
            main.join(_LOOK_S)
        self.stop()

    @property
    def passed(self) -> int:
        """Boards, so far; likewise the others."""
        return self._tally.passed

    @property
    def failed(self) -> int:
        return self._tally.failed

    @property
    def already_done(self) -> int:
        return self._tally.already_done

    @property
    def in_doubt(self) -> int:
        return self._tally.in_doubt

    @property
    def exit(self) -> Exit:
        """What `station flash` would end with."""
        return self._tally.exit

    @property
    def _tally(self) -> Tally:
        return self._bench.tally if self._bench is not None else Tally()

    def _work(self, bench: Bench, listen: Callable[[Event], None], sound: Callable[[Hear], None]) -> None:
        told = self._told
        try:
            with told.audience.told(self._events.put, self._ledger) as hear, labels_fed(bench, told.printer, listen):
                sound(hear)
                tally = run_bench(bench, self._order)
            if not self._stopping.is_set():
                require_boards(tally, self._slots)
        except BaseException as failure:  # raised where the run is followed
            self._failure = failure
        finally:
            self._events.put(None)
