# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards of both ports on real ptys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from station.simulate.firmware_board import FirmwareBoard
from station.simulate.mcu import McuBoard
from tests.firmware.firmware_bench import PORTS, UID
from tests.sampled import WHOLE


@pytest.fixture(params=PORTS if WHOLE else PORTS[:1])
def board(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FirmwareBoard]:
    """A blank board, powered on: of each port where a test says `on_each_port`."""
    with request.param(UID, tmp_path / "flash.bin", link=tmp_path / "ttyBOARD") as powered:
        yield powered


@pytest.fixture
def mcu(tmp_path: Path) -> Iterator[Callable[..., McuBoard]]:
    """Makes Cortex-M3 boards that end with the test."""
    boards: list[McuBoard] = []

    def make(uid: str = UID, name: str = "flash.bin", **more: Any) -> McuBoard:
        boards.append(McuBoard(uid, tmp_path / name, **more))
        return boards[-1]

    yield make
    for each in boards:
        each.power_off()
