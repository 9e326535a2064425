# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated cloud of its own for each test, and clients that do not wait between calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.cloud.living.client import LivingLink
from station.simulate.cloud import CloudSimulator
from tests.cloud.cloud_clients import QUICK, living_account


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
