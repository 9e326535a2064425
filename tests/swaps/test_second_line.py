# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards known by their label alone, exchanged while the line with the secret is on its way a second time: A may have
it from the first, and B refuses the rest of the second. It is not said to B from its beginning.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from station.events import Phase
from station.flow.visit import Visit
from station.profiles import shipped
from station.simulate.console import ConsoleBoard, Quirks
from tests.sampled import sampled
from tests.swaps.swap_kinds import ConsoleFixture
from tests.swaps.swap_run import NAMES, PART, Case, Station, open_station, run, secret_of, steps_of
from tests.swaps.test_swaps import BY_LABEL

WITH_BOTH_SECRETS = [name for name in BY_LABEL if shipped.table_of(name).get("product_secret")]

INSIDE = 10
"""Bytes of the second line that A gets."""


class Odd(ConsoleFixture):
    """A misbehaves as `quirks` says."""

    def __init__(self, dialect: str, folder: Path, quirks: Quirks) -> None:
        super().__init__(dialect, folder)
        self.quirks = quirks

    def board(self, board: str, link: Path) -> ConsoleBoard:
        store, quirks = self.folder / f"{board}.store", self.quirks if board == "A" else None
        return ConsoleBoard(self.dialect, uid=self.uid(board), store=store, link=link, quirks=quirks)


@pytest.mark.parametrize("name", sampled(BY_LABEL, 5, 0))
@pytest.mark.parametrize("other_is_done", [False, True])
def test_after_a_lost_answer(name: str, *, other_is_done: bool, tmp_path: Path) -> None:
    """A shows all of it, so it is not even said again: wherever it would have been, A alone gets it."""
    second = _second(name, tmp_path)
    places = ((second, True), (second + INSIDE, False))
    cases = [Case("write", at, late=late, other_is_done=other_is_done) for at, late in places]

    def wrong(case: Case) -> list[str]:
        return run(lambda folder: Odd(name, folder, Quirks(silent_write=True)), case, tmp_path / str(case.at)).wrong

    with ThreadPoolExecutor(len(cases)) as pool:
        assert list(zip(cases, pool.map(wrong, cases), strict=True)) == [(case, []) for case in cases]


@pytest.mark.parametrize("name", sampled(WITH_BOTH_SECRETS, 5, 1))
def test_after_a_lost_answer_of_one_that_shows_a_part(name: str, tmp_path: Path) -> None:
    """A stores its productSecret otherwise, so the line is said again."""
    station = _open(name, tmp_path / "run", Quirks(silent_write=True, changes="productSecret"))
    _writes(station, _second(name, tmp_path) + INSIDE)
    _require_only_a_has_it(station)


@pytest.mark.parametrize("name", sampled(WITH_BOTH_SECRETS, 5, 2))
def test_after_a_reading_that_differs(name: str, tmp_path: Path) -> None:
    """A stores its productSecret otherwise, and the whole deviceSecret: it is written again in the same visit."""
    quirks = Quirks(changes="productSecret")
    starts = _writes(_open(name, tmp_path / "probe", quirks), None)
    assert len(starts) == 2
    station = _open(name, tmp_path / "run", quirks)
    _writes(station, starts[1] + INSIDE)
    _require_only_a_has_it(station)


@pytest.mark.parametrize("name", sampled(WITH_BOTH_SECRETS, 5, 4))
def test_in_a_later_visit(name: str, tmp_path: Path) -> None:
    """The same, in doubt since an earlier visit."""
    quirks = Quirks(changes="productSecret")
    station = _open(name, tmp_path / "probe", quirks)
    _writes(station, None)
    again = _writes(station, None)
    assert len(again) == 2
    station = _open(name, tmp_path / "run", quirks)
    _writes(station, None)
    _writes(station, again[0] + INSIDE)
    _require_only_a_has_it(station)


def _second(name: str, folder: Path) -> int:
    """Where the second line begins when the first was not answered: the board is woken, and read twice."""
    steps = steps_of(lambda inside: ConsoleFixture(name, inside), folder / "steps")
    options: Any = ConsoleFixture(name, folder).profile.options
    probe = len(options["probe"]["line"] + options["line_end"])
    return steps["write 0.00"].stop + probe + 2 * len(steps["verify"])


def _open(name: str, folder: Path, quirks: Quirks) -> Station:
    return open_station(lambda inside: Odd(name, inside, quirks), folder)


def _writes(station: Station, at: int | None) -> list[int]:
    """A visit of A, exchanged after so many bytes; how many were sent when each of its writes began."""
    starts: list[int] = []
    usual = station.fixture.profile
    if at is None:
        station.fixture.wait_long()
    with station.fixture.swapped(at, late=False) as plugged:

        def tell(visit: Visit) -> None:
            if visit.phase is Phase.WRITE and visit.fraction == 0:
                starts.append(plugged.sent())

        seen = station.visit(plugged, "A", tell)
    station.fixture.profile = usual
    assert seen.error is not None
    return sorted(set(starts))


def _require_only_a_has_it(station: Station) -> None:
    fixture, secret = station.fixture, secret_of(NAMES[0])
    assert fixture.holds("A", secret)
    assert not fixture.holds("B", secret, part=PART)
    station.ledger.close()
