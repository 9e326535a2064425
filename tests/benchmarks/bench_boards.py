# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware boards a second for 1, 8 and 16 slots, and the station's CPU a board; beside one board's own time for the
same conversation without ledger and bench (identify, write, read back, reset, read back).
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

from station.bench.setup import make_bench
from station.demo.kinds import kind_of
from station.demo.robot import Robot
from station.demo.setting import Wish, set_up
from station.model import Certificate, Identity, Port, Secret
from station.profiles.profile import Profile
from station.targets import get_target
from station.targets.base import no_progress


def alone(folder: Path) -> float:
    """Seconds for one firmware board, target calls only; the best of five."""
    from contextlib import ExitStack

    from station.demo.kinds import DemoBoard

    kind, times = kind_of("agent", "firmware"), []
    for number in range(5):
        board = DemoBoard(kind.uid(900 + number), folder / f"alone{number}.bin", kind)
        secret = Secret("0123456789abcdef0123456789abcdef")
        identity = Identity(primary=Certificate(product_key="a1P", device_name=f"d{number}", device_secret=secret))
        with ExitStack() as stack:
            board.plug(folder / f"tty{number}")
            stack.callback(board.unplug)
            started = time.perf_counter()
            profile = Profile(name="alone", target="agent")
            session = get_target("agent").open(Port(url=str(folder / f"tty{number}"), slot="1"), profile)
            session.identify()
            session.write(identity, no_progress)
            session.read_back(identity, no_progress)
            session.restart()
            session.read_back(identity, no_progress)
            session.identify()
            session.close()
            times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        limit = alone(Path(name))
    print(f"one firmware board, conversation only: {limit * 1e3:.0f} ms = {1 / limit:.1f} boards/s a slot at best")
    for slots in (1, 8, 16):
        with tempfile.TemporaryDirectory() as name:
            wish = Wish(boards=slots, count=max(10, slots * 4), boards_are="firmware")
            with set_up(Path(name), wish) as demo:
                robot = Robot(demo.fixtures, demo.boards)
                bench = make_bench(demo.ledger, demo.profile, demo.slots, robot.see)
                cpu, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
                robot.start(bench)
                tally = bench.run()
                took = time.perf_counter() - started
                spent = resource.getrusage(resource.RUSAGE_SELF)
                robot.stop()
        used = spent.ru_utime + spent.ru_stime - cpu.ru_utime - cpu.ru_stime
        rate = tally.passed / took
        print(
            f"{slots:>2} slots: {rate:.1f} boards/s ({rate * limit / slots:.2f} of the conversation's limit a slot), "
            f"station CPU {used / tally.passed * 1e3:.0f} ms a board, peak {spent.ru_maxrss / 1024:.0f} MB"
        )


if __name__ == "__main__":
    main()
