# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of output with its real other side: it gets every byte, and what is dead is an error, soon, and no hang."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from station.andon import pipe as pipes
from station.andon import post as posts
from station.andon import sound as sounds
from station.andon import tower as towers
from station.andon.command import CommandOutput
from station.andon.file import FileOutput
from station.andon.light import Light
from station.andon.pipe import PipeOutput
from station.andon.post import PostOutput
from station.andon.sound import BellOutput, SoundOutput
from station.andon.tower import TowerOutput
from station.errors import StationError
from station.events import SlotState
from tests.andon.receivers import dripping, line, web
from tests.waiting import is_gone, until


@contextmanager
def refused(text: str) -> Iterator[None]:
    with pytest.raises(StationError, match=text) as caught:
        yield
    assert caught.value.do


def test_a_file_gets_whole_lines_also_after_it_was_moved_or_cut(tmp_path: Path) -> None:
    log = tmp_path / "andon.jsonl"
    output = FileOutput(name="log", path=log)
    output.deliver(line(uid="a"))
    log.rename(tmp_path / "andon.1")
    output.deliver(line(uid="b"))
    with log.open("ab") as file:
        file.write(b'{"cut')  # what a full disk leaves
    output.deliver(line(uid="c"))
    first, cut, last = log.read_text().splitlines()
    assert (json.loads(first)["uid"], cut, json.loads(last)["uid"]) == ("b", '{"cut', "c")
    assert json.loads((tmp_path / "andon.1").read_text())["uid"] == "a"


def test_a_line_that_a_full_disk_takes_in_part_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, write = tmp_path / "andon.jsonl", os.write
    output = FileOutput(name="log", path=log)
    with monkeypatch.context() as full, refused("the disk is full"):
        full.setattr(os, "write", lambda file, data: write(file, data[:9]))
        output.deliver(line(uid="a"))
    output.deliver(line(uid="a"))
    assert [json.loads(one)["uid"] for one in log.read_text().splitlines()[1:]] == ["a"]


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "nowhere"])
def test_what_is_no_plain_file_is_not_written_to(tmp_path: Path, kind: str) -> None:
    path, precious = tmp_path / "it", tmp_path / "precious"
    precious.write_text("kept")
    if kind == "link":
        path.symlink_to(precious)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = tmp_path / "no" / "folder"
    with refused(str(path)):
        FileOutput(name="log", path=path).deliver(line())
    assert precious.read_text() == "kept"


def test_a_pipe_without_a_reader_or_with_one_that_stopped_reading_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipes, "FULL_S", 0.05)
    path = tmp_path / "fifo"
    output = PipeOutput("board", path)
    with refused("is no pipe"):
        output.deliver(line())
    os.mkfifo(path)
    with refused("nobody reads it"):
        output.deliver(line())
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    sent = 0
    with refused("its reader does not read"):
        while True:
            output.deliver(line(uid=str(sent)))
            sent += 1
    read = b""
    with suppress(BlockingIOError):
        while chunk := os.read(reader, 1 << 16):
            read += chunk
    assert [json.loads(one)["uid"] for one in read.splitlines()] == [str(n) for n in range(sent)]  # none in part
    os.close(reader)
    with refused("nobody reads it"):
        output.deliver(line())
    path.unlink()
    os.mkfifo(path)  # by its reader, that was started again
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    output.deliver(line(uid="again"))
    assert json.loads(os.read(reader, 4096))["uid"] == "again"
    os.close(reader)
    output.close()


def test_a_program_that_reads_nothing_is_an_error_and_is_told_the_rest_once_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipes, "FULL_S", 0.05)
    got, reads = tmp_path / "got", tmp_path / "reads"
    os.mkfifo(reads)
    output = CommandOutput("mes", ["/bin/sh", "-c", f"read go < {reads}; exec cat > {got}"])
    sent = 0
    with refused("its reader does not read"):
        while True:
            output.deliver(line(uid=str(sent)))
            sent += 1
    reads.write_text("go\n")
    until(lambda: not _refuses(output, "does not read"))
    output.close()
    told = [json.loads(one)["uid"] for one in got.read_text().splitlines()]
    assert told == [*map(str, range(sent)), "lost"]


def test_a_command_gets_the_lines_and_is_started_again(tmp_path: Path) -> None:
    got = tmp_path / "got"
    output = CommandOutput("mes", ["/bin/sh", "-c", f'read one; echo "$one" >> {got}'])
    output.deliver(line(uid="a"))
    until(lambda: got.exists() and got.read_text().endswith("\n"))
    until(lambda: _refuses(output))
    output.deliver(line(uid="b"))
    until(lambda: got.read_text().count("\n") == 2)
    assert [json.loads(one)["uid"] for one in got.read_text().splitlines()] == ["a", "b"]
    output.close()


def _refuses(output: CommandOutput, why: str = "has ended") -> bool:
    try:
        output.deliver(line(uid="lost"))
    except StationError as error:
        return why in error.what
    return False


def test_a_command_that_never_ends_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.andon.command._ENDS_S", 0.05)
    children = tmp_path / "children"
    script = f"trap '' TERM; sleep 1000 & echo $! > {children}.new; mv {children}.new {children}; wait; sleep 1000"
    output = CommandOutput("mes", ["/bin/sh", "-c", script])
    output.deliver(line())
    until(children.exists)
    child = int(children.read_text())
    output.close()
    until(lambda: is_gone(child))


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    for output in (CommandOutput("a", [str(tmp_path / "no")]), SoundOutput("b", [str(tmp_path / "no")])):
        with refused("there is no program"):
            output.look()
        with refused("cannot be started"):
            output.deliver(line())


