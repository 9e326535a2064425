# SPDX-License-Identifier: GPL-3.0-or-later
"""IoTDA devices registered against the simulated cloud at its rate limit, killed five times on the way: the time of all
runs together beside the limit's own time, and whether any device is lost or doubled or has another secret there.

`python -m tests.benchmarks register [DEVICES]`: NVR sets with 16 cameras, 1,020 devices where nothing is said. Planning
is not counted: it asks the cloud nothing. Each start of a process is, its reading of the plan, and what a kill left to
be asked for again.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from station.cloud.iotda.client import Iotda, IotdaAccount
from station.cloud.iotda.signing import AccessKey
from station.intake.register import SetPlan, new_names, plan, register
from station.ledger.store import Ledger
from station.model import Secret, State
from station.secrets.vault import Vault
from station.simulate.cloud import CloudSimulator

CAMERAS, PER_S, PARALLEL, KILLS = 16, 100, 16, 5
_KEY = bytes(range(32))
_SPAWN = multiprocessing.get_context("spawn")
_SPEC = {"device_type": "Camera", "protocol_type": "MQTT", "data_format": "json", "service_capabilities": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of it; `seconds` of the runs alone."""

    devices: int
    seconds: float
    per_s: int
    kills: int
    calls: int
    throttled: int
    in_cloud: int
    ready: int
    differing: int

    @property
    def ratio(self) -> float:
        return self.seconds / (self.devices / self.per_s)


def serve(pipe: Connection, per_s: int) -> None:
    """The cloud in a process of its own, as it is in life."""
    with CloudSimulator(seed="benchmark", calls_per_s=per_s) as cloud:
        pipe.send({"url": cloud.url, "project_id": cloud.iotda_project, "ak": cloud.iotda_ak, "sk": cloud.iotda_sk})
        while (asked := pipe.recv()) != "end":
            devices = cloud.world.devices
            if asked == "secrets":
                pipe.send({one.device_id: one.secret for one in devices.values()})
            else:
                pipe.send((len(devices), len(cloud.requests), cloud.flow_control.refused))


def opened(folder: Path, account: dict[str, str], per_s: int) -> tuple[Ledger, Iotda]:
    key = AccessKey(access=account["ak"], secret=Secret(account["sk"]), region="cn-north-4")
    there = IotdaAccount(url=account["url"], project_id=account["project_id"], auth=key)
    ledger = Ledger(folder / "ledger" / "ledger.db", Vault(_KEY))
    return ledger, Iotda(there, calls_per_s=per_s, parallel=PARALLEL)


def register_all(folder: Path, account: dict[str, str], per_s: int, batch: str) -> None:
    ledger, iotda = opened(folder, account, per_s)
    with ledger:
        register(ledger, iotda, batch)


def run(devices: int, *, per_s: int = PER_S, kills: int = KILLS) -> Run:
    here, there = _SPAWN.Pipe()
    server = _SPAWN.Process(target=serve, args=(there, per_s), daemon=True)
    server.start()
    account = here.recv()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger, iotda = opened(folder, account, 0)
        with ledger:
            for product in ("recorder", "camera"):
                iotda.create_product(_SPEC | {"product_id": product, "name": product})
            sets = SetPlan(channels=CAMERAS, camera_product="camera")
            batch = plan(ledger, iotda, "recorder", new_names(devices // (CAMERAS + 1)), sets=sets)
        began = time.monotonic()
        _runs(folder, account, per_s, batch, _marks(devices, kills), here)
        seconds = time.monotonic() - began
        found = _looked_at(folder, account, here)
    here.send("end")
    server.join()
    return Run(devices=devices // (CAMERAS + 1) * (CAMERAS + 1), seconds=seconds, per_s=per_s, kills=kills, **found)


def _marks(devices: int, kills: int) -> list[int]:
    """How many devices the cloud has when it happens."""
    return sorted(random.Random(1).sample(range(devices // 10, devices * 9 // 10), kills))


def _runs(folder: Path, account: dict[str, str], per_s: int, batch: str, marks: list[int], cloud: Connection) -> None:
    for until in [*marks, None]:
        process = _SPAWN.Process(target=register_all, args=(folder, account, per_s, batch))
        process.start()
        while until is not None and process.is_alive():
            cloud.send("count")
            if cloud.recv()[0] >= until:
                process.kill()
            time.sleep(0.02)
        process.join()
        print(f"  {'killed' if until else 'ended'} at {_count(cloud)} devices", flush=True)


def _count(cloud: Connection) -> int:
    cloud.send("count")
    return int(cloud.recv()[0])


def _looked_at(folder: Path, account: dict[str, str], cloud: Connection) -> dict[str, Any]:
    cloud.send("count")
    in_cloud, calls, throttled = cloud.recv()
    cloud.send("secrets")
    theirs: dict[str, str] = cloud.recv()
    ledger, _ = opened(folder, account, 0)
    with ledger:
        ledger.audit.verify()
        rows = ledger.certificates.page(state=State.READY, limit=10_000_000)
        held = [one for row in rows if row.channel == 0 for one in ledger.identity(row.identity_id)]
        differing = sum(one.device_secret.reveal() != theirs.pop(one.device_name, None) for one in held)
        ready = len(held)
    return {"in_cloud": in_cloud, "calls": calls, "throttled": throttled, "ready": ready, "differing": differing}


def main(devices: int = 1020) -> None:
    found = run(devices)
    print(f"{found.devices} devices at {found.per_s}/s, killed {found.kills} times: {found.seconds:.1f} s")
    print(f"  {found.ratio:.3f} × the limit's own {found.devices / found.per_s:.1f} s; {found.calls} calls, ", end="")
    print(f"{found.throttled} of them refused by the limit; load {os.getloadavg()[1]:.1f}")
    print(f"  in the cloud {found.in_cloud}, READY {found.ready}, with another secret {found.differing}")


if __name__ == "__main__":
    main()
