# SPDX-License-Identifier: GPL-3.0-or-later
"""Each way in which a run without a screen is ended, as DESIGN has it: real processes, one board each. Ctrl-C itself is
in `test_commands`."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from station.codes import Exit
from station.model import State
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from tests.cli.cli_shell import Shell
from tests.started import rest_of, start
from tests.waiting import until

UID = "ab00000000000001"
_A_PAGE = 4096


def once(number: int) -> Callable[[subprocess.Popen[str]], None]:
    return lambda process: process.send_signal(number)


def twice(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    process.send_signal(signal.SIGTERM)
    while "after the boards in hand" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)


def reader_goes(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    process.stdout.close()


@dataclass(frozen=True)
class Way:
    act: Callable[[subprocess.Popen[str]], None]
    exit: int
    becomes: State
    slow_s: float = 0.02
    tells: bool = True  # a summary, as the last line


WAYS = {
    "SIGTERM, as timeout and service managers do": Way(once(signal.SIGTERM), Exit.INTERRUPTED, State.CONSUMED),
    "SIGTERM twice": Way(twice, Exit.PERSON_NEEDED, State.IN_DOUBT, slow_s=0.3),
    "the terminal is closed": Way(once(signal.SIGHUP), Exit.INTERRUPTED, State.CONSUMED),
    "its reader goes, as head does": Way(reader_goes, Exit.STATION_FAULT, State.CONSUMED, tells=False),
    "SIGKILL": Way(once(signal.SIGKILL), -signal.SIGKILL, State.IN_DOUBT, slow_s=0.3, tells=False),
}


def running(shell: Shell, port: str, *more: str) -> subprocess.Popen[str]:
    shell.stock_up("cam1")
    shell.write_profile()
    options = ["--set", f"bench.name={'b' * 500}"]  # in each line: soon a page of them
    flash = ["flash", "--profile", "cam", "--json", "--port", port, *more]
    return start([sys.executable, "-m", "station", *options, *flash], env=shell.environment)


@pytest.mark.parametrize("name", WAYS)
def test_it_ends_as_documented_with_the_board_in_hand(shell: Shell, name: str) -> None:
    way = WAYS[name]
    with SimulatedAgentBoard(UID, shell.folder / "flash.bin", latency_s=way.slow_s) as board:
        process = running(shell, board.url, "--watch")
        assert process.stdout is not None
        while '"write"' not in process.stdout.readline():
            assert process.poll() is None
        way.act(process)
        with suppress(ValueError):  # what is closed is read no more
            out, _ = rest_of(process)
            assert ('"event": "summary"' in (out.splitlines() or [""])[-1]) == way.tells
        assert process.wait() == way.exit
    with shell.open_ledger() as ledger:
        ledger.recover()
        assert ledger.stock.by_state()[way.becomes] == 1


def test_of_results_that_nobody_takes_is_told_once(shell: Shell) -> None:
    shell.stock_up("cam1")
    shell.write_profile()
    store = shell.folder / "flash.bin"
    flash = [sys.executable, "-m", "station", "flash", "--profile", "cam", "--events", "results", "--port"]
    with SimulatedAgentBoard(UID, store) as board, Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*flash, board.url], stdout=full, stderr=subprocess.PIPE, env=shell.environment, check=False, text=True
        )
    assert (done.returncode, done.stderr.count("E331")) == (Exit.STATION_FAULT, 1), done.stderr
    assert read_identity(store)


def test_a_reader_who_does_not_read_keeps_no_board_waiting(shell: Shell) -> None:
    store = shell.folder / "flash.bin"
    with SimulatedAgentBoard(UID, store) as board:
        process = running(shell, board.url)
        assert process.stdout is not None
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _A_PAGE)
        until(lambda: read_identity(store))
        with shell.open_ledger() as ledger:
            until(lambda: ledger.stock.by_state()[State.CONSUMED])
        out, _ = rest_of(process)
    assert (process.returncode, len(out) > 2 * _A_PAGE) == (Exit.OK, True)
    assert '"passed": 1' in out.splitlines()[-1]
