# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated cloud of its own for each test, and clients that do not wait between calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.cloud.http import Retry
from station.cloud.living import LivingAccount, LivingLink
from station.model import Secret
from station.simulate.cloud import CloudSimulator

QUICK = Retry(attempts=3, first_wait_s=0.01, longest_wait_s=0.02)


def living_account(cloud: CloudSimulator, **changes: str) -> LivingAccount:
    values = {"url": cloud.url, "app_key": cloud.living_key, "project_id": cloud.project_id} | changes
    secret = Secret(values.pop("app_secret", cloud.living_secret))
    return LivingAccount(app_secret=secret, **values)


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="tests") as simulator:
        yield simulator


@pytest.fixture
def connect(cloud: CloudSimulator, tmp_path: Path) -> Callable[..., LivingLink]:
    def make(**changes: str) -> LivingLink:
        return LivingLink(living_account(cloud, **changes), token_folder=tmp_path, calls_per_s=0, retry=QUICK)

    return make


@pytest.fixture
def living(connect: Callable[..., LivingLink]) -> LivingLink:
    return connect()
