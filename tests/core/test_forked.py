# SPDX-License-Identifier: GPL-3.0-or-later
"""A forked command is the process that the same words started from nothing would be."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked
from tests.forked import run
from tests.started import rest_of, start
from tests.waiting import PATIENCE_S

SEEN = "import os, sys; print(sys.argv, __name__, os.getcwd(), sorted(os.environ), sys.stdin.read(), os.isatty(1))"


@pytest.mark.parametrize(
    "words",
    [
        ["-m", "station", "--version"],
        ["-m", "station", "flash", "--no-such-option"],
        ["-c", SEEN, "one", "two words"],
        ["-c", "import sys; print('said'); sys.exit('why')"],
        ["-c", "import os; print('lost'); os.kill(os.getpid(), 9)"],
        ["-c", "import atexit, threading; atexit.register(print, 2); threading.Timer(0.05, print, [1]).start()"],
    ],
)
def test_it_says_and_ends_as_one_started_from_nothing(words: list[str], tmp_path: Path) -> None:
    command, environment = [sys.executable, *words], {**os.environ, "HOME": str(tmp_path)}
    forked = run(command, env=environment, cwd=tmp_path)
    new = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert (forked.returncode, forked.stdout, forked.stderr) == (new.returncode, new.stdout, new.stderr)


def test_nothing_of_one_command_is_left_for_the_next() -> None:
    leaves = "import builtins, os, station; builtins.left = station.left = 1; os.environ['LEFT'] = '1'; os.chdir('/')"
    assert run([sys.executable, "-c", leaves]).returncode == 0
    finds = (
        "import builtins, os, station; print(hasattr(builtins, 'left'), hasattr(station, 'left'), 'LEFT' in os.environ)"
    )
    assert run([sys.executable, "-c", finds]).stdout == "False False False\n"


def test_it_has_no_file_open_but_the_three_that_it_is_given() -> None:
    listed = "import os; print(sorted(os.listdir('/proc/self/fd'))[:-1])"
    assert run([sys.executable, "-c", listed]).stdout == "['0', '1', '2']\n"


def test_what_an_interpreter_reads_at_its_start_is_not_missed() -> None:
    said = run([sys.executable, "-c", "import sys; print(sys.flags.utf8_mode)"], env={**os.environ, "PYTHONUTF8": "1"})
    assert said.stdout == "1\n"


def test_one_that_takes_too_long_is_killed() -> None:
    with pytest.raises(subprocess.TimeoutExpired) as late:
        run([sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"], timeout=0.5)
    with pytest.raises(ProcessLookupError):
        while True:
            os.kill(int(late.value.stdout or ""), 0)


def test_one_that_goes_on_is_listened_to_signalled_and_waited_for(tmp_path: Path) -> None:
    """Like one that is started from nothing, whose status a shell would pass on."""
    code = "import os, sys, time; print(os.getcwd(), flush=True); print('why', file=sys.stderr); time.sleep(60)"
    with start([sys.executable, "-c", code], cwd=tmp_path) as command:
        assert command.stdout is not None and command.stdout.readline() == f"{tmp_path}\n"
        assert command.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            command.wait(0.05)
        os.kill(command.pid, 0)
        command.terminate()
        assert command.communicate(timeout=PATIENCE_S) == ("", "why\n")
    assert (command.poll(), command.returncode) == (-signal.SIGTERM, -signal.SIGTERM)
    with pytest.raises(ProcessLookupError):
        os.kill(command.pid, 0)
    command.kill()  # it is no more, and nobody else is hit


def test_how_one_that_went_on_ended_is_told() -> None:
    with start([sys.executable, "-c", "import sys; sys.exit(3)"]) as command:
        assert command.wait() == 3


def test_what_came_with_a_line_that_was_read_is_not_lost() -> None:
    command = start([sys.executable, "-c", "import sys; sys.stdout.write('one\\ntwo\\n'); sys.stderr.write('why')"])
    command.wait(PATIENCE_S)
    assert command.stdout is not None and command.stdout.readline() == "one\n"
    assert rest_of(command) == ("two\n", "why")


def test_all_workers_ask_one_process_which_outlives_who_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    said_by = [sys.executable, "-c", "import os; print(os.getppid())"]
    first = run(said_by).stdout
    address = forked._forking(None).getpeername()
    with monkeypatch.context() as another_worker:
        another_worker.setattr(forked, "_of_all_workers", lambda: address)
        with forked._forking.__wrapped__(None) as way:
            another_worker.setattr(forked, "_forking", lambda _preload: way)
            assert run(said_by).stdout == first
    assert run(said_by).stdout == first


def test_who_comes_as_the_last_one_leaves_is_heard_and_whoever_comes_later_starts_another() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind("")
        listening.listen()
        served = forked._Served(listening)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as late:
            late.connect(listening.getsockname())
            address = listening.getsockname()
            assert served._let_in_the_last()
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as later, pytest.raises(ConnectionRefusedError):
            later.connect(address)
        assert served.next_command() is None
