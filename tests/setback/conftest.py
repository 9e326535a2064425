# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench PC with four certificates, and a floor of boards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.setback.pcs import PC, Floor, hardware


@pytest.fixture
def pc(tmp_path: Path) -> PC:
    return PC(tmp_path / "disk", hardware(tmp_path / "pc1", 1)).set_up(4)


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    return Floor(tmp_path / "boards")