def test_a_web_address_gets_each_line_with_its_token(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("word\n")
    token.chmod(0o600)
    with web() as server:
        output = PostOutput("web", server.url, token)
        output.look()
        output.deliver(line(uid="a"))
        assert json.loads(server.bodies[0])["uid"] == "a"
        assert server.headers[0]["authorization"] == "Bearer word"
        for status in (500, 302, 401):
            server.status = status
            with refused(f"it answered {status}"):
                output.deliver(line())
        assert len(server.headers) == 4, "a redirect was followed"
    with refused("refused|broke|cannot be reached") as _:
        output.deliver(line())
    with refused("cannot be reached"):
        output.look()


def test_a_server_that_hangs_or_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts, "TAKES_S", 0.3)
    with web() as server, dripping() as drip:
        server.goes_on.clear()
        for url in (server.url, drip):
            with refused("127.0.0.1: (no answer|the answer|the connection)"):
                PostOutput("web", url).deliver(line())


@contextmanager
def tower(**shown: str) -> Iterator[tuple[TowerOutput, int]]:
    """A light tower on a pty, and our end of it."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    made = TowerOutput("tower", os.ttyname(theirs), {Light(name): bytes.fromhex(text) for name, text in shown.items()})
    try:
        yield made, ours
    finally:
        made.close()
        for end in (ours, theirs):
            with suppress(OSError):
                os.close(end)


def _shown(ours: int) -> bytes:
    with suppress(BlockingIOError):
        return os.read(ours, 1000)
    return b""


def test_a_tower_shows_each_state_and_the_next_milder_for_what_it_lacks() -> None:
    with tower(OFF="00", EMPTY="01", BUSY="02", FAIL="03") as (output, ours):
        for state, byte in {
            SlotState.EMPTY: b"\1",
            SlotState.PASS: b"\1",
            SlotState.BUSY: b"\2",
            SlotState.NO_STOCK: b"\2",
            SlotState.FAIL: b"\3",
            SlotState.LOCKED: b"\3",
        }.items():
            output.deliver(line(state))
            assert until(lambda: _shown(ours)) == byte, state
        assert output.shows(Light.OFF) == b"\0"
        assert output.shows(Light.ALARM) == b"\3"


def test_a_tower_that_is_gone_is_an_error_and_shows_again_when_it_is_back() -> None:
    with tower(OFF="00", EMPTY="01") as (output, ours), tower(OFF="00", EMPTY="01") as (again, others):
        output.deliver(line())
        os.close(ours)
        with pytest.raises(StationError):
            output.deliver(line())
        output._where = again._where
        output.deliver(line())
        assert until(lambda: _shown(others)) == b"\1"
        output.close()


def test_a_tower_that_takes_no_byte_is_given_up_and_shows_again_when_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(towers, "_FULL_S", 0.05)
    with tower(OFF="00", EMPTY="01" * 4000) as (output, ours):
        with pytest.raises(StationError):
            for _ in range(100):
                output.deliver(line())
        while _shown(ours):
            pass
        output.deliver(line())


def test_a_sound_is_played_to_its_end_and_one_that_never_ends_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = tmp_path / "played"
    SoundOutput("horn", ["/usr/bin/touch", str(played)]).deliver(line())
    assert played.exists()
    with refused("ended with 1"):
        SoundOutput("horn", ["/bin/false"]).deliver(line())
    monkeypatch.setattr(sounds, "TAKES_S", 0.3)
    children = tmp_path / "children"
    with refused("plays longer"):
        SoundOutput("horn", ["/bin/sh", "-c", f"echo $$ > {children}; sleep 1000 & wait"]).deliver(line())
    assert is_gone(int(children.read_text()))


_RINGS = "from station.andon.sound import BellOutput; from tests.andon.receivers import line; BellOutput(name='b')"


_STAYS_FULL = 5
"""Looks in a row."""


def _rings_where_nobody_looks() -> int:
    """On a terminal that takes no more: 3 once that is an error."""
    os.set_blocking(1, False)
    with suppress(BlockingIOError):
        while True:
            os.write(1, b"x" * 1000)
    full = 0
    while full < _STAYS_FULL:  # the kernel passes on what it was given in its own time
        try:
            os.write(1, b"x")
            full = 0
        except BlockingIOError:
            full += 1
            time.sleep(0.05)
    os.set_blocking(1, True)
    signal.alarm(5)
    try:
        BellOutput(name="bell").deliver(line())
    except StationError:
        return 3
    return 0


def test_the_bell_rings_the_terminal_and_without_one_is_an_error() -> None:
    pid, ours = pty.fork()
    if not pid:
        with suppress(BaseException):
            BellOutput(name="bell").deliver(line())
        os._exit(0)
    rung = os.read(ours, 10)
    os.waitpid(pid, 0)
    os.close(ours)
    assert rung == b"\a"
    pid, ours = pty.fork()
    if not pid:
        os._exit(_rings_where_nobody_looks())
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3, "it waited, or rang"
    os.close(ours)
    away = subprocess.run(
        [sys.executable, "-c", f"{_RINGS}.look()"], start_new_session=True, capture_output=True, text=True, check=False
    )
    assert "this station has no terminal to ring" in away.stderr
