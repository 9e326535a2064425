# SPDX-License-Identifier: GPL-3.0-or-later
"""Long answers go through a pager on a terminal, and nowhere else."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from station.codes import Exit
from tests.cli.cli_shell import Shell, _read
from tests.waiting import until

HELP = ("help", "limits")


@pytest.fixture
def paged(tmp_path: Path) -> Shell:
    """Its pager keeps what it was given, and how it was set."""
    shell = Shell(tmp_path)
    (tmp_path / "pager").write_text('#!/bin/sh\necho "$LESS" > "$0.less"\nexec tee "$0.seen"\n')
    (tmp_path / "pager").chmod(0o755)
    shell.environment |= {"STATION_PAGER": str(tmp_path / "pager"), "STATION_CONFIG": "", "PAGER": "false"}
    return shell


def seen(shell: Shell) -> str | None:
    file = shell.folder / "pager.seen"
    return file.read_text() if file.exists() else None


def test_on_a_terminal_it_gets_all_of_it_set_as_git_sets_less(paged: Shell) -> None:
    code, shown = paged.on_terminal(*HELP, answers=[])
    assert (code, seen(paged)) == (Exit.OK, shown.replace("\r\n", "\n"))
    assert (paged.folder / "pager.less").read_text() == f"{os.environ.get('LESS', 'FRX')}\n"


def test_not_in_a_pipe(paged: Shell) -> None:
    assert (paged(*HELP).code, seen(paged)) == (Exit.OK, None)


@pytest.mark.parametrize(
    ("words", "pager"),
    [(("--no-pager", *HELP), None), ((*HELP, "--json"), None), (HELP, "cat"), (HELP, ""), (HELP, "no/such 'pager")],
)
def test_without_one_it_is_printed(paged: Shell, words: tuple[str, ...], pager: str | None) -> None:
    if pager is not None:
        paged.environment["STATION_PAGER"] = pager
    code, shown = paged.on_terminal(*words, answers=[])
    assert (code, seen(paged), len(shown) > 1000) == (Exit.OK, None, True)


def test_one_that_ends_early_ends_the_command_without_a_word(paged: Shell) -> None:
    paged.environment["STATION_PAGER"] = "head -1"
    code, shown = paged.on_terminal("profile", "keys", "console", answers=[])
    assert (code, len(shown.splitlines())) == (Exit.OK, 1)


def test_ctrl_c_leaves_it_to_the_person(paged: Shell) -> None:
    """The pager hears it too, and less goes on."""
    reads = paged.folder / "reads"
    os.mkfifo(reads)
    (paged.folder / "pager").write_text(
        f"#!/bin/sh\ntrap '' INT\ncat > /dev/null\necho all > \"$0.seen\"\nread x < {reads}\necho read\n"
    )
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "station", *HELP]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env=paged.environment, start_new_session=True)
    os.close(theirs)
    until(lambda: seen(paged) == "all\n")  # whose answer is not whole yet ends by it
    os.killpg(process.pid, signal.SIGINT)
    reads.write_text("q\n")
    shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert (process.wait(), shown.strip()) == (Exit.OK, b"read")


def test_who_runs_it_with_anothers_rights_gets_no_program_of_their_own_and_no_shell(paged: Shell) -> None:
    """As sudo lets them; `!sh` in less is a shell."""
    less = paged.folder / "less"
    less.write_text('#!/bin/sh\necho "secure $LESSSECURE"\n')
    less.chmod(0o755)
    paged.environment |= {"SUDO_UID": "1000", "PATH": f"{paged.folder}:{os.environ['PATH']}"}
    code, shown = paged.on_terminal(*HELP, answers=[])
    assert (code, shown.strip(), seen(paged)) == (Exit.OK, "secure 1", None)
