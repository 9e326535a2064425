# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen's own thread writes to its terminal."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from station.model import Language
from station.tui.app import BenchApp
from station.tui.direct import Direct
from tests.tui.fake_desk import FakeDesk

FRAME = "烧录" * 50_000
"""More than a terminal takes at once."""


@pytest.fixture
def terminal() -> Direct:
    return Direct.__new__(Direct)


def test_the_bench_screen_is_such_a_one() -> None:
    desk = FakeDesk()
    assert BenchApp(desk, desk.station(), Language.ENGLISH).driver_class is Direct


@pytest.mark.parametrize("waits", [True, False])
def test_a_frame_comes_whole(terminal: Direct, monkeypatch: pytest.MonkeyPatch, *, waits: bool) -> None:
    """`waits`: a terminal that is slow, or one that tells so instead."""
    reads, writes = os.pipe()
    os.set_blocking(writes, waits)
    got: list[bytes] = []
    with os.fdopen(reads, "rb") as reader, os.fdopen(writes, "w") as writer:
        monkeypatch.setattr(sys, "__stderr__", writer)
        reading = threading.Thread(target=lambda: got.append(reader.read()))
        reading.start()
        write = os.write
        monkeypatch.setattr(os, "write", lambda to, data: write(to, data[:70_001]))
        terminal.write(FRAME)
        writer.close()
        reading.join()
    assert got == [FRAME.encode()]


def test_a_terminal_that_is_gone_is_no_crash(terminal: Direct, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as gone:
        monkeypatch.setattr(sys, "__stderr__", gone)
        os.close(ours)
        terminal.write("one more frame")
    with os.fdopen(os.open(os.devnull, os.O_RDONLY)) as closed:
        monkeypatch.setattr(sys, "__stderr__", closed)
        with pytest.raises(OSError, match="Bad file"):
            terminal.write("any other trouble is told")
