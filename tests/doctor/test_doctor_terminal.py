# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor finds on a terminal, and where a screen is painted."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from station.doctor import Level, terminal


def test_a_terminal_that_is_large_enough_and_has_colours_is_good() -> None:
    assert not list(terminal.size(os.terminal_size((80, 24))))
    for kind in ("xterm-256color", "linux", "vt220"):
        assert not list(terminal.colours({"TERM": kind}))
    assert not list(terminal.letters("UTF8"))


@pytest.mark.parametrize("size", [(79, 24), (80, 23)])
def test_a_terminal_that_is_too_small_is_told_with_its_size(size: tuple[int, int]) -> None:
    (finding,) = terminal.size(os.terminal_size(size))
    assert finding.level is Level.WRONG
    assert f"{size[0]} x {size[1]}" in finding.what


@pytest.mark.parametrize("kind", ["", "dumb"])
def test_where_nothing_can_be_painted_is_told(kind: str) -> None:
    (finding,) = terminal.colours({"TERM": kind})
    assert "TERM=" in finding.do


@pytest.mark.parametrize("encoding", ["iso8859-15", "ascii", "gbk"])
def test_a_locale_that_is_not_utf_8_is_told_with_the_command(encoding: str) -> None:
    (finding,) = terminal.letters(encoding)
    assert "C.UTF-8" in finding.do


def test_a_linux_console_has_no_chinese_letters() -> None:
    (finding,) = terminal.chinese({"TERM": "linux"})
    assert "language" in finding.do
    assert not list(terminal.chinese({"TERM": "xterm"}))  # on another machine: nobody can know


def test_a_desktop_without_a_chinese_font_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts = tmp_path / "fc-list"
    fonts.write_text("#!/bin/sh\ntrue\n")
    fonts.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (finding,) = terminal.chinese({"TERM": "xterm", "DISPLAY": ":0"})
    assert "fonts" in finding.do
    fonts.write_text("#!/bin/sh\necho Noto Sans CJK SC\n")
    assert not list(terminal.chinese({"TERM": "xterm", "DISPLAY": ":0"}))


def screen_on(stdin: int, stdout: int, stderr: int, **environment: str) -> subprocess.Popen[bytes]:
    said = "from station.doctor.terminal import paint_here as p; p(); import sys; sys.__stderr__.write('painted')"
    return subprocess.Popen(
        [sys.executable, "-c", said], stdin=stdin, stdout=stdout, stderr=stderr, env={**os.environ, **environment}
    )


@pytest.mark.parametrize("redirected", [False, True])
def test_with_2_to_a_file_the_screen_is_painted_on_the_terminal(redirected: bool, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with (tmp_path / "out").open("wb") as file:
        running = screen_on(theirs, theirs, file.fileno() if redirected else theirs)
        code = running.wait(timeout=60)
    os.close(theirs)
    assert (code, (tmp_path / "out").read_text()) == (0, "")
    assert os.read(ours, 100) == b"painted"
    os.close(ours)


def test_a_screen_is_not_opened_with_other_letters() -> None:
    ours, theirs = pty.openpty()
    code = screen_on(theirs, theirs, theirs, PYTHONIOENCODING="latin-1").wait(timeout=60)
    os.close(theirs)
    said = b""
    while more := _read(ours):
        said += more
    os.close(ours)
    assert code != 0
    assert b"UTF-8" in said


def _read(end: int) -> bytes:
    try:
        return os.read(end, 4096)
    except OSError:  # EIO: the other end is closed, and all is read
        return b""
