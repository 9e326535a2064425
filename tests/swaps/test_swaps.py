# SPDX-License-Identifier: GPL-3.0-or-later
"""Two boards exchanged under a plugged-in adapter: wherever it happens, no identity is on two boards, a board that may
hold a part of one is known, and both end well once a supervisor has spoken. `python -m tests.swaps` prints the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import esptool.loader
import pytest

from station.profiles import shipped
from station.simulate.console import DIALECTS
from station.targets.esp import rom_trust as esp_rom_trust
from tests.sampled import WHOLE, sampled
from tests.swaps.swap_kinds import FIXTURES, ConsoleFixture
from tests.swaps.swap_run import NAMES, PART, Case, open_station, run, secret_of, steps_of, summed
from tests.swaps.swap_table import sweep

Sent = TypeVar("Sent")
Answer = TypeVar("Answer")
BY_LABEL = sorted(name for name in DIALECTS if shipped.table_of(name).get("scan_label"))
BY_UID = sorted(set(DIALECTS) - set(BY_LABEL))
EACH_KIND = list(FIXTURES) if WHOLE else ["agent", "esp-nvs by stub", "at-idmau", "nordic-cmng"]
"""Of consoles one that says its uid and one that has only a label."""


@pytest.fixture(autouse=True)
def _esp(monkeypatch: pytest.MonkeyPatch, unlisted: None) -> None:
    """Simulated boards answer at once or not at all; what one test learns of a chip's ROM is not another's."""
    monkeypatch.setattr(esptool.loader, "MAX_TIMEOUT", 0.5)
    monkeypatch.setattr(esp_rom_trust, "_judged", {})


@pytest.mark.parametrize("name", EACH_KIND)
def test_no_exchange_puts_an_identity_on_two_boards(name: str, tmp_path: Path) -> None:
    found = sweep(name, tmp_path, per_step=1)
    counts = summed([result for _, result in found])
    assert [(case, result.wrong) for case, result in found if result.wrong] == []
    assert counts["positions"] > counts["PASS"] > 0  # after the last question it is over
    fixture = FIXTURES[name](tmp_path)
    assert bool(counts["unnoticed"]) == fixture.by_label  # a label proves nothing: docs/limits.md says so
    assert bool(counts["strangers"]) == (not fixture.by_label and name != "agent")


@pytest.mark.parametrize("name", sampled(BY_UID, 3))
def test_the_secret_goes_to_the_board_that_has_just_said_its_uid(name: str, tmp_path: Path) -> None:
    """Exchanged between two steps: the other one gets what went before, and is asked before it gets the secret."""
    make, secret = FIXTURES[name], secret_of(NAMES[0])
    steps = steps_of(make, tmp_path / "probe")

    def exchanged_before(step: str) -> None:
        station = open_station(make, tmp_path / step)
        with station.ledger, station.fixture.swapped(steps[step].start, late=True) as plugged:
            seen = station.visit(plugged, "A")
            assert seen.error is not None and seen.error.code == "E209", step
            assert not station.fixture.holds("B", secret, part=PART), step
            known = [one.uid for one in station.ledger.strangers.open()]
            assert known == ([] if step == "write 0.00" else [station.fixture.uid("B")])

    _all_at_once(exchanged_before, [step for step in steps if step.startswith("write")])


@pytest.mark.parametrize("name", sampled([*BY_UID, *BY_LABEL], 4, 1))
def test_a_line_whose_answer_is_lost_is_not_repeated_to_another_board(name: str, tmp_path: Path) -> None:
    """A has the line with the secret, stores it, and is taken away before its answer arrives."""
    make, secret = FIXTURES[name], secret_of(NAMES[0])
    writes = [where for step, where in steps_of(make, tmp_path / "probe").items() if step.startswith("write")]
    fixture = make(tmp_path)
    assert isinstance(fixture, ConsoleFixture)

    def taken_away_behind(where: range) -> bool:
        folder = tmp_path / str(where.stop)
        station = open_station(make, folder)
        with station.ledger, station.fixture.swapped(where.stop, late=False) as plugged:
            seen = station.visit(plugged, "A")
            assert seen.error is not None and seen.error.code in ("E201", "E209")
            assert not station.fixture.holds("B", secret, part=PART)
        return station.fixture.holds("A", secret)

    held = _all_at_once(taken_away_behind, writes)
    assert held[-1] or name == "hiflying-prodevice"  # there productSecret is the last one


@pytest.mark.parametrize("name", sampled(BY_LABEL, 5, 3))
@pytest.mark.parametrize("other_is_done", [False, True])
def test_a_board_known_by_its_label_alone_is_not_written_a_second_time_for_reading_otherwise(
    name: str, *, other_is_done: bool, tmp_path: Path
) -> None:
    make = FIXTURES[name]
    at = steps_of(make, tmp_path / "probe")["verify"].start
    result = run(make, Case("verify", at, late=True, other_is_done=other_is_done), tmp_path / "run")
    assert (result.ended, result.wrong) == ("E204", [])


def _all_at_once(work: Callable[[Sent], Answer], each: Sequence[Sent]) -> list[Answer]:
    """Each on boards of its own: most of the time one waits for an answer that does not come."""
    with ThreadPoolExecutor(len(each)) as pool:
        return list(pool.map(work, each))
