# SPDX-License-Identifier: GPL-3.0-or-later
"""A board that is not at its console is called back by a break; one that is deaf after its start is waited for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest

from station.model import Port
from station.profiles.profile import Profile, parse_profile
from station.simulate import console
from station.simulate.console import ConsoleBoard, Quirks
from station.simulate.console_dialect import Dialect, Reboot, Reply
from station.targets import check_options
from station.targets.console.line import ConsoleLine
from station.targets.console.target import ConsoleTarget
from station.targets.ports import OpenPort
from station.targets.terminal import Terminal

PROFILE = r"""
name = "called"
target = "console"
products = ["a1B2c3D4e5F"]
[console]
persistent = true
timeout_s = 2.0
escape = { break_s = 0.3 }
probe = { line = "AT", success = '^OK$' }
uid = { line = "ID", pattern = '^ID:(\S+)$' }
restart = { line = "BOOT", boot = '^ready$', wait_s = 0.4 }
[[console.write]]
line = "SET {productKey} {deviceName} {deviceSecret}"
success = '^OK$'
[[console.read]]
line = "GET"
done = '^OK$'
absent = '^NONE$'
fields = { productKey = '^K=(.*)$', deviceName = '^N=(.*)$', deviceSecret = '^S=(.*)$' }
"""


class Called(Dialect):
    ends = b"\r"
    banner = "ready\r\n"
    fields: ClassVar = {"productKey": "K", "deviceName": "N", "deviceSecret": "S"}

    def obey(self, line: str) -> Reply:
        if line == "BOOT":
            return Reboot()
        return {"AT": "OK\r\n", "ID": "ID:a1b2c3d4\r\n", "GET": "NONE\r\n"}.get(line, "ERROR\r\n")


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ConsoleBoard]:
    monkeypatch.setitem(console.DIALECTS, "called", Called)
    monkeypatch.setattr("station.targets.console.line._PROBE_S", 1.5)  # on a busy PC an answer takes its time
    with ConsoleBoard("called", uid="a1b2c3d4", store=tmp_path / "c.json", link=tmp_path / "tty") as plugged:
        yield plugged


@pytest.fixture
def port(board: ConsoleBoard) -> Port:
    return Port(url=board.url, slot="1")


def profile(escape: str = "{ break_s = 0.3 }") -> Profile:
    text = PROFILE.replace("{ break_s = 0.3 }", escape)
    return parse_profile(tomllib.loads(text), check_options, source="called")


def test_a_break_calls_a_board_back_and_one_that_answers_gets_none(
    board: ConsoleBoard, port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks: list[float] = []

    def send_break(_port: Terminal, seconds: float) -> None:
        """A pty has none."""
        breaks.append(seconds)
        board._quirks = Quirks()

    monkeypatch.setattr(Terminal, "send_break", send_break)
    board._quirks = Quirks(deaf=True)
    for _ in range(2):
        with closing(ConsoleTarget().open(port, profile())) as session:
            assert session.identify().uid == "a1b2c3d4"
    assert breaks == [0.3]


def test_the_text_that_calls_a_board_back_stands_alone_between_two_silences(
    board: ConsoleBoard, port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    write = OpenPort.write

    def sent(opened: OpenPort, data: bytes) -> None:
        done.append(data)
        if data != b"+++":  # this board has no data mode that would swallow it
            write(opened, data)

    def wait(_line: ConsoleLine, seconds: float) -> None:
        done.append(seconds)
        board._quirks = Quirks(deaf=done[-2:] != [b"+++", 0.75])

    monkeypatch.setattr(OpenPort, "write", sent)
    monkeypatch.setattr(ConsoleLine, "wait", wait)
    board._quirks = Quirks(deaf=True)
    ConsoleTarget().open(port, profile('{ text = "+++", guard_s = 0.75 }')).close()
    assert done == [b"AT\r", 0.75, b"+++", 0.75, b"AT\r"]


def test_nothing_is_said_after_a_start_for_as_long_as_the_board_is_deaf(
    board: ConsoleBoard, port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[tuple[float, str]] = []
    monkeypatch.setattr(ConsoleLine, "wait", lambda _line, seconds: waits.append((seconds, board.lines[-1])))
    with closing(ConsoleTarget().open(port, profile())) as session:
        session.restart()
    assert waits == [(0.4, "BOOT")]
