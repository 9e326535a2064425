# SPDX-License-Identifier: GPL-3.0-or-later
"""Several stations on one ledger, with many slots each, that are killed, stopped, held up and begun anew, while boards
change places under them.
"""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

from station.demo.setting import Wish, set_up
from tests.soak.floor import Bench, Floor
from tests.soak.looking import look_into_all
from tests.soak.setting import config_for
from tests.soak.toll import Toll

_LONGEST_S = 3600.0


def crowd(stations: int, slots: int, boards: int, folder: Path, *, seed: int = 1, target: str = "agent") -> Toll:
    """`stations` with so many `slots` each, until `boards` are done."""
    toll, dice = Toll(f"{stations} x {slots} slots, {target}"), random.Random(seed)
    folder.mkdir()
    with set_up(folder, Wish(boards=stations * slots, count=boards, target=target)) as demo:
        floor, config = Floor(demo), config_for(demo)
        names = list(demo.fixtures)
        benches = [Bench(config, names[n::stations], floor) for n in range(stations)]
        toll.runs = stations
        floor.fill()
        began = time.monotonic()
        while not floor.over and time.monotonic() - began < _LONGEST_S:
            time.sleep(dice.uniform(0.05, 0.8))
            toll.faults += 1
            toll.runs += _disturb(dice, dice.choice(benches), floor)
        for bench in benches:
            if bench.alive:
                bench.end(signal.SIGTERM)
        floor.clear()
        demo.ledger.recover()
        toll.violations += [] if floor.over else [f"only {len(floor.done)} of {boards} boards were done"]
        toll.violations += look_into_all(demo)
    toll.remarks = f"{boards} boards, {floor.moved} exchanges"
    return toll


def _disturb(dice: random.Random, bench: Bench, floor: Floor) -> int:
    """One fault; how many stations were begun because of it."""
    match dice.choice(("kill", "stop", "hold up", "move", "move")):
        case "kill":
            bench.end(signal.SIGKILL)
        case "stop":
            bench.end(signal.SIGTERM)
        case "hold up":
            bench.tell(signal.SIGSTOP)
            time.sleep(dice.uniform(0.1, 1.0))
            floor.move(dice)
            time.sleep(dice.uniform(0.1, 1.0))
            bench.tell(signal.SIGCONT)
            return 0
        case _:
            floor.move(dice)
            return 0
    bench.start()
    return 1
