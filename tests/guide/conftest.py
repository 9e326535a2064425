# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud with one product, for a bare PC that is set up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from station.simulate.cloud import CloudSimulator
from tests.tui import drawn, parsed


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="guide") as simulator:
        simulator.add_product("Fan")
        yield simulator


@pytest.fixture(autouse=True)
def _drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn.not_before_one_looks(monkeypatch)
    parsed.once(monkeypatch)
