# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors' SDKs as processes in an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.simulate.cloud import CloudSimulator
from tests.intake.conftest import config_file, pin, station
from tests.sdk.installed import HERE, python_with_sdks

__all__ = ["config_file", "pin", "station"]


class Sdk:
    """One SDK in one process; a call goes in as a line and comes back as a line."""

    def __init__(self, python: Path, script: str, home: Path) -> None:
        environment = {"HOME": str(home), "PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"}
        self._process = subprocess.Popen(
            [python, HERE / script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def call(self, **call: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the SDK's process died; its last words are above"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=20)


@pytest.fixture(scope="session")
def sdk_python() -> Path:
    return python_with_sdks()


@pytest.fixture(scope="session")
def living_sdk(sdk_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sdk]:
    sdk = Sdk(sdk_python, "living_client.py", tmp_path_factory.mktemp("home"))
    yield sdk
    sdk.close()


@pytest.fixture(scope="session")
def iotda_sdk(sdk_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sdk]:
    """Its import writes ~/.huaweicloud, hence a home of its own."""
    sdk = Sdk(sdk_python, "iotda_client.py", tmp_path_factory.mktemp("home"))
    yield sdk
    sdk.close()


@pytest.fixture(scope="session")
def aliyun_iot_sdk(sdk_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sdk]:
    sdk = Sdk(sdk_python, "aliyun_iot_client.py", tmp_path_factory.mktemp("home"))
    yield sdk
    sdk.close()


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="sdk") as simulator:
        yield simulator
