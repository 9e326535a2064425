# SPDX-License-Identifier: GPL-3.0-or-later
"""`station outbox`, and what a headless run tells its receivers: as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.codes import Exit
from station.simulate.agent_board import SimulatedAgentBoard
from station.targets.slots import slot_of_port
from tests.andon.receivers import web
from tests.cli.cli_shell import PIN, Shell
from tests.outbox.stays import stayed


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.begin()
    return made


def with_receivers(shell: Shell, text: str) -> None:
    with shell.config.open("a") as file:
        file.write(text.replace("HERE", str(shell.folder)))


def told(shell: Shell) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shell.folder / "log").read_text().splitlines()]


def test_a_headless_run_tells_of_its_boards_and_no_secret(shell: Shell) -> None:
    shell.write_profile()
    with_receivers(shell, '[outbox.log]\nfile = "HERE/log"\n[outbox.dead]\npost = "http://127.0.0.1:9/"\n')
    shell.stock_up("cam1")
    link = shell.folder / "tty1"
    board = SimulatedAgentBoard("5a00000000000001", shell.folder / "flash", link)
    board.plug()
    try:
        done = shell("flash", "--profile", "cam", "--port", str(link), "--json")
    finally:
        board.unplug()
    assert done.code == 0, done.out + done.err
    left = shell("outbox", "send")  # on a slow machine the run may have ended before its last events left
    assert (left.code, "E318" in left.err) == (Exit.STATION_FAULT, True)
    (event,) = told(shell)
    known: dict[str, object] = {
        "slot": slot_of_port(str(link)).name,
        "uid": "5a00000000000001",
        "product": "a1Cam",
        "device": "cam1",
        "batch": "77",
    }
    known |= {"profile": "cam", "outcome": "PASS", "attempt": 1, "proof": "proof", "bench": "bench-1"}
    assert {key: event[key] for key in known} == known
    assert {"identify", "write", "verify"} <= set(event["phases"])
    assert "Secret-cam1" not in (shell.folder / "log").read_text()
    dead, log = shell("outbox", "status", "--json").json
    assert (dead["receiver"], dead["waiting"], log["waiting"]) == ("dead", 1, 0)
    assert "refused or no route" in dead["trouble"]


def test_what_is_left_is_sent_by_hand_and_what_is_refused_is_tried_again_or_skipped(shell: Shell) -> None:
    pin = shell.private("pin", PIN)
    assert shell("supervisor", "set-pin", "--name", "Li", "--new-pin-file", pin).code == 0
    by = ("--reason", "entered by hand", "--supervisor", "Li", "--pin-file", pin)
    with web() as mes:
        with_receivers(shell, f'[outbox.mes]\npost = "{mes.url}"\n')
        assert shell("outbox", "status").err.startswith("mes: nothing was sent to it yet")
        assert shell("outbox", "status", "--json").json == [{"schema": 1, "receivers": []}]
        assert (shell("outbox", "send").out, mes.bodies) == ("mes: all is sent\n", [])
        with shell.open_ledger() as ledger:
            for number in (1, 1, 2):
                stayed(ledger, number)
        mes.status = 503
        failed = shell("outbox", "send")
        assert (failed.code, "E318" in failed.err) == (Exit.STATION_FAULT, True)
        assert "it answered 503" in shell("outbox", "status").out
        mes.status = 422
        assert "E632" in shell("outbox", "send").err
        status = shell("outbox", "status")
        assert (status.code, status.out.count("refused event")) == (Exit.PERSON_NEEDED, 2)
        mes.status = 200
        assert shell("outbox", "skip", "mes", "1", *by).code == 0
        again = shell("outbox", "retry", "mes", "--json")
        assert again.json == [{"schema": 1, "receiver": "mes", "tried_again": [3]}]
        assert shell("outbox", "send").code == 0
        assert [json.loads(body)["number"] for body in mes.bodies] == [2, 3]
    assert shell("outbox", "status").code == 0
    assert shell("outbox", "retry", "mes", "--event", "3").code == Exit.USAGE
    assert shell("outbox", "skip", "mes", "99", *by).code == Exit.USAGE
    log = shell("audit", "log").out
    assert all(event in log for event in ("receiver begun", "event skipped", "events tried again"))


def test_config_check_and_doctor_look_at_receivers(shell: Shell) -> None:
    with_receivers(shell, '[outbox.log]\nfile = "HERE/log"\n[outbox.mes]\ncommand = ["HERE/no"]\n')
    findings = [one for one in shell("doctor", "--json").json[0]["findings"] if one["check"] == "outbox"]
    assert [(one["level"], one["what"].split(":")[0]) for one in findings] == [("ok", "log"), ("warning", "mes")]
    with_receivers(shell, "[outbox.odd]\nfiles = 1\n")
    for command in (["config", "check"], ["outbox", "send"], ["flash", "--port", "x", "--profile", "cam"]):
        assert shell(*command).code == Exit.USAGE
