# SPDX-License-Identifier: GPL-3.0-or-later
"""What a flash costs on the wire, by both versions of the agent protocol: bytes, turnarounds, seconds at 115200 baud
with an adapter that takes 1 or 16 ms a turnaround; for one certificate and for an NVR of 32 cameras.

The limit is computed: the bytes that went, back to back, and one latency for each turnaround. The line paces what goes
each way at 115200 baud, and the board waits before it answers, as such an adapter lets it; what it prints at its start
counts too. Its flash is a file in memory: a disk's time is no board's. The fields' share is that of the lines that
carry them, both ways, to the fields' own bytes.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from station.model import Certificate, Identity, IdentityKind, Port, Secret, Verdict
from station.profiles.profile import Profile
from station.simulate.agent_board import AgentBuild, SimulatedAgentBoard
from station.targets.agent.target import AgentSession, AgentTarget
from station.targets.base import no_progress

BAUD = 115200
BOOT_S = 0.02
TRIES = 5
MEMORY = Path("/dev/shm")
"""Linux's; elsewhere a disk has to do."""


class CountingBoard(SimulatedAgentBoard):
    """Counts both ways; `fields` are the bytes of lines that carry fields, and of the answers to them."""

    turns = total = fields = 0
    _carries = False

    def __init__(self, uid: str, store: Path, link: Path, **how: Any) -> None:
        super().__init__(uid, store, link, **how)
        self._end.say = partial(self._counted, self._end.say)  # type: ignore[method-assign]

    def _counted(self, say: Callable[[bytes], None], data: bytes) -> None:
        self.total += len(data)
        say(data)

    def _hear(self, data: bytes) -> None:
        self.total += len(data)
        self.turns += b"@" in data
        super()._hear(data)

    def _take(self, frame: bytes) -> None:
        self._carries = b" SET " in frame or b" PUT " in frame
        self.fields += (len(frame) + 1) * self._carries
        super()._take(frame)

    def _say(self, body: bytes) -> None:
        self.fields += (len(body) + 10) * self._carries
        super()._say(body)


def certificate(name: str, product: str) -> Certificate:
    secret = Secret(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest())
    return Certificate(product_key=product, device_name=name, device_secret=secret)


def nvr(cameras: int) -> Identity:
    channels = tuple(certificate(f"nvr-0001_ch{n:02d}", "a1IPCipcIPC") for n in range(1, cameras + 1))
    return Identity(primary=certificate("nvr-0001", "a1NVRnvrNVR"), channels=channels, kind=IdentityKind.SET)


def flash(session: AgentSession, identity: Identity) -> None:
    """All that a visit says to a board."""
    session.identify()
    session.board_key(None)
    session.write(identity, no_progress)
    for restarts in (True, False):
        assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL
        if restarts:
            session.restart()
    session.identify()


def measure(folder: Path, identity: Identity, version: int, latency_s: float) -> tuple[CountingBoard, float]:
    name = f"{version}-{latency_s}-{len(identity.channels)}"
    board = CountingBoard(
        "00a1b2c3d4e5f607",
        folder / name,
        folder / f"tty{name}",
        latency_s=latency_s,
        boot_s=BOOT_S,
        baud_pacing=True,
        build=AgentBuild(versions=(version,)),
    )
    with board:
        profile = Profile(name="agent", target="agent", options={"baud": BAUD})
        started = time.perf_counter()
        with closing(AgentTarget().open(Port(url=board.url, slot="1"), profile)) as session:
            flash(session, identity)
        return board, time.perf_counter() - started


def line_of(folder: Path, identity: Identity, version: int, latency_s: float) -> str:
    """The best of five: what else the machine does is not the protocol's."""
    board, took = min(
        (measure(folder / str(n), identity, version, latency_s) for n in range(TRIES)), key=lambda found: found[1]
    )
    need = sum(len(value) for each in identity for value in each.board_fields())
    limit = board.total * 10 / BAUD + board.turns * latency_s + BOOT_S
    return (
        f"version {version}, {latency_s * 1e3:>2.0f} ms: {board.total:>6} bytes, {board.turns:>3} turnarounds, "
        f"lines with fields {board.fields / need:.2f}x the fields' {need} bytes, "
        f"{took * 1e3:>5.0f} ms = {took / limit:.2f}x the limit of {limit * 1e3:.0f} ms"
    )


def main() -> None:
    one = Identity(primary=certificate("cam-0001", "a1B2c3D4e5F"))
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        for n in range(TRIES):
            Path(name, str(n)).mkdir()
        for what, identity in (("one certificate", one), ("NVR of 32 cameras", nvr(32))):
            for latency_s in (0.001, 0.016):
                for version in (1, 2):
                    print(f"{what}, {line_of(Path(name), identity, version, latency_s)}")


if __name__ == "__main__":
    main()
