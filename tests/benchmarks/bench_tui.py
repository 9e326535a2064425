# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's screen in a real terminal: first paint, key-to-screen latency and CPU, with a ledger of a million
certificates and 16 slots that are flashed and changed all the time, at a factory's pace and as fast as it goes; beside
the same for a bare Textual app of one line.

Three processes, as on a bench: the boards, the station (screen and flows in one process) and the person with a watch.
The key is the dearest there is, F2: every widget is painted anew. Boards in hand are finished before a busy station is
killed, so that the next one starts with nothing in doubt; the last one asks for a PIN over slots that work.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from multiprocessing.queues import Queue
from pathlib import Path
from queue import SimpleQueue

from station.demo.kinds import DemoBoard, kind_of
from station.demo.setting import Demo, Wish, set_up
from station.model import BoardUid, State
from station.simulate.agent_board import SimulatedAgentBoard
from tests.benchmarks.grown import grow

SLOTS = 16
BOARDS = 4000
ANSWER_S = 0.18
"""A board's time for one answer: all of them make about 3 s."""
LEDGER = int(os.environ.get("BENCH_TUI_CERTIFICATES", "1000000"))
FINISH_S = 10.0
KEYS = 120
BETWEEN_KEYS_S = 0.1
SIZE = (160, 45)
SHOWS = {False: "空格：确认".encode(), True: b"Space: confirm"}

_F2, _F9 = b"\x1bOQ", b"\x1b[20~"

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    BINDINGS = [("f2", "flip", ""), ("ctrl+q", "quit", "")]
    ENABLE_COMMAND_PALETTE = False
    english = True
    def compose(self):
        yield Static("Space: confirm")
    def action_flip(self):
        self.english = not self.english
        self.query_one(Static).update("Space: confirm" if self.english else "空格：确认")
Bare().run()
"""


class Watch:
    """A program in a terminal, and a person who stops the time between a key and its effect."""

    def __init__(self, *command: str) -> None:
        self._started = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if not self.pid:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            # as it is installed: what is run is compiled once
            for name in ("COLUMNS", "LINES", "NO_COLOR", "PYTHONDONTWRITEBYTECODE"):
                os.environ.pop(name, None)
            os.execvp(command[0], command)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))

    def until(self, text: bytes, within_s: float = 60.0) -> None:
        deadline, seen = time.monotonic() + within_s, b""
        while text not in seen:
            ready, _, _ = select.select([self._terminal], [], [], 1.0)
            if ready:
                seen = seen[-200:] + os.read(self._terminal, 65536)
            if time.monotonic() > deadline:
                raise SystemExit(f"{text!r} never came: {seen[-2000:]!r}")

    def first_paint(self) -> float:
        self.until(SHOWS[True])
        return time.perf_counter() - self._started

    def drain(self, seconds: float) -> None:
        """Reads on as a terminal does, so that the program never waits for us."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._terminal], [], [], left)[0]:
                os.read(self._terminal, 65536)

    def latencies(self) -> list[float]:
        times, english = [], True
        for _ in range(KEYS):
            self.drain(BETWEEN_KEYS_S)
            english = not english
            pressed = time.perf_counter()
            self.press(_F2)
            self.until(SHOWS[english])
            times.append(time.perf_counter() - pressed)
        return times

    def press(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._terminal)


def paced(board: DemoBoard, link: Path, stack: ExitStack) -> None:
    """Power on a board that answers as slowly as a real one: about 3 s from plug to PASS."""
    stack.enter_context(SimulatedAgentBoard(board.uid, board.store, link, latency_s=ANSWER_S))


def change_boards(demo: Demo, slot: str, boards: SimpleQueue[DemoBoard], end: threading.Event) -> None:
    """One slot's operator: a board in, PASS, out again, the next. The last one is finished too, if somebody does it."""
    while not end.is_set() and not boards.empty():
        board = boards.get()
        board.plug(demo.fixtures[slot])
        while not _done(demo, board) and not end.wait(0.05):
            pass
        patience = time.monotonic() + FINISH_S
        while not _done(demo, board) and time.monotonic() < patience:
            time.sleep(0.05)
        end.wait(0.1)
        board.unplug()


