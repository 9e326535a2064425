# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of a simulated IoT Platform, which retries at once and calls without a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from station.cloud.aliyun_iot.client import AliyunIot
from station.cloud.aliyun_iot.rpc import AliyunAccount
from station.model import Secret
from station.simulate.cloud import CloudSimulator
from tests.cloud.cloud_clients import QUICK


@pytest.fixture
def connect(cloud: CloudSimulator) -> Iterator[Callable[..., AliyunIot]]:
    opened = []

    def make(**changes: Any) -> AliyunIot:
        values: dict[str, Any] = {"url": cloud.url, "region": "cn-shanghai", "access_key": cloud.aliyun_ak}
        values |= {"access_secret": Secret(cloud.aliyun_sk)} | changes
        opened.append(AliyunIot(AliyunAccount(**values), calls_per_s=0, retry=QUICK))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def iot(connect: Callable[..., AliyunIot]) -> AliyunIot:
    return connect()


@pytest.fixture
def fan(cloud: CloudSimulator) -> str:
    return cloud.add_product("Fan").product_key
