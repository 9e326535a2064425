# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen's own thread writes to its terminal, and waits for it as long as the screen is wanted."""

from __future__ import annotations

import os
import select
import sys
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.model import Language
from station.tui import direct
from station.tui.app import BenchApp
from station.tui.direct import Direct, OwnTerminal
from station.tui.ended import ScreensEnd
from station.tui.floor import FloorApp
from station.tui.wall import WallApp
from station.tui.way import TURN_S
from tests.tui.fake_desk import FakeDesk
from tests.waiting import PATIENCE_S

FRAME = ("烧录" * 50_000).encode()
"""More than a terminal takes at once."""


@pytest.fixture
def pair() -> Iterator[tuple[int, int]]:
    """Whoever reads the terminal, and the terminal."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield ours, theirs
    os.close(theirs)
    os.close(ours)


def writing(terminal: OwnTerminal, data: bytes = FRAME) -> threading.Thread:
    thread = threading.Thread(target=terminal.write, args=(data,), daemon=True)
    thread.start()
    return thread


def read_on(terminal: int, size: int) -> bytes:
    got = bytearray()
    while len(got) < size:
        got += os.read(terminal, 65536)
    return bytes(got)


def test_every_screen_is_such_a_one() -> None:
    desk = FakeDesk()
    for app in (BenchApp(desk, desk.station()), WallApp(desk), FloorApp(Language.ENGLISH)):
        assert app.driver_class is Direct


def test_a_frame_comes_whole_however_late_it_is_read(pair: tuple[int, int]) -> None:
    ours, theirs = pair
    terminal = OwnTerminal(theirs)
    writes = writing(terminal)
    assert read_on(ours, len(FRAME)) == FRAME
    writes.join(PATIENCE_S)
    assert not writes.is_alive()
    terminal.close()


def test_a_terminal_that_another_program_left_unable_to_wait_is_waited_for(
    pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    os.set_blocking(theirs, False)
    monkeypatch.setattr(os, "ttyname", lambda _: "/nowhere")  # as in a container that has not mounted it
    terminal = OwnTerminal(theirs)
    writes = writing(terminal)
    assert read_on(ours, len(FRAME)) == FRAME
    writes.join(PATIENCE_S)
    terminal.close()


def test_what_a_terminal_that_nobody_reads_does_not_take_is_left_out_once_the_screen_ends(
    pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, turns, select_now = threading.Event(), list[float](), select.select

    def noted(*watched: Any) -> tuple[list[Any], list[Any], list[Any]]:
        turns.append(sys.getswitchinterval())
        waits.set()
        return select_now(*watched)

    monkeypatch.setattr(select, "select", noted)
    monkeypatch.setattr(direct, "_LAST_S", 0.0)
    terminal = OwnTerminal(pair[1])
    assert os.get_blocking(pair[1]), "the shell has it too"
    writes = writing(terminal)
    assert waits.wait(PATIENCE_S)
    assert writes.is_alive()
    terminal.give_up()
    writes.join(PATIENCE_S)
    assert not writes.is_alive()
    terminal.write(FRAME)  # nor is it waited for again
    assert turns == pytest.approx([TURN_S] * len(turns)), "slots are waited for each time"
    terminal.close()


def test_a_terminal_that_is_gone_is_no_crash() -> None:
    ours, theirs = os.openpty()
    gone = OwnTerminal(theirs)
    os.close(ours)
    gone.write(b"one more frame")
    gone.close()
    os.close(theirs)
    closed = os.open(os.devnull, os.O_RDONLY)
    with pytest.raises(OSError, match="Bad file"):
        OwnTerminal(closed).write(b"any other trouble is told")
    os.close(closed)


def test_what_comes_after_its_end_is_written_nowhere(pair: tuple[int, int], tmp_path: Path) -> None:
    terminal = OwnTerminal(pair[1])
    terminal.close()
    with (tmp_path / "ledger.db").open("wb") as ledger:  # gets the lowest number that is free
        terminal.write(b"one more frame")
        terminal.close()
        ledger.flush()
        assert not (tmp_path / "ledger.db").read_bytes()


def test_a_screen_that_is_to_end_gives_its_terminal_up(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, log = FakeDesk(), list[str]()
    bench, wall = BenchApp(desk, desk.station()), WallApp(desk)
    for app in (bench, wall):
        monkeypatch.setattr(app, "_driver", _Noted(log))
        monkeypatch.setattr(app, "call_later", lambda what: log.append(what.__name__))
    bench.leave()
    ScreensEnd(wall, None).stop()
    ScreensEnd(wall, wall.refresh_css).stop()  # the guide's own way
    ScreensEnd(wall, wall.refresh_css).stop(abort=True)
    assert log == ["given up", "exit"] * 2 + ["given up", "refresh_css"] + ["given up", "exit"]


class _Noted:
    def __init__(self, log: list[str]) -> None:
        self.give_up = lambda: log.append("given up")
