# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal with fewer calls of the kernel is still pyserial's port."""

from __future__ import annotations

import os
import pty
import termios
import tty
from collections.abc import Iterator

import pytest
import serial

from station.targets.terminal import Terminal


@pytest.fixture
def ends() -> Iterator[tuple[int, Terminal]]:
    far, near = pty.openpty()
    tty.setraw(near)
    with Terminal(os.ttyname(near), 115200, timeout=0.05, write_timeout=0.05, exclusive=True) as line:
        yield far, line
    os.close(far)
    os.close(near)


def test_what_has_come_is_taken_as_a_whole_and_no_more_is_waited_for(ends: tuple[int, Terminal]) -> None:
    far, line = ends
    os.write(far, b"all of it")
    assert line.take(60) == b"all of it"
    assert line.take(0) == b""


def test_more_than_the_line_holds_is_written_as_the_other_end_reads(ends: tuple[int, Terminal]) -> None:
    far, line = ends
    with pytest.raises(serial.SerialTimeoutException):
        line.write(b"x" * 200_000)
    os.read(far, 4096)
    assert line.write(b"y") == 1


def test_a_wait_of_another_length_leaves_the_terminal_as_it_is(
    ends: tuple[int, Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    _far, line = ends

    def asked(*_arguments: object) -> None:
        pytest.fail("the terminal was set anew")

    monkeypatch.setattr(termios, "tcgetattr", asked)
    line.timeout, line.write_timeout = 3.0, 10.0
    assert (line.timeout, line.write_timeout) == (3.0, 10.0)


def test_a_closed_one_is_no_terminal(ends: tuple[int, Terminal]) -> None:
    _far, line = ends
    line.close()
    for use in (lambda: line.take(0), lambda: line.write(b"x")):
        with pytest.raises(serial.PortNotOpenError):
            use()
