# SPDX-License-Identifier: GPL-3.0-or-later
"""`station andon try`, doctor, config check, and a headless run whose station is killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from station.andon.light import Light
from station.codes import Code
from station.model import Language
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from station.words.tongues import TONGUES
from tests.cli.cli_shell import Shell
from tests.started import start
from tests.waiting import PATIENCE_S, until

CHINESE = TONGUES[Language.CHINESE]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.begin()
    made.write_profile()
    return made


def with_outputs(shell: Shell, text: str) -> None:
    with shell.config.open("a") as file:
        file.write(text.replace("HERE", str(shell.folder)))


def lines(log: Path) -> list[dict[str, object]]:
    return [json.loads(one) for one in log.read_text().splitlines()]


def test_try_walks_every_state_and_says_which_output_is_dead(shell: Shell) -> None:
    with_outputs(shell, '[andon.log]\nfile = "HERE/log"\n[andon.dead]\npipe = "HERE/no"\n')
    with_outputs(shell, '[andon.some]\nfile = "HERE/some"\non = ["FAIL"]\n')
    done = shell("andon", "try", "--pause", "0")
    assert done.code == 3
    assert done.out.splitlines()[1:] == ["log: ok", "some: ok"]
    assert done.out.startswith("dead: E316 ")
    assert done.err.splitlines() == list(Light)[1:], "whoever stands at the lamp knows which one is meant"
    told = lines(shell.folder / "log")
    assert [one["bench_state"] for one in told] == [*list(Light)[1:], Light.OFF]
    assert all(one["try"] is True for one in told)
    assert [one["state"] for one in lines(shell.folder / "some")] == ["FAIL"]
    in_chinese = shell("--set", "bench.language=zh", "andon", "try", "dead", "--pause", "0").out
    assert in_chinese.startswith(f"dead：E316 {CHINESE.codes[Code.E316].what}（")
    assert in_chinese.endswith(f"/no 不是管道 → 运行：mkfifo {shell.folder}/no）\n")
    only = shell("andon", "try", "log", "--pause", "0")
    assert (only.code, only.out) == (0, "log: ok\n")


def test_what_is_not_there_or_not_understood_is_a_usage_error(shell: Shell) -> None:
    assert "none; add a table [andon.NAME] to station.toml: station andon --help" in shell("andon", "try").err
    with_outputs(shell, '[andon.log]\nfile = "HERE/state/ledger.db"\n')
    for command in (["andon", "try"], ["config", "check"], ["flash", "--port", "x", "--profile", "cam"]):
        done = shell(*command)
        assert done.code == 2, done.err
        assert "E1" in done.err
    assert "among the ledger's files" in shell("config", "check").err
    done = shell("andon", "try", "lamp")
    assert done.code == 2


def test_doctor_looks_at_each_output_and_a_dead_one_is_a_warning(shell: Shell) -> None:
    with_outputs(shell, '[andon.log]\nfile = "HERE/log"\n[andon.mes]\ncommand = ["HERE/no"]\n')
    findings = [one for one in shell("doctor", "--json").json[0]["findings"] if one["check"] == "andon"]
    assert [(one["level"], one["what"].split(":")[0]) for one in findings] == [("ok", "log"), ("warning", "mes")]
    assert not (shell.folder / "log").exists(), "it changes nothing"


def test_a_station_killed_in_the_middle_leaves_whole_lines_and_its_board_goes_on(shell: Shell) -> None:
    log, fifo = shell.folder / "log", shell.folder / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)  # and never reads
    with_outputs(shell, '[andon.log]\nfile = "HERE/log"\n[andon.board]\npipe = "HERE/fifo"\n')
    with_outputs(shell, '[andon.mes]\ncommand = ["/bin/cat"]\n')
    shell.stock_up("cam1", "cam2")
    link = shell.folder / "tty1"
    board = SimulatedAgentBoard("5a00000000000001", shell.folder / "flash", link)
    board.plug()
    command = [sys.executable, "-m", "station", "flash", "--profile", "cam", "--port", str(link)]
    killed = start(command, env=shell.environment, stderr=subprocess.DEVNULL)
    try:
        until(lambda: log.exists() and '"BUSY"' in log.read_text())
        killed.send_signal(signal.SIGKILL)
        killed.wait(PATIENCE_S)
        done = shell("flash", "--profile", "cam", "--port", str(link), "--json")
    finally:
        killed.kill()
        killed.wait()
        board.unplug()
        os.close(reader)
    assert done.code == 0, done.out + done.err
    assert [c.device_name for c in read_identity(shell.folder / "flash") or []] in (["cam1"], ["cam2"])
    told = lines(log)
    assert {one["event"] for one in told} >= {"bench", "slot"}
    assert told[-1]["bench_state"] == "OFF"
    assert {one.get("batch", "77") for one in told} == {"77"}
