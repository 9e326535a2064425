# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines for a reader: whole and in order; who goes, or reads no more, is told of once and keeps nobody waiting."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from station.bench import outlet
from station.bench.outlet import Outlet
from tests.waiting import until


def test_all_lines_arrive_in_order_before_it_ends(tmp_path: Path) -> None:
    gone: list[Exception] = []
    with (tmp_path / "out").open("w", encoding="utf-8") as file, Outlet(file, gone.append) as out:
        for number in range(500):
            out.put(f"{number}\x1b")
    assert (tmp_path / "out").read_text().splitlines() == [f"{number}\\u001b" for number in range(500)]
    assert gone == []
    text = io.StringIO()
    with Outlet(text, gone.append) as out:
        out.put("no file")
    assert text.getvalue() == "no file\n"


def test_a_reader_who_has_gone_is_told_of_at_once_and_only_once() -> None:
    read, write = os.pipe()
    os.close(read)
    gone: list[Exception] = []
    with os.fdopen(write, "w", encoding="utf-8") as file, Outlet(file, gone.append) as out:
        out.put("lost")
        until(lambda: gone)
        out.put("lost too")
    assert [type(error) for error in gone] == [BrokenPipeError]


def test_a_reader_who_leaves_too_much_unread_is_taken_for_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "_PATIENCE_S", 0.1)
    read, write = os.pipe()
    gone: list[Exception] = []
    with os.fdopen(write, "w", encoding="utf-8") as file, os.fdopen(read, "rb") as unread:
        with Outlet(file, gone.append, most=3) as out:
            for _ in range(6):
                out.put("x" * 100_000)
        assert [type(error) for error in gone] == [TimeoutError]
        assert len(os.read(unread.fileno(), 1)) == 1


def test_at_its_end_a_reader_who_goes_on_reading_is_waited_for_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "_PATIENCE_S", 0.1)
    read, write = os.pipe()
    gone: list[Exception] = []
    with os.fdopen(write, "w", encoding="utf-8") as file, os.fdopen(read, "rb"):
        with Outlet(file, gone.append) as out:
            out.put("x" * 100_000)
        assert [type(error) for error in gone] == [TimeoutError]
