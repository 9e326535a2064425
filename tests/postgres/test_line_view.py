# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole line at one look: its benches, what they make, what stops them."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from station.codes import Code
from station.errors import IntegrityAlarm
from station.ledger.line import BenchView
from station.ledger.store import Ledger
from station.ledger.trouble import Trouble
from station.model import BoardUid, IdentityKind, Secret, State
from station.people.pins import check_pin, set_pin
from station.report.line import line_numbers
from tests.cli.cli_shell import Shell
from tests.ledger.ledger_samples import BATCH, evidence, single
from tests.postgres.conftest import Open
from tests.postgres.server import Server
from tests.waiting import until


def flash(ledger: Ledger, uid: str, *, doubt: Code | None = None) -> None:
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, BoardUid.parse(uid), "1")
    ledger.begin(claim.attempt)
    if doubt:
        ledger.doubt(claim.attempt, doubt, "it was so")
    else:
        ledger.consume(claim.attempt, evidence(claim))


def named(ledger: Ledger, name: str) -> BenchView:
    return next(bench for bench in ledger.line.benches(within_s=3600) if bench.name == name)


def test_every_bench_is_seen_from_every_bench(open_bench: Open) -> None:
    first, second, gone = (open_bench(name) for name in ("left", "right", "gone"))
    first.receive(BATCH, [single(f"cam{n}") for n in range(20)])
    first.operator = "Li"
    for number in range(4):
        flash(first, f"a0b1c2{number:06x}")
    flash(second, "a0b1c2000010")
    for number, code in enumerate((Code.E311, Code.E204, Code.E204)):
        flash(second, f"a0b1c200002{number}", doubt=code)
    gone.close()
    until(lambda: not named(second, "gone").present)  # the server has still to notice
    seen = {bench.name: bench for bench in second.line.benches(within_s=3600)}
    assert {name: (one.begun, one.passed, one.in_doubt) for name, one in seen.items()} == {
        "left": (4, 4, 0),
        "right": (4, 1, 3),
        "gone": (0, 0, 0),
    }
    assert [name for name, one in seen.items() if one.present] == ["left", "right"]
    assert seen["gone"].quiet_s is None
    numbers = line_numbers(first, plan=10)
    assert (numbers.per_hour, numbers.ready, numbers.in_doubt, numbers.part_of_plan) == (5, 12, 3, 0.5)
    assert (numbers.hours_left, numbers.in_red_bin, numbers.products) == (12 / 5, 2, ("a1Camera",))
    benches = {one.seen.name: (one.failed, one.to_put_back, one.in_red_bin, one.part_passed) for one in numbers.benches}
    assert benches == {"left": (0, 0, 0, 1.0), "right": (2, 1, 2, 1 / 3), "gone": (0, 0, 0, None)}
    assert numbers.part_passed == 5 / 7


def test_a_doubt_is_of_the_bench_that_wrote_whoever_finds_it_left_behind(open_bench: Open) -> None:
    first, second = open_bench("left"), open_bench("right")
    first.receive(BATCH, [single("cam1")])
    claim = first.reserve(["a1Camera"], IdentityKind.SINGLE, BoardUid.parse("a0b1c2000001"), "1")
    first.begin(claim.attempt)
    first.close()
    until(lambda: second.recover() or second.stock.by_state()[State.IN_DOUBT])
    assert {one.seen.name: one.to_put_back for one in line_numbers(second, plan=0).benches} == {"left": 1, "right": 0}
    assert line_numbers(second, plan=0).hours_left is None  # nothing was made


def test_a_bench_that_logs_in_as_another_role_is_there(open_bench: Open, server: Server, database: str) -> None:
    """The server tells its name to all, and what it does to its own role alone."""
    first, number = open_bench("left"), "0123456789abcdef"
    first.facts.set(f"bench {number}", "right", event="bench named", bench="right")
    assert named(first, "right").present is False
    with psycopg.connect(server.url(database), application_name=f"station {number}"):
        right = named(first, "right")
    assert (right.present, right.quiet_s) == (True, None)


def test_how_long_ago_is_by_the_server_s_clock(open_bench: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = open_bench("left"), open_bench("right")
    monkeypatch.setattr("time.time", lambda: 0.0)
    left = named(second, "left")
    assert left.quiet_s is not None and 0 <= left.quiet_s < 600
    first.close()


def test_an_alarm_of_the_line_stops_every_bench(open_bench: Open) -> None:
    first, second = open_bench("left"), open_bench("right")
    first.receive(BATCH, [single("cam1"), single("cam2")])
    first.locks.lock("", Code.E702, f"{Trouble.WITNESS}: board x was written")
    for bench in (first, second):
        with pytest.raises(IntegrityAlarm):
            flash(bench, "a0b1c2000001")
    assert line_numbers(second, plan=0).locks


def test_a_supervisor_of_one_bench_is_one_at_every_bench(open_bench: Open) -> None:
    first, second = open_bench("left"), open_bench("right")
    set_pin(first, "Wang", Secret("246810"))
    assert check_pin(second, Secret("246810"), purpose="unlock") == "Wang"


def test_history_and_search_are_over_all_benches(open_bench: Open) -> None:
    first, second = open_bench("left"), open_bench("right")
    first.receive(BATCH, [single("cam1")])
    flash(first, "a0b1c2000001")
    known = second.bound_to(BoardUid.parse("a0b1c2000001"))
    assert known is not None
    assert [line.actor for line in second.audit.history(identity_id=known.identity_id)][-1] == "left"


def test_the_command_tells_the_line_of_one_bench(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert shell("init", "--file", str(shell.config), "--state-dir", str(tmp_path / "state")).code == 0
    shell.stock_up("cam1", "cam2")
    with shell.open_ledger() as ledger:
        claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid.parse("a0b1c2000001"), "1")
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))
    told = shell("--set", "line.plan=2", "status", "--line", "--json")
    assert told.code == 0, told.err
    line = told.json[0]
    assert (line["schema"], line["per_hour"], line["ready"], line["part_of_plan"]) == (1, 1, 1, 0.5)
    assert [(one["passed"], one["yield"]) for one in line["benches"]] == [(1, 1.0)]
    text = shell("--set", "line.plan=2", "status", "--line")
    assert (text.code, "plan: 2 boards an hour, 50% of it made" in text.out) == (0, True)
    assert re.search(r"made in the last hour 1, identities left 1 \(for [0-9.]+ h\), in doubt 0\n", text.out), text.out
