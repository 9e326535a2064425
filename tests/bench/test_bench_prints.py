# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile that needs its labels: no board begins while the printer prints none, and it goes on by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.bench import bench as bench_module
from station.bench.bench import Bench
from station.bench.setup import labels_fed, make_bench
from station.codes import Exit
from station.errors import StationFault
from station.events import SlotState
from station.printing import feeding
from station.printing.printer import Printer
from station.profiles.sticker import Sticker
from station.simulate.printer import LabelPrinter
from station.targets.slots import SlotSpec
from tests.bench.bench_hall import PROFILE, Hall
from tests.waiting import PATIENCE_S, until


def start(hall: Hall, printer: LabelPrinter, sticker: Sticker) -> Bench:
    hall.profile = replace(PROFILE, sticker=sticker)
    hall.open_ledger()
    slots = [SlotSpec(name=str(n), path=str(hall.folder / f"tty{n}")) for n in (1, 2)]
    bench = make_bench(hall.ledger, hall.profile, slots, hall.listen)
    hall.stack.enter_context(labels_fed(bench, Printer(where=printer.where), hall.listen))
    hall.run(bench)
    return bench


@pytest.fixture(autouse=True)
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "_LOOK_S", 0.02)
    monkeypatch.setattr(feeding, "_AGAIN_S", 0.02)
    monkeypatch.setattr(bench_module, "_RETRY_S", 0.05)


def test_the_next_board_waits_for_the_printer_and_goes_on_by_itself(hall: Hall) -> None:
    with LabelPrinter(state="out-of-paper") as printer, hall.stack:
        bench = start(hall, printer, Sticker(needed=True))
        hall.board(1, 1)
        hall.until(1, SlotState.PASS)
        hall.wait(lambda event: event.code == "E317")
        hall.board(2, 2)
        waits = hall.until(2, SlotState.WAITING)
        assert (waits.code, "out of paper" in waits.what, waits.blame) == ("E317", True, None)
        hall.nothing_comes()
        assert hall.holds(2) == []
        printer.state = "ready"
        hall.until(2, SlotState.PASS)
        with printer.printed:
            assert printer.printed.wait_for(lambda: len(printer.labels) == 2, PATIENCE_S)
        assert (bench.tally.exit, bench.tally.passed) == (Exit.OK, 2)


def test_a_label_that_cannot_be_drawn_is_not_there_either(hall: Hall) -> None:
    with LabelPrinter() as printer, hall.stack:
        start(hall, printer, Sticker(needed=True, lines=("x" * 200,)))
        hall.board(1, 1)
        hall.until(1, SlotState.PASS)
        hall.wait(lambda event: event.code == "E112")
        hall.nothing_comes()
        hall.board(2, 2)
        assert hall.until(2, SlotState.WAITING).code == "E112"
        assert hall.holds(2) == []


def test_where_they_are_not_needed_no_board_waits_and_another_profile_is_asked_anew(hall: Hall) -> None:
    with LabelPrinter(state="out-of-paper") as printer, hall.stack:
        bench = start(hall, printer, Sticker())
        hall.board(1, 1)
        hall.wait(lambda event: event.code == "E317")
        hall.board(2, 2)
        hall.until(2, SlotState.PASS)
        until(lambda: not bench.writing)
        needs = replace(hall.profile, sticker=Sticker(needed=True))
        bench.use(bench._target, needs)
        with pytest.raises(StationFault, match="does not print"):
            bench.require_printed()
