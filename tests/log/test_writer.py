# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever has a line waits for nothing; what is lost is counted, and why is said once."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from station.log.place import Place
from station.log.writer import Writer
from tests.waiting import until


class Fickle(Place):
    """Takes a line when it is let; fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.works = True
        self.goes_on = threading.Event()
        self.goes_on.set()

    def emit(self, record: logging.LogRecord) -> None:
        self.goes_on.wait()
        if self.works:
            self.lines.append(record.getMessage())
            return
        try:
            with Path("/dev/full").open("wb", buffering=0) as full:
                full.write(b"a line")
        except OSError:
            self.handleError(record)


def said(text: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("station.test", logging.INFO, "", 0, text, values, None)


def test_a_place_that_hangs_holds_nobody_up_and_the_lines_without_room_are_counted() -> None:
    place = Fickle()
    place.goes_on.clear()
    writer = Writer(place, lambda _why: None, most=3)
    for n in range(10):
        writer.emit(said("line %d", n))
    place.goes_on.set()
    writer.end()
    written = len(place.lines) - 1
    assert written in (3, 4), "what had room, and what was in hand"
    assert f"{10 - written} lines before this one could not be written" in place.lines


def test_why_it_cannot_be_written_is_said_once_and_how_much_is_lost_when_it_can() -> None:
    place, why = Fickle(), list[BaseException]()
    writer = Writer(place, why.append)
    place.works = False
    for n in range(5):
        writer.emit(said("line %d", n))
    until(lambda: writer._lost == 5)
    place.works = True
    writer.emit(said("line 5"))
    writer.end()
    assert [str(one) for one in why] == ["[Errno 28] No space left on device"]
    assert place.lines == ["line 5", "5 lines before this one could not be written"]


def test_a_line_says_what_was_so_when_it_was_said() -> None:
    place, seen = Fickle(), ["first"]
    place.goes_on.clear()
    writer = Writer(place, lambda _why: None)
    writer.emit(said("%s", seen))
    seen.append("second")
    place.goes_on.set()
    writer.end()
    assert place.lines == ["['first']"]


def test_what_no_line_can_be_made_of_is_lost_and_the_next_ones_are_not() -> None:
    class Nameless:
        def __str__(self) -> str:
            raise ValueError

    class Choosy(Fickle):
        def emit(self, record: logging.LogRecord) -> None:
            record.getMessage().encode()
            super().emit(record)

    place = Choosy()
    writer = Writer(place, lambda _why: None)
    writer.emit(said("%s", Nameless()))
    writer.emit(said("\ud800"))
    writer.emit(said("a line"))
    writer.end()
    assert "a line" in place.lines
    assert "2 lines before this one could not be written" in place.lines
