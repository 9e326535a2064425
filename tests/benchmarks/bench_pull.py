# SPDX-License-Identifier: GPL-3.0-or-later
"""170,000 certificates pulled over HTTP, rate limit off: our CPU a page beside the simulated cloud's for the same page,
memory, ledger size; then again, killed five times on the way. `pull:CLOUD [CERTIFICATES]`:

sets        Living Link, 10,000 NVR sets of 16 cameras, 500 pages of 20 sets (without a word: this one)
living      Living Link, one batch, pages of 100
aliyun-iot  IoT Platform, batches of 10,000, pages of 50, and for each page its devices' states
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from station.cloud.aliyun_iot.client import MAX_DEVICES, AliyunIot
from station.cloud.aliyun_iot.rpc import AliyunAccount
from station.cloud.living.client import LivingAccount, LivingLink
from station.intake.generate import generate, generate_nvr
from station.intake.pull import pull
from station.intake.wanted import find_batch
from station.ledger.store import Ledger
from station.model import Secret, State
from station.secrets.vault import Vault
from station.simulate.cloud import CloudSimulator

CERTIFICATES, CHANNELS, KILLS = 170_000, 16, 5
_KEY = bytes(range(32))
_SPAWN = multiprocessing.get_context("spawn")

Account = dict[str, str]
Client = LivingLink | AliyunIot


def open_living(account: Account, folder: Path) -> LivingLink:
    living = LivingAccount(
        url=account["url"],
        app_key=account["app_key"],
        app_secret=Secret(account["app_secret"]),
        project_id=account["project_id"],
    )
    return LivingLink(living, token_folder=folder / "tokens", calls_per_s=0)


def open_aliyun_iot(account: Account, _folder: Path) -> AliyunIot:
    secret = Secret(account["access_secret"])
    iot = AliyunAccount(
        url=account["url"], region="cn-shanghai", access_key=account["access_key"], access_secret=secret
    )
    return AliyunIot(iot, calls_per_s=0)


@dataclass(frozen=True)
class Kind:
    """`of_one`: certificates an identity has; `most`: identities in one batch."""

    open: Callable[[Account, Path], Client]
    of_one: int = 1
    most: int = 10**9


KINDS = {
    "sets": Kind(open_living, of_one=CHANNELS + 1),
    "living": Kind(open_living),
    "aliyun-iot": Kind(open_aliyun_iot, most=MAX_DEVICES),
}


def serve(pipe: Connection, channels: int) -> None:
    """The cloud in a process of its own, so that each side's CPU is its own."""
    with CloudSimulator(seed="benchmark") as cloud:
        account = {
            "url": cloud.url,
            "app_key": cloud.living_key,
            "app_secret": cloud.living_secret,
            "project_id": cloud.project_id,
            "access_key": cloud.aliyun_ak,
            "access_secret": cloud.aliyun_sk,
            "product": cloud.add_product("Product", channels=channels).product_key,
        }
        pipe.send(account)
        while pipe.recv() == "cpu":
            pipe.send((time.process_time(), len(cloud.requests)))


def make(folder: Path, name: str, account: Account, certificates: int) -> list[str]:
    """The batches' numbers."""
    kind, product = KINDS[name], account["product"]
    left, made = certificates // kind.of_one, []
    with Ledger(folder / "made.db", Vault(_KEY)) as ledger, closing(kind.open(account, folder)) as client:
        while left > 0:
            amount = min(left, kind.most)
            if isinstance(client, LivingLink) and kind.of_one > 1:
                made.append(generate_nvr(ledger, client, product, amount))
            else:
                made.append(generate(ledger, client, product, amount))
            left -= amount
    return [str(batch) for batch in made]


def pull_all(folder: Path, name: str, account: Account, batches: list[str]) -> tuple[int, int]:
    """(identities held, pages asked for)."""
    kind = KINDS[name]
    held = pages = 0
    with Ledger(folder / "ledger" / "ledger.db", Vault(_KEY)) as ledger, closing(kind.open(account, folder)) as client:
        for batch in batches:
            report = pull(
                ledger, client, find_batch(ledger, batch, product_key=account["product"], is_nvr=kind.of_one > 1)
            )
            held, pages = held + report.held, pages + report.pages
    return held, pages


def main(name: str = "sets", certificates: int = CERTIFICATES) -> None:
    here, there = _SPAWN.Pipe()
    channels = KINDS[name].of_one - 1
    server = _SPAWN.Process(target=serve, args=(there, channels), daemon=True)
    server.start()
    account = here.recv()

    def cloud_cpu() -> tuple[float, int]:
        here.send("cpu")
        found: tuple[float, int] = here.recv()
        return found

    with tempfile.TemporaryDirectory() as folder:
        batches = make(Path(folder), name, account, certificates)
        print(f"{name}: {len(batches)} batches")
        pages = measure(Path(folder, "clean"), (name, account, batches), cloud_cpu)
        kill_often(Path(folder, "killed"), (name, account, batches), cloud_cpu, pages)
    here.send("end")
    server.join()


def measure(folder: Path, arguments: Any, cloud_cpu: Any) -> int:
    """How many requests it took."""
    folder.mkdir()
    of_one = KINDS[arguments[0]].of_one
    cpu, asked_before = cloud_cpu()
    ours, began = time.process_time(), time.monotonic()
    first_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    held, pages = pull_all(folder, *arguments)
    ours, seconds = time.process_time() - ours, time.monotonic() - began
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - first_kb
    theirs, asked = cloud_cpu()
    size = sum(file.stat().st_size for file in (folder / "ledger").iterdir())
    certificates = held * of_one
    calls = asked - asked_before
    print(f"{held} identities, {certificates} certificates, {pages} pages ({calls} calls), {seconds:.1f} s")
    print(f"  our CPU {ours / pages * 1000:.1f} ms/page, the cloud's {(theirs - cpu) / pages * 1000:.1f} ms/page")
    print(f"  {certificates / seconds:.0f} certificates/s; memory grew {grown_kb / 1024:.0f} MiB")
    print(f"  ledger {size / 2**20:.0f} MiB", flush=True)
    return int(calls)


def kill_often(folder: Path, arguments: Any, cloud_cpu: Any, calls: int) -> None:
    """At random calls, each within the next sixth of what a whole pull takes."""
    folder.mkdir()
    dice = random.Random(1)
    for _ in range(KILLS):
        until = cloud_cpu()[1] + dice.randint(calls // 25, calls // 6)
        process = _SPAWN.Process(target=pull_all, args=(folder, *arguments))
        process.start()
        while cloud_cpu()[1] < until and process.is_alive():
            time.sleep(0.01)
        process.kill()
        process.join()
    held, _ = pull_all(folder, *arguments)
    with Ledger(folder / "ledger" / "ledger.db", Vault(_KEY)) as ledger:
        stock = ledger.stock.by_state()
        ledger.audit.verify()
    of_one = KINDS[arguments[0]].of_one
    print(f"killed {KILLS} times: {stock[State.READY]} certificates READY of {held * of_one}, audit chain whole")


if __name__ == "__main__":
    main()
