# SPDX-License-Identifier: GPL-3.0-or-later
"""The hand-over on paper: it fits a page however long the shift was, and says which hour is which."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from rich.cells import cell_len

from station.model import Language
from station.report.counters import Counters
from station.words.in_doubt import briefly
from station.words.language import Words
from station.words.paper import handover_text
from station.words.tongues import TONGUES
from tests.tui.fake_desk import DOUBT, NOW, FakeDesk

ENGLISH = TONGUES[Language.ENGLISH]


def paper(words: Words = ENGLISH, **figures: object) -> list[str]:
    report = replace(FakeDesk().handover(), counters=replace(Counters(), **figures))  # type: ignore[arg-type]
    return handover_text(report, words).splitlines()


def hours(lines: list[str]) -> list[str]:
    """The plot, its counts and the times below it."""
    return lines[lines.index("Boards per hour:") + 1 : lines.index("Failures by code:  –") - 1]


def test_each_hour_stands_above_its_time() -> None:
    plot = hours(paper(hourly=(12, 1048, 7), hourly_from=NOW))
    counts, begins = plot[-2:]
    times = [time.strftime("%H:%M", time.localtime(NOW + 3600 * hour)) for hour in range(3)]
    assert begins.split() == times
    for count, begin in zip(("12", "1048", "7"), times, strict=True):
        assert begins.index(begin) <= counts.index(count) < begins.index(begin) + 5
    assert plot[0] == " " * 6 + "█████"
    assert plot[3] == "▁▁▁▁▁ █████ ▁▁▁▁▁"


@pytest.mark.parametrize("words", TONGUES.values(), ids=TONGUES)
def test_a_whole_day_fits_eighty_columns(words: Words) -> None:
    lines = paper(words, hourly=tuple(range(1000, 1024)), hourly_from=NOW)
    first = lines.index(words.of(words.office.per_hour, "").rstrip()) + 1
    plot = lines[first : next(n for n, line in enumerate(lines) if line.startswith(words.office.failures)) - 1]
    assert len(plot) == 6 + 1 + 6
    assert max(map(cell_len, plot)) <= 72
    assert [count for line in (plot[4], plot[11]) for count in line.split()] == [str(n) for n in range(1000, 1024)]


def test_station_faults_have_a_line_of_their_own() -> None:
    lines = paper(failures=(("E204", 2),), station_faults=(("E500", 3), ("E310", 1)))
    failures = lines[lines.index("Failures by code:") + 1 :]
    assert failures[0].startswith("  E204")
    assert failures[1] == "Station faults and alarms:  E500 3   E310 1"
    assert {"Station faults and alarms:  –", "Failures by code:  –"} <= set(paper())


@pytest.mark.parametrize("words", TONGUES.values(), ids=TONGUES)
def test_a_shift_that_nobody_logged_in_for_says_so(words: Words) -> None:
    first = handover_text(replace(FakeDesk().handover(), operator=""), words).splitlines()[0]
    assert first.startswith(f"{words.of(words.bench.operator, words.office.none)} ")


@pytest.mark.parametrize("words", TONGUES.values(), ids=TONGUES)
def test_boards_in_the_red_bin_stand_below_those_to_be_put_back_with_their_number(words: Words) -> None:
    kept = replace(DOUBT, name="a1/cam_2", uid="a4cf12bc00c7", red_bin=True)
    lines = handover_text(replace(FakeDesk().handover(), doubts=(kept, DOUBT)), words).splitlines()
    at = next(n for n, line in enumerate(lines) if DOUBT.uid in line)
    assert briefly(DOUBT, words) in lines[at]
    assert lines[at + 1].strip() == words.bench.kept_in_bin.format(count=1)
    assert kept.uid in lines[at + 2]
