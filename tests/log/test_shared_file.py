# SPDX-License-Identifier: GPL-3.0-or-later
"""One file for all processes: within its bounds, no line lost, cut or mixed with another, whoever rotates it."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import stat
from pathlib import Path

import pytest

from station.log.file import SharedFile
from tests.log.logs import files, lines

PROCESSES, EACH, MOST = 4, 300, 4096


def said(text: str) -> logging.LogRecord:
    return logging.LogRecord("station.test", logging.INFO, "", 0, text, None, None)


def a_file(folder: Path, *, keep: int = 100) -> SharedFile:
    return SharedFile(folder / "station.log", most_bytes=MOST, keep=keep)


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def in_processes(work: list[int], folder: Path) -> list[int]:
    """Each forked one writes its own lines; how they ended."""
    begun = []
    for process in work:
        pid = os.fork()
        if pid:
            begun.append(pid)
            continue
        place = a_file(folder)
        whole = all(place.took(said(f"{process} {n} {'x' * (n % 40)}.")) for n in range(EACH))
        os._exit(0 if whole else 1)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in begun]


def test_processes_that_rotate_one_file_lose_and_mix_no_line(tmp_path: Path) -> None:
    assert in_processes(list(range(PROCESSES)), tmp_path) == [0] * PROCESSES
    found = lines(tmp_path)
    assert sorted(found) == sorted(f"{p} {n} {'x' * (n % 40)}." for p in range(PROCESSES) for n in range(EACH))
    for process in range(PROCESSES):
        own = [line.split()[1] for line in found if line.startswith(f"{process} ")]
        assert own == [str(n) for n in range(EACH)], "in their order"
    assert len(files(tmp_path)) > PROCESSES
    assert all(file.stat().st_size <= MOST for file in files(tmp_path))
    assert {stat.S_IMODE(file.stat().st_mode) for file in files(tmp_path)} == {0o600}


def test_no_more_than_was_asked_for_is_kept(tmp_path: Path) -> None:
    place = a_file(tmp_path, keep=2)
    for n in range(400):
        place.took(said(f"{n} {'x' * 100}"))
    assert [file.name for file in files(tmp_path)] == ["station.log", "station.log.1", "station.log.2"]
    assert lines(tmp_path)[-1].startswith("399 ")


def test_what_another_program_moved_away_is_begun_anew(tmp_path: Path) -> None:
    place = a_file(tmp_path)
    place.took(said("before"))
    (tmp_path / "station.log").rename(tmp_path / "moved")
    place.took(said("after"))
    assert ((tmp_path / "moved").read_text(), lines(tmp_path)) == ("before\n", ["after"])


@pytest.mark.parametrize("next_by", ["the same process", "another one"])
def test_a_line_that_a_full_disk_cut_spoils_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, next_by: str
) -> None:
    place = a_file(tmp_path)
    with monkeypatch.context() as full:
        ordinary = os.write
        full.setattr(os, "write", lambda file, data: ordinary(file, data[:3]))
        assert not place.took(said("a line"))
    if next_by == "another one":
        place = a_file(tmp_path)
    assert place.took(said("another"))
    assert lines(tmp_path) == ["a l", "another"]


def test_where_no_file_can_be_locked_no_line_costs_a_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network's folder whose server keeps no locks: the station must not run out of them."""

    def keeps_none(_file: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    place = a_file(tmp_path)
    monkeypatch.setattr(fcntl, "flock", keeps_none)
    assert not place.took(said("the file is open from here on"))
    before = descriptors()
    assert not any(place.took(said("a line")) for _ in range(5))
    assert descriptors() <= before


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_it_goes_through_no_link_and_waits_for_no_pipe(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "station.log"
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    assert not a_file(tmp_path).took(said("a line"))
    assert not (tmp_path / "elsewhere").exists()
