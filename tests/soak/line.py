# SPDX-License-Identifier: GPL-3.0-or-later
"""Benches of a line, each a process with its slots and its witness, on one real server, while benches, backends and the
server are killed and the network is cut: judged by what is on the boards.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from station.ledger.opening import Surroundings, open_ledger
from station.ledger.server import BENCH, set_up
from station.ledger.store import Ledger
from station.ledger.where import OnServer
from station.model import State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, single
from tests.postgres.cable import Network
from tests.postgres.server import Server, programs
from tests.soak.line_bench import Hall, board_of, content
from tests.soak.toll import Toll

_LONGEST_S = 3600.0
_SPARE = 50
"""Certificates more than boards."""


class _Line:
    """Every second bench that is killed is not begun again: another one gets its boards."""

    def __init__(
        self, folder: Path, server: Server, network: Network, *, benches: int, slots: int, boards: int
    ) -> None:
        self.hall, self.server, self.network = Hall(folder=folder), server, network
        self.benches, self._slots, self._boards = benches, slots, boards
        self._direct = server.url("postgres", BENCH)
        for made in ("boards", "benches", "done", "wrong", "faults"):
            (folder / made).mkdir()
        (folder / "key").write_text(secrets.token_hex(32), "ascii")
        self._names = [f"bench-{n + 1}" for n in range(benches)]
        self._running = dict[int, subprocess.Popen[bytes]]()
        self.started = 0

    def ledger(self) -> Ledger:
        office = self.hall.folder / "office"
        place = OnServer(url=self._direct, path=office / "line")
        return open_ledger(place, Vault(self.hall.key), Surroundings(home=office / "witness"), actor="office")

    def start(self, place: int) -> None:
        url = f"postgresql://{BENCH}@127.0.0.1:{self.network.port}/postgres?sslmode=disable"
        numbers = (place, self._boards, self.benches)
        arguments = [url, self.hall.folder, self._names[place], self._slots, *numbers]
        command = [sys.executable, "-m", "tests.soak.line_bench", *map(str, arguments)]
        environment = {**os.environ, "XDG_STATE_HOME": str(self.hall.folder / "home")}
        self._running[place] = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command], env=environment, stderr=subprocess.STDOUT
        )
        self.started += 1

    @property
    def done(self) -> int:
        return len(self.hall.told("done"))

    @property
    def ended(self) -> bool:
        """Whether all benches have ended; that one of them fell is a violation."""
        for place, process in list(self._running.items()):
            if process.poll():
                self.hall.wrong(self._names[place], f"ended with {process.returncode}")
                del self._running[place]
        return all(process.poll() is not None for process in self._running.values())

    def kill_bench(self, dice: random.Random) -> None:
        place = dice.choice(sorted(self._running))
        self._end(place)
        if dice.random() < 0.5:
            self._names[place] = f"bench-{place + 1}-{self.started}"
        self.start(place)

    def kill_backend(self, _dice: random.Random) -> None:
        """With SIGKILL, after which the server begins anew by itself."""
        for pid in self.server.backends()[:1]:
            os.kill(pid, signal.SIGKILL)
        self.server.wait()

    def stop_server(self, dice: random.Random) -> None:
        self.server.stop()
        time.sleep(dice.uniform(0.0, 1.0))
        self.server.start()

    def kill_server(self, dice: random.Random) -> None:
        self.server.kill()
        time.sleep(dice.uniform(0.0, 1.0))
        self.server.start()

    def cut(self, dice: random.Random) -> None:
        self.network.cut()
        time.sleep(dice.uniform(0.0, 1.0))
        self.network.mend()

    def end(self) -> None:
        for place in list(self._running):
            self._end(place)

    def _end(self, place: int) -> None:
        process = self._running.pop(place)
        process.kill()
        process.wait()


_FAULTS: tuple[Callable[[_Line, random.Random], None], ...] = (
    _Line.kill_bench,
    _Line.stop_server,
    _Line.cut,
    _Line.kill_server,
    _Line.kill_backend,
)


def line(benches: int, slots: int, boards: int, kills: int, folder: Path, *, seed: int = 1) -> Toll:
    """Until every board is done. `kills` of each kind in turn, spread over the boards."""
    toll = Toll(f"{benches} benches x {slots} slots, line")
    if programs() is None:
        toll.remarks = "needs the Debian package postgresql"
        return toll
    folder.mkdir()
    server = Server().start()
    try:
        set_up(server.url())
        with Network(server.folder / f".s.PGSQL.{server.port}") as network:
            hall = _Line(folder, server, network, benches=benches, slots=slots, boards=boards)
            with hall.ledger() as ledger:
                ledger.receive(BATCH, [single(f"cam{n}") for n in range(boards + _SPARE)])
            try:
                _run(hall, toll, boards, kills, random.Random(seed))
            finally:
                hall.end()
            toll.violations += hall.hall.told("wrong").splitlines()
            toll.violations += _look_into_all(hall, boards)
            toll.runs = hall.started
            toll.remarks = f"{boards} boards, {kills} kills, {len(hall.hall.told('faults'))} unplugged"
            toll.faults = kills + len(hall.hall.told("faults"))
    finally:
        server.remove()
    return toll


def _run(hall: _Line, toll: Toll, boards: int, kills: int, dice: random.Random) -> None:
    for place in range(hall.benches):
        hall.start(place)
    began, made = time.monotonic(), 0
    while not hall.ended:
        if made < kills and hall.done >= (made + 1) * boards // (kills + 2):
            _FAULTS[made % len(_FAULTS)](hall, dice)
            made += 1
        if time.monotonic() - began > _LONGEST_S:
            toll.violations.append(f"only {hall.done} of {boards} boards were done")
            break
        time.sleep(0.05)
    if made < kills:
        toll.violations.append(f"only {made} of {kills} kills were made")


def _look_into_all(hall: _Line, boards: int) -> list[str]:
    """What is on each board, beside what the ledger says of it."""
    held = {board_of(path): path.read_text("utf-8") for path in (hall.hall.folder / "boards").iterdir()}
    names = Counter(text.partition("\n")[0] for text in held.values())
    wrong = [f"{name} is on {n} boards" for name, n in names.items() if n > 1]
    whole = {str(one.name): content(one) for one in (single(f"cam{n}") for n in range(boards + _SPARE))}
    wrong += [f"board {board} holds no whole identity" for board, text in held.items() if text not in whole.values()]
    with hall.ledger() as ledger:
        ledger.recover()
        ledger.audit.verify()
        for board, text in held.items():
            bound = ledger.bound_to(board)
            if bound is None or bound.state is not State.CONSUMED or whole[str(bound.name)] != text:
                wrong.append(f"board {board} holds {text.partition(chr(10))[0]}, the ledger says {bound}")
        states = {state: n for state, n in ledger.stock.by_state().items() if n}
        locks = ledger.locks.held()
    if states != {State.CONSUMED: boards, State.READY: _SPARE}:
        wrong.append(f"of {boards} boards the ledger says {states}")
    return wrong + [f"the line is locked: {lock.code} {lock.what}" for lock in locks.values()]
