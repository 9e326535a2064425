# SPDX-License-Identifier: GPL-3.0-or-later
"""10,000 NVR sets of 16 cameras pulled over HTTP (500 pages of 20 sets, 170,000 certificates), rate limit off: our CPU
a page beside the simulated cloud's for the same page, memory, ledger size; then again, killed five times on the way.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from station.cloud.living.client import LivingAccount, LivingLink
from station.intake.generate import generate_nvr
from station.intake.pull import PullReport, pull
from station.intake.wanted import find_batch
from station.ledger.store import Ledger
from station.model import Secret, State
from station.secrets.vault import Vault
from station.simulate.cloud import CloudSimulator

SETS, CHANNELS, KILLS = 10_000, 16, 5
_KEY = bytes(range(32))
_SPAWN = multiprocessing.get_context("spawn")


def serve(pipe: Connection) -> None:
    """The cloud in a process of its own, so that each side's CPU is its own."""
    with CloudSimulator(seed="benchmark") as cloud:
        product = cloud.add_product("NVR", channels=CHANNELS).product_key
        keys = {"url": cloud.url, "app_key": cloud.living_key, "project_id": cloud.project_id}
        pipe.send((keys, cloud.living_secret, product))
        while pipe.recv() == "cpu":
            pipe.send((time.process_time(), len(cloud.requests)))


def opened(folder: Path, keys: dict[str, Any], secret: str) -> tuple[Ledger, LivingLink]:
    ledger = Ledger(folder / "ledger" / "ledger.db", Vault(_KEY))
    account = LivingAccount(app_secret=Secret(secret), **keys)
    return ledger, LivingLink(account, token_folder=folder / "tokens", calls_per_s=0)


def pull_all(folder: Path, keys: dict[str, Any], secret: str, product: str, batch: str) -> PullReport:
    ledger, living = opened(folder, keys, secret)
    with ledger:
        return pull(ledger, living, find_batch(ledger, batch, product_key=product, is_nvr=True))


def main() -> None:
    here, there = _SPAWN.Pipe()
    server = _SPAWN.Process(target=serve, args=(there,), daemon=True)
    server.start()
    keys, secret, product = here.recv()

    def cloud_cpu() -> tuple[float, int]:
        here.send("cpu")
        found: tuple[float, int] = here.recv()
        return found

    with tempfile.TemporaryDirectory() as name:
        clean, killed = Path(name, "clean"), Path(name, "killed")
        ledger, living = opened(clean, keys, secret)
        with ledger:
            batch = generate_nvr(ledger, living, product, SETS)
        measure(clean, (keys, secret, product, batch), cloud_cpu)
        kill_often(killed, (keys, secret, product, batch), cloud_cpu)
    here.send("end")
    server.join()


def measure(folder: Path, arguments: Any, cloud_cpu: Any) -> None:
    cpu, pages_before = cloud_cpu()
    ours, began = time.process_time(), time.monotonic()
    first_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = pull_all(folder, *arguments)
    ours, seconds = time.process_time() - ours, time.monotonic() - began
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - first_kb
    theirs, pages = cloud_cpu()
    size = sum(file.stat().st_size for file in (folder / "ledger").iterdir())
    pages -= pages_before
    certificates = report.held * (CHANNELS + 1)
    print(f"{report.held} sets, {certificates} certificates, {report.pages} pages in {seconds:.1f} s")
    print(
        f"  our CPU {ours / report.pages * 1000:.1f} ms/page, the cloud's {(theirs - cpu) / pages * 1000:.1f} ms/page"
    )
    print(f"  {certificates / seconds:.0f} certificates/s; memory grew {grown_kb / 1024:.0f} MiB")
    print(f"  ledger {size / 2**20:.0f} MiB")


def kill_often(folder: Path, arguments: Any, cloud_cpu: Any) -> None:
    dice = random.Random(1)
    for _ in range(KILLS):
        until = cloud_cpu()[1] + dice.randint(20, 120)
        process = _SPAWN.Process(target=pull_all, args=(folder, *arguments))
        process.start()
        while cloud_cpu()[1] < until and process.is_alive():
            time.sleep(0.01)
        process.kill()
        process.join()
    pull_all(folder, *arguments)
    ledger, _ = opened(folder, *arguments[:2])
    with ledger:
        stock = ledger.stock.by_state()
        ledger.audit.verify()
    held = stock[State.READY]
    print(f"killed {KILLS} times: {held} certificates READY of {SETS * (CHANNELS + 1)}, audit chain whole")


if __name__ == "__main__":
    main()
