# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator scans the label that was printed: on the real bench, ledger and printer, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.codes import Code
from station.model import Language
from station.printing.printer import Printer
from station.profiles.sticker import ScanBack, Sticker
from station.simulate.printer import LabelPrinter
from station.tui.app import BenchApp
from tests.tui.live_floor import live
from tests.tui.tui_floor import Floor

pytestmark = pytest.mark.asyncio
LONG = 30.0


async def test_a_slot_that_owes_its_label_says_so_until_it_is_scanned(tmp_path: Path) -> None:
    sticker = Sticker(width_mm=60, height_mm=10, qr="", lines=("{device}",), scan_back=ScanBack.DEMANDED)
    with LabelPrinter() as printer, live(tmp_path, sticker=sticker, printer=Printer(where=printer.where)) as bench:
        app = BenchApp(bench.desk, bench.desk.station(), Language.ENGLISH)
        async with app.run_test(size=(120, 30), notifications=True) as pilot:
            floor = Floor(app, pilot, bench.desk)  # type: ignore[arg-type]
            bench.plug(0, "1")
            await floor.sees("Scan its printed label", within_s=LONG)
            bench.unplug(0)
            await floor.sees("Scan the printed label – E641", within_s=LONG)
            bench.plug(1, "1")
            await floor.scan("5a00000000ff")
            await floor.sees("Check the label, scan again – E212", within_s=LONG)
            assert bench.demo.boards[1].holds() is None
            await floor.press("f2")
            await floor.sees("核对标签，重新扫码", within_s=LONG)
            await floor.press("f2")
            await floor.scan(bench.demo.boards[0].uid)
            await floor.sees("Scan its printed label", within_s=LONG)  # of the board that waited for it
        held = bench.demo.boards[1].holds()
        (line,) = bench.demo.ledger.audit.log(events=["label scanned back"])
        assert held is not None and line.board_uid == bench.demo.boards[0].uid
        bench.unplug(1)
        owed = bench.demo.ledger.locks.held()
        assert all(lock.code is Code.E641 for lock in owed.values())
