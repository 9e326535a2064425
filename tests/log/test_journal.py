# SPDX-License-Identifier: GPL-3.0-or-later
"""Under systemd each line has its level before it, as sd-daemon(3) has it; elsewhere the journal's socket gets it."""

from __future__ import annotations

import logging
import os
import socket
from pathlib import Path

import pytest

from station.log import journal
from station.logger import logger
from station.visiting import visiting
from tests.log.logs import logged


def into(path: Path, patch: pytest.MonkeyPatch) -> str:
    """stderr is this file from now on; how systemd would call it."""
    file = path.open("w")
    patch.setattr("sys.stderr", file)
    found = os.fstat(file.fileno())
    return f"{found.st_dev}:{found.st_ino}"


def test_a_service_logs_to_its_journal_unasked_with_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = tmp_path / "stderr"
    monkeypatch.setenv("JOURNAL_STREAM", into(stderr, monkeypatch))
    with logged(tmp_path, file=""):
        log = logger("visit")
        with visiting("3f9a0c12be77d001"):
            for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
                log.log(level, "a text\nof two lines")
    *_, debug, info, warning, error = stderr.read_text().splitlines()
    assert [line[:3] for line in (debug, info, warning, error)] == ["<7>", "<6>", "<4>", "<3>"]
    assert info == r"<6>visit   3f9a0c12be77d001 a text\nof two lines"


def test_another_stderr_than_the_journals_gets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = tmp_path / "stderr"
    into(stderr, monkeypatch)
    monkeypatch.setenv("JOURNAL_STREAM", "1:1")
    with logged(tmp_path, file="") as said:
        logger("visit").error("a text")
    assert (stderr.read_text(), said) == ("", [])


def test_without_a_service_the_socket_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as system:
        system.bind(str(path))
        record = logging.LogRecord("station.visit", logging.WARNING, "", 0, "a text", None, None)
        place = journal.journal(path)
        assert place.took(record)
        assert system.recv(1000) == b"<28>station: visit   -                a text"  # daemon.warning
        place.close()


def test_where_there_is_no_journal_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal.journal, "__defaults__", (tmp_path / "none",))
    with logged(tmp_path, file="journal") as said:
        logger("visit").error("a text")
    assert [fault.what for fault in said] == ["the log journal cannot be written: No such file or directory"]
