# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds an ESP board takes in its slot, from port open to port closed, with 1, 8 and 16 boards at once:

(a) three calls of esptool (read-mac, write-flash, read-flash), as a script makes them, (b) the station through the
stub, (c) the station through the ROM; beside the limit of (b) and (c): bytes at their baud rates, turnarounds times the
adapter's latency, fixed waits and sector erases. (a) neither checks the partition table nor reads after a reset; ours
do. Boards are processes of their own, paced to their baud rate. A board costs CPU here that a real one brings along.

`python -m tests.benchmarks esp`, or this file with [--boards 1,8,16] [--chips esp32,esp32c3] [--latency 1,16]
[--without-cli].
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from station.model import Certificate, Identity, Port, Secret, Verdict
from station.profiles.profile import Profile
from station.simulate.esp import BoardSpec, EspBoard, Partition
from station.simulate.esp.process import EspBoardProcess
from station.targets.base import no_progress
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp.layout import to_entries
from station.targets.esp.nvs import Entry, EntryKind, build
from station.targets.esp.options import FIELDS, read_options
from station.targets.esp.target import EspNvsTarget

OFFSET, SIZE = 0x110000, 0x6000
PARTITIONS = (
    Partition(name="nvs", offset=0x9000, size=0x6000),
    Partition(name="phy_init", subtype="phy", offset=0xF000, size=0x1000),
    Partition(name="factory", type="app", subtype="factory", offset=0x10000, size=0x100000),
    Partition(name="fctry", offset=OFFSET, size=SIZE),
)
BAUD = 460800
SECTOR_ERASE_S = 0.045
WAITS_S = {"stub": 0.05 + 0.05 + 0.02, "rom": 0.02}
"""Fixed: after each change of the baud rate (up, and, without modem lines, back), and while the port is closed."""
IDENTITY = Identity(
    primary=Certificate(
        product_key="a1B2c3D4e5F", device_name="camera-000001", device_secret=Secret("0123456789abcdef" * 2)
    )
)


def profile(chip: str, way: str) -> Profile:
    options: dict[str, object] = {"preset": "aliyun", "baud": BAUD, "rom_fast_path": [chip] if way == "rom" else []}
    return Profile(name="bench", target="esp-nvs", chips=(chip,), options=options)


def ours(url: str, chip: str, way: str) -> None:
    """What a flow does with a new board."""
    session = EspNvsTarget().open(Port(url=url, slot=url), profile(chip, way))
    try:
        before = session.identify()
        session.require_room(IDENTITY)
        session.write(IDENTITY, no_progress)
        assert session.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
        session.restart()
        assert session.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
        assert session.identify().uid == before.uid
    finally:
        session.close()


def cli(url: str, chip: str, image: Path) -> None:
    calls = (
        ("read-mac",),
        ("write-flash", hex(OFFSET), str(image)),
        ("read-flash", hex(OFFSET), hex(SIZE), str(image.with_name(Path(url).name + ".back"))),
    )
    for call in calls:
        command = [sys.executable, "-m", "esptool", "--port", url, "--chip", chip, "--baud", str(BAUD), *call]
        subprocess.run(command, check=True, capture_output=True)


@dataclass(frozen=True, slots=True)
class Account:
    """One session's cost on the wire: (baud, bytes) per stretch, turnarounds, erased sectors."""

    stretches: tuple[tuple[int, int], ...]
    turnarounds: int
    sectors: int

    def seconds(self, latency_s: float, waits_s: float) -> float:
        wire = sum(10 * count / baud for baud, count in self.stretches)
        return wire + self.turnarounds * latency_s + waits_s + self.sectors * SECTOR_ERASE_S


def account(chip: str, way: str) -> Account:
    """Counted on a board without pacing."""
    with EspBoard(BoardSpec(chip=chip, mac="24:0a:c4:00:00:01", partitions=PARTITIONS)) as board:
        stretches: list[tuple[int, int]] = []
        counted = 0
        change, reset = board.silicon.change_baud, board.silicon.reset

        def close_stretch() -> None:
            nonlocal counted
            now = board.stats.to_board_bytes + board.stats.to_host_bytes
            stretches.append((board.silicon.baud, now - counted))
            counted = now

        def changed(baud: int) -> float:
            close_stretch()
            return change(baud)

        def was_reset() -> float:
            close_stretch()
            return reset()

        board.silicon.change_baud, board.silicon.reset = changed, was_reset  # type: ignore[method-assign]
        if way == "rom":
            esp_rom_trust.judge(esp_rom_trust.ChipRevision(chip, board.silicon.build.revision), works=True)
        ours(board.url, chip, way)
        close_stretch()
        return Account(tuple(stretches), board.stats.turnarounds, board.stats.erased_sectors)


