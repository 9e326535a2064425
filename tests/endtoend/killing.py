# SPDX-License-Identifier: GPL-3.0-or-later
"""The kill harness: a real `station flash` process is killed with SIGKILL at random moments, over and over, while the
boards stay on the bench; after each kill and at the end the boards are opened and compared with the ledger.

    python -m tests.endtoend.killing --kills 500 --seed 7       a longer run, as `make soak` has it
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from station.demo.inspection import inspect
from station.demo.kinds import DemoBoard
from station.demo.setting import Demo, Wish, set_up
from station.model import State
from tests.started import start

_DONE = {"PASS", "ALREADY_DONE"}


@dataclass(slots=True)
class Toll:
    """What a run of the harness came to."""

    kills: int = 0
    while_writing: int = 0  # kills that left a row in WRITING
    violations: list[str] = None  # type: ignore[assignment]
    stock: dict[State, int] = None  # type: ignore[assignment]


class Floor:
    """Boards on slots, swapped when the station says they are done; they know nothing of the station's deaths."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._waiting = list(demo.boards)
        self.plugged: dict[str, DemoBoard] = {}
        for slot in demo.fixtures:
            self._next(slot)

    def _next(self, slot: str) -> None:
        if self._waiting:
            self.plugged[slot] = self._waiting.pop(0)
            self.plugged[slot].plug(self._demo.fixtures[slot])

    def see(self, event: dict[str, object]) -> None:
        """A board leaves when it is done, however often it had to be tried."""
        slot = str(event.get("slot", ""))
        board = self.plugged.get(slot)
        if event.get("state") in _DONE and board is not None and board.uid == event.get("uid"):
            del self.plugged[slot]
            board.unplug()
            self._next(slot)

    def clear(self) -> None:
        for board in self.plugged.values():
            board.unplug()


def write_config(demo: Demo) -> Path:
    """A station.toml for the set-up demo."""
    slots = "".join(f'[[slot]]\nname = "{name}"\npath = "{link}"\n' for name, link in demo.fixtures.items())
    bench = f'[bench]\nname = "killed"\nstate_dir = "{demo.folder}/state"\nprofile = "{demo.folder}/demo.toml"\n'
    witness = f'[ledger]\nwitnesses = ["{demo.folder}/witness"]\n'
    path = demo.folder / "station.toml"
    path.write_text(bench + witness + slots)
    return path


@contextmanager
def station(config: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "station", "--config", str(config), "flash", "--watch", "--json"]
    process = start(command, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run(folder: Path, *, kills: int, seed: int, boards_are: str = "firmware") -> Toll:
    """Kill `kills` times, then let a last station finish; `violations` must be empty."""
    dice = random.Random(seed)
    toll = Toll(violations=[])
    with set_up(folder, Wish(boards=4, count=kills + 8, boards_are=boards_are)) as demo:
        config, floor = write_config(demo), Floor(demo)
        for _ in range(kills):
            with station(config) as process:
                assert process.stdout is not None
                for _ in range(dice.randint(5, 40)):
                    floor.see(json.loads(process.stdout.readline()))
                time.sleep(dice.random() * 0.02)
                process.send_signal(signal.SIGKILL)
                process.wait()
            toll.kills += 1
            toll.while_writing += demo.ledger.stock.by_state()[State.WRITING] > 0
            toll.violations += inspect(demo.ledger, demo.cloud, demo.batch_id, demo.boards).mismatches
        with station(config) as process:
            assert process.stdout is not None
            while floor.plugged:
                floor.see(json.loads(process.stdout.readline()))
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
        floor.clear()
        toll.violations += inspect(demo.ledger, demo.cloud, demo.batch_id, demo.boards).mismatches
        demo.ledger.audit.verify()
        toll.stock = demo.ledger.stock.by_state()
    return toll


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        toll = run(Path(folder), kills=options.kills, seed=options.seed)
    print(f"{toll.kills} kills, {toll.while_writing} of them while writing: {len(toll.violations)} violations")
    sys.exit(bool(toll.violations))


if __name__ == "__main__":
    main()
