# SPDX-License-Identifier: GPL-3.0-or-later
"""What a script reads of a run: a line for each stay, the same as the outbox's; counts that agree with it and with
reports; and who was there."""

from __future__ import annotations

import time
from pathlib import Path

from station.codes import Exit
from station.outbox.event import event_of
from station.report.counters import VisitCount
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from tests.cli.cli_shell import PIN, Done, Shell


def flash(shell: Shell, board: str, *more: str) -> Done:
    with SimulatedAgentBoard(board, shell.folder / board, shell.folder / "tty"):
        return shell("flash", "--profile", "cam", "--port", str(shell.folder / "tty"), "--json", *more)


def test_results_are_one_line_a_stay_and_every_count_agrees_with_them(shell: Shell) -> None:
    shell.write_profile()
    shell.stock_up("cam1", "cam2")
    began = time.time()
    stay, summary = flash(shell, "ab01", "--events", "results", "--operator", "OP1042").json
    assert (stay["event"], stay["outcome"], stay["device"], stay["batch"]) == ("visit", "PASS", "cam1", "77")
    assert {"identify", "write", "verify"} <= set(stay["phases"])
    assert (summary["event"], summary["passed"], summary["bench"]) == ("summary", 1, stay["bench"])
    (shell.folder / "ab02").write_bytes((shell.folder / "ab01").read_bytes())
    done = flash(shell, "ab02", "--events", "results")
    clone, summary = done.json
    assert (done.code, clone["outcome"], clone["code"], "E701" in done.err) == (Exit.INTEGRITY, "ALARM", "E701", True)
    assert (summary["alarms"], summary["failed"], summary["station_faults"], summary["left_in_doubt"]) == (1, 0, 0, 0)
    with shell.open_ledger() as ledger:
        kept = [ledger.outbox.lasting(n, one["visit"]) for n, one in enumerate((stay, clone), 1)]
        told = [event_of(one, stay["bench"]).content for one in kept if one]
        assert [{**told[0], "operator": "1042"}, {**told[1], "operator": None}] == [stay, clone]
        visits, count = ledger.visits.since(began), VisitCount(began)
        by = {line.actor for line in ledger.audit.history(uid=stay["uid"])}
    for visit in visits:
        count.take(visit)
    counters = count.counters(time.time())
    assert (counters.passed, counters.failed, counters.station_faults) == (1, 0, (("E701", 1),))
    assert ([visit.operator for visit in visits], by) == (["1042", ""], {f"{stay['bench']}/1042"})


def test_a_tile_that_shows_the_end_says_who_was_there(shell: Shell) -> None:
    shell.write_profile()
    shell.stock_up("cam1", "cam2")
    *tiles, _ = flash(shell, "ab01", "--operator", "OP1042").json
    assert {tile["state"]: tile.get("operator") for tile in tiles}["PASS"] == "1042"
    assert [tile for tile in tiles if "operator" in tile and tile["state"] != "PASS"] == []
    assert not any("operator" in tile for tile in flash(shell, "ab02").json)


def test_what_is_no_badge_is_refused_before_any_board_is_touched(shell: Shell) -> None:
    shell.write_profile()
    refused = shell("flash", "--profile", "cam", "--port", str(shell.folder / "tty"), "--operator", "Li")
    assert (refused.code, "E124" in refused.err) == (Exit.USAGE, True)


def test_the_lock_out_is_left_out_by_a_supervisors_word_alone(shell: Shell, tmp_path: Path) -> None:
    shell.write_profile()
    shell.stock_up("cam1")
    refused = flash(shell, "ab01", "--no-lockout")
    assert (refused.code, "E607" in refused.err) == (Exit.PERSON_NEEDED, True)
    assert not read_identity(tmp_path / "ab01")
    pin = shell.private("pin", PIN)
    assert shell("supervisor", "set-pin", "--name", "Li Wei", "--new-pin-file", pin).code == 0
    assert flash(shell, "ab01", "--no-lockout", "--pin-file", pin).code == Exit.OK
    with shell.open_ledger() as ledger:
        (visit,) = ledger.visits.since(0)
        said = [line.detail for line in ledger.audit.log(events=["supervisor"])]
    assert visit.details["lock-out"] == "off"
    assert any("flash without the lock-out" in str(detail) and "Li Wei" in str(detail) for detail in said)
