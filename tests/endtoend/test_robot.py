# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's robot beside a visitor: it lifts locks by failures so that the demo goes on, not a person's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.bench.setup import make_bench
from station.codes import Code
from station.demo.robot import Robot
from station.demo.setting import Wish, set_up
from station.ledger.locks import BY_HAND, STATION
from tests.raw import raw


@pytest.mark.parametrize("by_failures", ["2", STATION])
def test_the_robot_lifts_what_failures_locked_and_not_what_a_person_did(tmp_path: Path, by_failures: str) -> None:
    with set_up(tmp_path, Wish(boards=2, count=3)) as demo:
        demo.ledger.locks.lock("1", BY_HAND, "look here", by="a visitor")
        demo.ledger.locks.lock(by_failures, Code.E602, "failures")
        robot = Robot(demo.fixtures, demo.boards)
        bench = make_bench(demo.ledger, demo.profile, demo.slots, robot.see)
        robot.start(bench)
        tally = bench.run()
        robot.stop()
        assert tally.passed == 3
        assert {scope: held.code for scope, held in demo.ledger.locks.held().items()} == {"1": BY_HAND}
        with raw(demo.ledger.path) as db:
            lifted = [
                json.loads(row["detail"]) for row in db.execute("SELECT detail FROM audit WHERE event = 'unlocked'")
            ]
    assert {(line["scope"], line["why"], line["by"]) for line in lifted} == {
        (by_failures, "the demo goes on after E602", "the demo's robot")
    }
