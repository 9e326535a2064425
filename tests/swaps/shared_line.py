# SPDX-License-Identifier: GPL-3.0-or-later
"""Two boards on one pair of wires, as a fixture's fault or a bus has it: both hear all that the station says, and both
answer, the other one a moment later.
"""

from __future__ import annotations

import os
import select
import termios
import threading
import time
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from station.simulate.plug import lead, open_pty

_LOOK_S = 0.05


@contextmanager
def shared_line(link: Path, boards: Sequence[tuple[Path, float]]) -> Iterator[None]:
    """At `link`, the boards whose ports these are, each with the seconds by which its answers come later."""
    master, slave, name = open_pty()
    ports = [_opened(port) for port, _ in boards]
    delays = dict(zip(ports, (later_s for _, later_s in boards), strict=True))
    over = threading.Event()
    lead(link, name)
    carrier = threading.Thread(target=_carry, args=(master, delays, over), daemon=True)
    carrier.start()
    try:
        yield
    finally:
        over.set()
        carrier.join()
        link.unlink()
        for port in (master, slave, *ports):
            os.close(port)


def _opened(port: Path) -> int:
    opened = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(opened, termios.TCSANOW)
    return opened


def _carry(master: int, delays: dict[int, float], over: threading.Event) -> None:
    late: list[tuple[float, bytes]] = []
    while not over.is_set():
        due_s = min((at - time.monotonic() for at, _ in late), default=_LOOK_S)
        ready, _, _ = select.select([master, *delays], [], [], max(0.0, min(due_s, _LOOK_S)))
        if master in ready:
            said = os.read(master, 4096)
            for port in delays:
                os.write(port, said)
        late += [(time.monotonic() + later_s, os.read(port, 4096)) for port, later_s in delays.items() if port in ready]
        late.sort(key=lambda one: one[0])
        while late and late[0][0] <= time.monotonic():
            os.write(master, late.pop(0)[1])