@dataclass(frozen=True, slots=True)
class Times:
    """Of one batch of boards at once, seconds: a board's own time (mean) and until the last was done."""

    board: float
    batch: float


def timed(work: Callable[[str], None], chip: str, boards: int, latency_ms: float, folder: Path) -> Times:
    with ExitStack() as bench, ThreadPoolExecutor(boards) as slots:
        plugged = [
            bench.enter_context(
                EspBoardProcess(
                    BoardSpec(
                        chip=chip,
                        mac=f"24:0a:c4:00:01:{number:02x}",
                        flash=folder / f"flash{number}.bin",
                        partitions=PARTITIONS,
                        link=folder / f"tty{number}",
                        paced=True,
                        latency_ms=latency_ms,
                        sector_erase_s=SECTOR_ERASE_S,
                    )
                )
            )
            for number in range(boards)
        ]

        def one(url: str) -> float:
            started = time.perf_counter()
            work(url)
            return time.perf_counter() - started

        started = time.perf_counter()
        seconds = list(slots.map(one, [board.url for board in plugged]))
        return Times(statistics.mean(seconds), time.perf_counter() - started)


def measure(chip: str, latency_ms: float, batches: list[int], *, with_cli: bool) -> None:
    entries = to_entries(IDENTITY, read_options({"preset": "aliyun"}), fields=FIELDS[:3])
    limits = {way: account(chip, way).seconds(latency_ms / 1000, WAITS_S[way]) for way in ("stub", "rom")}
    print(f"{chip}, {latency_ms:g} ms adapter: limit of (b) {limits['stub']:.2f} s, of (c) {limits['rom']:.2f} s")
    print("  boards | (a) esptool x3 | (b) stub: s, of limit, vs (a) | (c) ROM: likewise         | batch, of the first")
    alone: tuple[float, float] | None = None
    for boards in batches:
        with tempfile.TemporaryDirectory() as name:
            image = Path(name) / "image.bin"
            image.write_bytes(build(entries, SIZE))

            def run(work: Callable[[str], None], boards: int = boards, folder: str = name) -> Times:
                batch = Path(tempfile.mkdtemp(dir=folder))
                return timed(work, chip, boards, latency_ms, batch)

            stub = run(lambda url: ours(url, chip, "stub"))
            rom = run(lambda url: ours(url, chip, "rom"))
            base = run(partial(cli, chip=chip, image=image)) if with_cli else None
        alone = alone or (stub.batch, rom.batch)
        print(
            f"  {boards:6} | {base.board if base else float('nan'):14.2f} "
            f"| {stub.board:8.2f} s {stub.board / limits['stub']:5.2f}x {_ratio(base, stub)} "
            f"| {rom.board:8.2f} s {rom.board / limits['rom']:5.2f}x {_ratio(base, rom)} "
            f"| {stub.batch:.2f} s, {rom.batch:.2f} s, {stub.batch / alone[0]:.2f}x {rom.batch / alone[1]:.2f}x",
            flush=True,
        )


def _ratio(base: Times | None, ours_: Times) -> str:
    return f"{base.board / ours_.board:5.1f}x" if base else "     -"


def images() -> None:
    """What building and reading back an image costs, for one identity and for an NVR with 32 channels."""
    fields = (("ProductKey", "a1B2c3D4e5F"), ("DeviceName", "camera-000001"), ("DeviceSecret", "0123456789abcdef" * 2))

    def entries(certificates: int) -> list[Entry]:
        return [
            Entry(namespace="aliyun-key", key=f"{key}{n}"[:15], kind=EntryKind.STRING, value=value)
            for n in range(certificates)
            for key, value in fields
        ]

    for certificates in (1, 33):
        wanted = entries(certificates)
        build(wanted, SIZE)
        started = time.perf_counter()
        for _ in range(20):
            build(wanted, SIZE)
        each_ms = (time.perf_counter() - started) * 1e3 / 20
        print(f"NVS image of {certificates} certificates, built and read back: {each_ms:.2f} ms")


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main(argv: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--boards", type=numbers, default=[1, 8, 16])
    parser.add_argument("--chips", type=lambda text: text.split(","), default=["esp32", "esp32c3"])
    parser.add_argument("--latency", type=numbers, default=[1, 16])
    parser.add_argument("--without-cli", action="store_true")
    wish = parser.parse_args(argv)
    print(f"load of this machine, one and five minutes: {os.getloadavg()[0]:.1f}, {os.getloadavg()[1]:.1f}")
    images()
    for chip in wish.chips:
        for latency_ms in wish.latency:
            measure(chip, latency_ms, wish.boards, with_cli=not wish.without_cli)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the station's process with {max(wish.boards)} slots: {peak:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
