# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's first command, once through a pipe, and its promise: every board opened, nothing twice or lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from station.demo import database
from station.errors import UsageError
from tests.forked import run
from tests.postgres.server import programs

DEMO = [sys.executable, "-m", "station", "demo", "--headless", "--json"]


def demo(*arguments: str) -> tuple[int, list[dict[str, object]], str]:
    return heard(run([*DEMO, *arguments], timeout=110))


def heard(done: subprocess.CompletedProcess[str]) -> tuple[int, list[dict[str, object]], str]:
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_a_line_of_benches_outlives_its_server() -> None:
    if programs() is None:
        pytest.skip("needs the Debian package postgresql")
    code, (*_, summary), talk = demo("--line", "2", "--boards", "2", "--count", "8")
    assert code == 0, talk
    assert "the server is killed" in talk
    assert (summary["passed"], summary["mismatches"], summary["issued"], summary["accounted"]) == (8, 0, 8, 8)


def test_a_line_s_demo_says_how_to_get_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PACKAGED", Path("/nowhere"))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError, match="PostgreSQL") as told:
        database.Database()
    assert "apt install postgresql" in told.value.do


@pytest.mark.parametrize(
    "arguments",
    [
        ["--boards", "4", "--count", "10"],
        ["--boards", "2", "--count", "4", "--nvr", "16"],
        ["--boards", "4", "--count", "8", "--target", "esp-nvs"],
        pytest.param(
            ["--boards", "2", "--count", "4", "--nvr", "8", "--target", "esp-nvs"], marks=pytest.mark.campaign
        ),
        ["--boards", "8", "--count", "16", "--target", "console"],
        ["--boards", "1", "--count", "1", "--target", "console", "--boards-are", "firmware"],
    ],
    ids=["simulated", "nvr sets", "esp", "esp nvr sets", "console with labels", "console firmware"],
)
def test_every_board_passes_and_every_certificate_is_accounted_for(arguments: list[str]) -> None:
    code, lines, talk = demo(*arguments)
    summary = lines[-1]
    count = int(arguments[3])
    per_board = 1 + (int(arguments[5]) if "--nvr" in arguments else 0)
    assert code == 0, talk
    assert summary["event"] == "summary"
    assert (summary["passed"], summary["failed"], summary["mismatches"]) == (count, 0, 0)
    assert (summary["consumed"], summary["in_doubt"], summary["ready"]) == (count * per_board, 0, 0)
    assert summary["boards_checked"] == count
    assert all(line["schema"] == 1 for line in lines)


def test_firmware_boards_with_faults_on_two_percent_of_lines() -> None:
    """A few; `make soak` has two hundred, sixteen at once."""
    code, lines, talk = demo("--boards", "4", "--count", "4", "--boards-are", "firmware", "--line-faults", "2")
    summary = lines[-1]
    assert code == 0, talk
    assert (summary["boards_checked"], summary["mismatches"]) == (4, 0)
    assert (summary["consumed"], summary["in_doubt"], summary["ready"]) == (4, 0, 0)


def test_events_through_a_pipe_tell_no_secret() -> None:
    """A process of its own, where the other demos are forked and write into files. The cloud simulator's secrets are 32
    letters and digits; no other field of an event looks like that."""
    command = [*DEMO, "--boards", "1", "--count", "2"]
    code, lines, talk = heard(subprocess.run(command, capture_output=True, text=True, timeout=110, check=False))
    assert (code, lines[-1]["passed"]) == (0, 2), talk
    words = {word for line in lines for word in map(str, line.values())} | set(talk.split())
    assert not [word for word in words if len(word) == 32 and word.isalnum()]


def test_boards_that_cannot_hold_a_set_are_refused_before_anything_starts() -> None:
    code, lines, talk = demo("--target", "console", "--nvr", "4")
    assert (code, lines, "E118" in talk) == (2, [], True)
