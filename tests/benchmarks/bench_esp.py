# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds an ESP board takes in its slot, from port open to port closed, with 1, 8, 16 and 32 boards at once:

(a) three calls of esptool (read-mac, write-flash, read-flash), as a script makes them, (b) the station through the
stub, (c) the station through the ROM; beside the limit of (b) and (c): bytes at their baud rates, turnarounds times the
adapter's latency, fixed waits and sector erases. (a) neither checks the partition table nor reads after a reset; ours
do. Boards of (b) and (c) are played back by one small program, in step with wire and flash, each with an identity of
its own; those of (a) are simulated, a process each. The CPU of the station and of the boards is told beside: where both
come near the cores of this PC times the wall clock, or the station's near one core, the PC is the limit. Of (b) and (c)
the fastest of several batches is told, since other work on the PC only adds.

`python -m tests.benchmarks esp`, or this file with [--boards 1,8,16,32] [--chips esp32,esp32c3] [--latency 1,16]
[--times 3] [--without-cli].
"""

from __future__ import annotations

import argparse
import gc
import math
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
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from station.bench.one_core import stay_on_one_core
from station.model import Certificate, Identity, Port, Secret, Verdict
from station.profiles.profile import Profile
from station.simulate.esp import BoardSpec, EspBoardProcess, Partition
from station.targets.base import no_progress
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp.layout import to_entries
from station.targets.esp.nvs import Entry, EntryKind, build
from station.targets.esp.options import FIELDS, read_options
from station.targets.esp.retuning import RETUNED_S
from station.targets.esp.target import EspNvsTarget, warm_up
from tests.benchmarks.esp_playback import Playback, Step, limit_s, record

OFFSET, SIZE = 0x110000, 0x6000
PARTITIONS = (
    Partition(name="nvs", offset=0x9000, size=0x6000),
    Partition(name="phy_init", subtype="phy", offset=0xF000, size=0x1000),
    Partition(name="factory", type="app", subtype="factory", offset=0x10000, size=0x100000),
    Partition(name="fctry", offset=OFFSET, size=SIZE),
)
BAUD = 460800
SECTOR_ERASE_S = 0.045
FIRST = -1
"""The board from which the station learns what all of a kind have in common."""
WAITS_S = {"stub": RETUNED_S + RETUNED_S + 0.02, "rom": 0.02}
"""Fixed: after each change of the baud rate (up, and, without modem lines, back), and while the port is closed."""


def spec(chip: str, number: int) -> BoardSpec:
    mac = f"24:0a:c4:00:01:{number & 0xFF:02x}"
    return BoardSpec(chip=chip, mac=mac, partitions=PARTITIONS, sector_erase_s=SECTOR_ERASE_S)


def identity(number: int) -> Identity:
    name, secret = f"camera-{number & 0xFF:06}", Secret(f"{number & 0xFF:032x}")
    return Identity(primary=Certificate(product_key="a1B2c3D4e5F", device_name=name, device_secret=secret))


def profile(chip: str, way: str) -> Profile:
    options: dict[str, object] = {"preset": "aliyun", "baud": BAUD, "rom_fast_path": [chip] if way == "rom" else []}
    return Profile(name="bench", target="esp-nvs", chips=(chip,), options=options)


def ours(url: str, chip: str, way: str, number: int) -> None:
    """What a flow does with a new board."""
    session, wanted = EspNvsTarget().open(Port(url=url, slot=str(number)), profile(chip, way)), identity(number)
    try:
        before = session.identify()
        session.require_room(wanted)
        session.write(wanted, no_progress)
        assert session.read_back(wanted, no_progress).verdict is Verdict.EQUAL
        session.restart()
        assert session.read_back(wanted, no_progress).verdict is Verdict.EQUAL
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


@cache
def recorded(chip: str, way: str, number: int) -> list[Step]:
    """A conversation with that board, of a kind that is known: its ROM is tried, its partition table read once."""
    if number != FIRST:
        recorded(chip, way, FIRST)
    board = spec(chip, number)
    if way == "rom":
        esp_rom_trust.judge(esp_rom_trust.ChipRevision(chip, board.build().revision), works=True)
    return record(board, partial(ours, chip=chip, way=way, number=number))


@dataclass(frozen=True, slots=True)
class Times:
    """Of one batch of boards at once, seconds: a board's own time (mean), until the last was done, and the CPU of the
    station and of the boards."""

    board: float
    batch: float
    station_cpu: float = math.nan
    boards_cpu: float = math.nan

    def cpu(self, boards: int) -> str:
        cores = (self.station_cpu + self.boards_cpu) / self.batch
        return f"{self.station_cpu * 1e3 / boards:.1f} + {self.boards_cpu * 1e3 / boards:.1f} ms, {cores:.2f} cores"


def at_once(works: Sequence[Callable[[], None]]) -> tuple[float, float, float]:
    """Each in a thread of its own: the mean time, the time of all, and the CPU of this process, in seconds."""

    def one(work: Callable[[], None]) -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    with ThreadPoolExecutor(len(works), initializer=stay_on_one_core) as slots:
        cpu, started = time.process_time(), time.perf_counter()
        seconds = list(slots.map(one, works))
        return statistics.mean(seconds), time.perf_counter() - started, time.process_time() - cpu


def timed(chip: str, way: str, boards: int, latency_ms: float) -> Times:
    playback = Playback([recorded(chip, way, number) for number in range(boards)], latency_ms / 1000)
    works = [partial(ours, url, chip, way, number) for number, url in enumerate(playback.urls)]
    try:
        board, batch, cpu = at_once(works)
    finally:
        boards_cpu = playback.close()
    return Times(board, batch, cpu, boards_cpu)


def timed_cli(chip: str, boards: int, latency_ms: float, folder: Path) -> Times:
    image = folder / "image.bin"
    image.write_bytes(build(to_entries(identity(0), read_options({"preset": "aliyun"}), fields=FIELDS[:3]), SIZE))
    with ExitStack() as bench:
        specs = [
            replace(spec(chip, number), link=folder / f"tty{number}", paced=True, latency_ms=latency_ms)
            for number in range(boards)
        ]
        urls = [bench.enter_context(EspBoardProcess(spec)).url for spec in specs]
        board, batch, _ = at_once([partial(cli, url, chip, image) for url in urls])
    return Times(board, batch)


def measure(chip: str, latency_ms: float, batches: list[int], times: int, *, with_cli: bool) -> None:
    limits = {way: limit_s(recorded(chip, way, 0), latency_ms / 1000) + WAITS_S[way] for way in ("stub", "rom")}
    print(f"{chip}, {latency_ms:g} ms adapter: limit of (b) {limits['stub']:.2f} s, of (c) {limits['rom']:.2f} s")
    print("  boards | (a) esptool x3 | way      | s, of limit, vs (a)    | batch, of the first | CPU: station + board")
    alone: dict[str, float] = {}
    for boards in batches:
        base = None
        if with_cli:
            with tempfile.TemporaryDirectory() as name:
                base = timed_cli(chip, boards, latency_ms, Path(name))
        for letter, way in (("b", "stub"), ("c", "rom")):
            got = min((timed(chip, way, boards, latency_ms) for _ in range(times)), key=lambda one: one.batch)
            first = alone.setdefault(way, got.batch)
            print(
                f"  {boards:6} | {base.board if base else float('nan'):14.2f} | ({letter}) {way:4} "
                f"| {got.board:6.2f} s {got.board / limits[way]:5.2f}x {_ratio(base, got)} "
                f"| {got.batch:7.2f} s {got.batch / first:8.2f}x | {got.cpu(boards)}",
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
    parser.add_argument("--boards", type=numbers, default=[1, 8, 16, 32])
    parser.add_argument("--chips", type=lambda text: text.split(","), default=["esp32", "esp32c3"])
    parser.add_argument("--latency", type=numbers, default=[1, 16])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--without-cli", action="store_true")
    wish = parser.parse_args(argv)
    print(f"load of this machine, one and five minutes: {os.getloadavg()[0]:.1f}, {os.getloadavg()[1]:.1f}")
    warm_up()
    gc.freeze()  # as the station does when it has started
    images()
    for chip in wish.chips:
        for latency_ms in wish.latency:
            measure(chip, latency_ms, wish.boards, wish.times, with_cli=not wish.without_cli)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the station's process with {max(wish.boards)} slots: {peak:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
