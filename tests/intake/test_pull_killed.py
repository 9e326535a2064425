# SPDX-License-Identifier: GPL-3.0-or-later
"""A pull killed with SIGKILL at any page, or run twice at once, leaves the ledger as one clean pull does."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from station.cloud.aliyun_iot.client import AliyunIot
from station.cloud.living.client import LivingLink
from station.intake.generate import generate
from station.intake.pull import How, pull
from station.intake.wanted import find_batch
from station.ledger.store import Ledger
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import PATIENT, of_cloud, of_ledger
from tests.started import rest_of
from tests.started import start as begin

AMOUNT = 120
PAGE_SIZE = 10


PAGE_OF = {"living": "/living/device/apply/query", "aliyun-iot": "/QueryPageByApplyId"}


@pytest.fixture(params=["living", "aliyun-iot"])
def client(request: Any, cloud: CloudSimulator, living: LivingLink, aliyun_iot: AliyunIot) -> Any:
    return {"living": living, "aliyun-iot": aliyun_iot}[request.param]


def start(cloud: CloudSimulator, client: Any, folder: Path, batch: str) -> subprocess.Popen[str]:
    living = {"url": cloud.url, "app_key": cloud.living_key, "project_id": cloud.project_id}
    iot = {"url": cloud.url, "region": "cn-shanghai", "access_key": cloud.aliyun_ak}
    account, secret = {"living": (living, cloud.living_secret), "aliyun-iot": (iot, cloud.aliyun_sk)}[client.provider]
    given = {
        "cloud": client.provider,
        "account": account,
        "secret": secret,
        "folder": str(folder),
        "batch": batch,
        "page_size": PAGE_SIZE,
    }
    return begin([sys.executable, "-m", "tests.intake.pull_once", json.dumps(given)])


def asked(cloud: CloudSimulator, client: Any) -> int:
    return sum(seen.path == PAGE_OF[client.provider] for seen in cloud.requests)


def test_killed_at_random_pages_and_run_again_it_is_as_one_clean_pull(
    cloud: CloudSimulator, client: Any, ledger: Ledger, tmp_path: Path
) -> None:
    batch = generate(ledger, client, cloud.add_product("Fan").product_key, AMOUNT)
    dice = random.Random(7)
    for _ in range(4):
        until = asked(cloud, client) + dice.randint(1, 3)
        process = start(cloud, client, tmp_path, batch)
        while asked(cloud, client) < until and process.poll() is None:
            time.sleep(0.0005)
        process.kill()
        process.communicate()
    held = len(of_ledger(ledger))
    assert held % PAGE_SIZE == 0, "a page is stored whole or not at all"
    pull(ledger, client, find_batch(ledger, batch), How(page_size=PAGE_SIZE, patience=PATIENT))
    assert of_ledger(ledger) == of_cloud(cloud, batch)
    ledger.audit.verify()


def test_two_pulls_at_once_give_one_ledger(cloud: CloudSimulator, client: Any, ledger: Ledger, tmp_path: Path) -> None:
    batch = generate(ledger, client, cloud.add_product("Fan").product_key, AMOUNT)
    processes = [start(cloud, client, tmp_path, batch) for _ in range(2)]
    assert [(rest_of(process)[1], process.returncode) for process in processes] == [("", 0)] * 2
    assert of_ledger(ledger) == of_cloud(cloud, batch)
    ledger.audit.verify()
