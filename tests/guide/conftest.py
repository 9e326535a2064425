# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud with one product, for a bare PC that is set up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from station.simulate.cloud import CloudSimulator


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="guide") as simulator:
        simulator.add_product("Fan")
        yield simulator
