# SPDX-License-Identifier: GPL-3.0-or-later
"""The far end of a simulated line takes the time that the line takes, and not its own on top of that."""

from __future__ import annotations

import os
import threading
import time

import pytest

from station.simulate.serial_end import SerialEnd

LATENCY_S, THINKS_S = 0.05, 0.01


def test_what_a_board_needs_to_think_is_within_its_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    waited, answered = list[float](), threading.Event()

    def hear(_data: bytes) -> None:
        time.sleep(THINKS_S)
        end.pause(LATENCY_S)
        answered.set()

    end = SerialEnd(hear)
    wait = end._ended.wait

    def noted(left: float) -> bool:
        waited.append(left)
        return wait(left)

    monkeypatch.setattr(end._ended, "wait", noted)
    end.plug()
    line = os.open(end.url, os.O_RDWR | os.O_NOCTTY)
    asked = time.monotonic()
    os.write(line, b"?")
    assert answered.wait(60)
    assert time.monotonic() - asked >= LATENCY_S
    os.close(line)
    end.unplug()
    assert sum(waited) <= LATENCY_S - THINKS_S


def test_a_wait_that_nothing_heard_began_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = list[float]()
    end = SerialEnd(lambda _data: None)
    monkeypatch.setattr(end._ended, "wait", waited.append)
    for _ in range(2):
        end.pause(1000)
    assert all(left > 500 for left in waited) and len(waited) == 2
