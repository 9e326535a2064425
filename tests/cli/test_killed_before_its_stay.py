# SPDX-License-Identifier: GPL-3.0-or-later
"""A station is killed after its board was done and before the stay was written down, and the board never comes back:
the next command that opens the ledger makes good for it."""

from __future__ import annotations

import json
import signal
import sys

from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from station.simulate.printer import LabelPrinter
from tests.cli.cli_shell import Shell
from tests.forked import run
from tests.waiting import PATIENCE_S

DIES_BEFORE_THE_STAY = """
import os, runpy, signal, sys
from station.ledger.visits import Visits
Visits.record = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
sys.argv[0] = "station"
runpy.run_module("station", run_name="__main__", alter_sys=True)
"""


def test_label_outbox_history_and_report_hear_of_the_board(shell: Shell) -> None:
    shell.stock_up("cam1", "cam2")
    shell.write_profile()
    profile, told = shell.folder / "profiles" / "cam.toml", shell.folder / "told.jsonl"
    profile.write_text(profile.read_text() + "[label]\n")
    shell.config.write_text(
        f'{shell.config.read_text()}\n[outbox.mes]\nfile = "{told}"\nsince = 2020-01-01T00:00:00Z\n'
    )
    with LabelPrinter() as printer:
        words = ("--set", f"printer.where={printer.where}", "flash", "--profile", "cam", "--port")
        with SimulatedAgentBoard("ab00000000000001", shell.folder / "1.bin") as board:
            died = run([sys.executable, "-c", DIES_BEFORE_THE_STAY, *words, board.url], env=shell.environment)
        assert died.returncode == -signal.SIGKILL
        (held,) = read_identity(shell.folder / "1.bin") or []
        with shell.open_ledger() as as_it_was_left:
            assert as_it_was_left.visits.first_at() is None
        with SimulatedAgentBoard("ab00000000000002", shell.folder / "2.bin") as board:
            done = shell(*words, board.url)
            assert done.code == 0, done.err
        with printer.printed:
            assert printer.printed.wait_for(lambda: len(printer.labels) == 2, PATIENCE_S)
    events = [json.loads(line) for line in told.read_text().splitlines()]
    assert [(event["uid"], event["device"], event["outcome"], event["profile"]) for event in events] == [
        ("ab00000000000001", held.device_name, "PASS", "cam"),
        ("ab00000000000002", "cam2", "PASS", "cam"),
    ]
    assert "label printed" in shell("history", "ab00000000000001").out
    assert shell("audit", "verify").code == 0