def _done(demo: Demo, board: DemoBoard) -> bool:
    known = demo.ledger.bound_to(BoardUid.parse(board.uid))
    return known is not None and known.state is State.CONSUMED


def factory(folder: Path, ready: threading.Event, end: threading.Event, orders: Queue[bool | None]) -> None:
    """Makes everything, then changes boards for each order (True: at a factory's pace) until `end`."""
    with set_up(folder, Wish(boards=SLOTS, count=BOARDS)) as demo:
        grow(folder / "state" / "ledger.db", LEDGER)
        lines = "".join(f'[[slot]]\nname = "{name}"\npath = "{link}"\n' for name, link in demo.fixtures.items())
        bench = f'[bench]\nstate_dir = "{folder}/state"\nprofiles_dir = "{folder}"\nprofile = "demo"\n'
        (folder / "station.toml").write_text(bench + lines, "utf-8")
        (folder / "certificate-station").symlink_to(folder)  # `run` has its witness where the demo's is
        ready.set()
        boards: SimpleQueue[DemoBoard] = SimpleQueue()
        for board in demo.boards:
            boards.put(board)
        while (slow := orders.get()) is not None:
            work(demo, boards, end, slow=slow)
            ready.set()


def work(demo: Demo, boards: SimpleQueue[DemoBoard], end: threading.Event, *, slow: bool) -> None:
    for board in demo.boards:
        board.kind = replace(board.kind, power_on=paced) if slow else kind_of("agent", "simulated")
    before, started = demo.ledger.stock.by_state()[State.CONSUMED], time.monotonic()
    threads = [threading.Thread(target=change_boards, args=(demo, slot, boards, end)) for slot in demo.fixtures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flashed = demo.ledger.stock.by_state()[State.CONSUMED] - before
    print(
        f"  meanwhile {flashed / (time.monotonic() - started):.1f} boards/s were flashed in {SLOTS} slots", flush=True
    )


def report(name: str, paint_s: float, times: list[float], cpu_share: float) -> None:
    ordered = sorted(times)
    print(
        f"{name}: first paint {paint_s:.2f} s, key to screen median {statistics.median(times) * 1e3:.1f} ms, "
        f"p99 {ordered[int(len(ordered) * 0.99) - 1] * 1e3:.1f} ms, worst {ordered[-1] * 1e3:.1f} ms, "
        f"CPU {cpu_share:.0%} of one core",
        flush=True,
    )


def measure(
    name: str,
    watch: Watch,
    begin: Callable[[Watch], None] = lambda _watch: None,
    finish: Callable[[Watch], None] = lambda _watch: None,
) -> None:
    paint_s = watch.first_paint()
    begin(watch)
    watch.drain(4.0)
    cpu, started = watch.cpu_s(), time.monotonic()
    times = watch.latencies()
    report(name, paint_s, times, (watch.cpu_s() - cpu) / (time.monotonic() - started))
    finish(watch)
    watch.close()


def main() -> None:
    measure("bare Textual app", Watch(sys.executable, "-c", BARE))
    processes = multiprocessing.get_context("spawn")
    ready, end, orders = processes.Event(), processes.Event(), processes.Queue()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = name
        boards = processes.Process(target=factory, args=(folder, ready, end, orders))
        boards.start()
        ready.wait()
        run = [sys.executable, "-m", "station", "--config", str(folder / "station.toml"), "run"]
        measure(f"the bench, {LEDGER} certificates, slots empty", Watch(*run))

        def finish(watch: Watch) -> None:
            """Every board in hand to its end."""
            end.set()
            while not ready.is_set():
                watch.drain(0.1)

        def begin(watch: Watch, *, slow: bool, keys: bytes) -> None:
            orders.put(slow)
            watch.press(keys)

        for how, slow, keys in (
            ("at a factory's pace", True, b""),
            ("as fast as it goes", False, b""),
            ("as fast as it goes, a dialog over them", False, _F9),
        ):
            ready.clear()
            title = f"the bench, {SLOTS} slots writing {how}"
            measure(title, Watch(*run), partial(begin, slow=slow, keys=keys), finish)
            ready.wait()
            end.clear()
        orders.put(None)
        boards.join()


if __name__ == "__main__":
    main()
