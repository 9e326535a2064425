# SPDX-License-Identifier: GPL-3.0-or-later
"""A few points of each campaign of `make soak`, in seconds; and that the campaigns would see what they look for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import forked
from tests.postgres.server import programs
from tests.sampled import sampled
from tests.soak import board_scenes, fatal, power_cuts
from tests.soak.campaigns import KILLS
from tests.soak.crowds import crowd
from tests.soak.hours import long_run
from tests.soak.kills import kill_at_each_call
from tests.soak.line import line
from tests.soak.power_cuts import Call, Disk, changed, cut_everywhere, cut_within

needs_compiler = pytest.mark.skipif(fatal.compiler() is None, reason="needs a C compiler")
SAMPLE = 131
"""Not a divisor of anything: other points for each command."""


@pytest.fixture(autouse=True)
def _few_boards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(board_scenes, "MOST", 12)
    yield


@needs_compiler
@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", sampled(["flash agent", "resolve", "pull"], 3))
def test_a_command_that_is_killed_at_any_call_is_finished_by_the_next(name: str, tmp_path: Path) -> None:
    toll = kill_at_each_call(name, KILLS[name], tmp_path / "floor", every=SAMPLE, first=SAMPLE // 2)
    assert toll.violations == []
    assert toll.faults >= 1, "nothing was killed"


@needs_compiler
def test_the_calls_of_a_forked_command_are_those_of_one_started_from_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def calls(folder: Path) -> int | None:
        return fatal.station(["init", "--file", folder / "station.toml", "--state-dir", folder], under=folder).calls

    counted = calls(tmp_path / "forked")
    monkeypatch.setattr(forked, "is_forkable", lambda *_: False)
    assert counted
    assert counted == calls(tmp_path / "new")


@needs_compiler
def test_a_power_cut_leaves_no_ledger_that_forgot_a_board(tmp_path: Path) -> None:
    toll = cut_everywhere(tmp_path / "disk", every=233)
    assert toll.violations == []
    assert toll.faults >= 15


@needs_compiler
def test_a_power_cut_between_a_reservation_and_its_write_forgets_no_board(tmp_path: Path) -> None:
    """The first is not synced."""
    toll = cut_within(tmp_path / "disk", step=4_999)
    assert toll.violations == []
    assert toll.faults >= 10


@pytest.mark.timeout(240)
def test_two_stations_on_one_ledger_are_killed_and_stopped_while_boards_change_places(tmp_path: Path) -> None:
    toll = crowd(2, 2, 8, tmp_path / "floor", seed=7)
    assert toll.violations == []
    assert toll.faults >= 1


@pytest.mark.timeout(240)
def test_a_long_run_ends_with_each_board_accounted_for(tmp_path: Path) -> None:
    toll = long_run(2.5, tmp_path / "floor", slots=4)
    assert toll.violations == []


def test_a_disk_gives_back_what_was_synced_and_some_of_the_rest() -> None:
    disk, dice = Disk(), random.Random(1)
    for call in (
        Call(verb="W", path="a", at=0, data=b"one"),
        Call(verb="S", path="a"),
        Call(verb="W", path="a", at=3, data=b"two"),
        Call(verb="W", path="sent", at=0, data=b"cam1 ab\n"),
    ):
        disk.do(call)
    assert disk.cut("synced only", dice) == {"a": b"one", "sent": b"cam1 ab\n"}
    assert {disk.cut("random", dice)["a"] for _ in range(50)} == {b"one", b"onetwo"}


def test_a_hole_is_filled_with_zeros_and_a_truncation_shortens() -> None:
    assert changed(b"ab", Call(verb="W", path="", at=4, data=b"c")) == b"ab\0\0c"
    assert changed(b"abcd", Call(verb="T", path="", at=2)) == b"ab"


@needs_compiler
def test_a_ledger_that_lost_a_commit_is_seen(tmp_path: Path) -> None:
    """All calls but the syncs: as if the station never synced."""
    calls = [call for call in power_cuts.record() if call.verb != "S"]
    disk = Disk()
    for call in calls:
        disk.do(call)
    assert power_cuts.faults_of(disk.cut("synced only", random.Random(1)), tmp_path / "left")


@pytest.mark.campaign  # tests/postgres/test_killed_line.py kills benches and their server with less around them
@pytest.mark.skipif(programs() is None, reason="needs the Debian package postgresql")
@pytest.mark.timeout(240)
def test_a_line_whose_benches_and_server_are_killed_ends_with_each_board_accounted_for(tmp_path: Path) -> None:
    toll = line(2, 2, 10, 2, tmp_path / "hall", seed=5)
    assert toll.violations == []
    assert toll.faults >= 2
