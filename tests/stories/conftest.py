# SPDX-License-Identifier: GPL-3.0-or-later
"""An empty folder, and how long the story in it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.newcomer.newcomer_home import Home


@pytest.fixture
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Home]:
    """Nothing is in it. `pytest -rP tests/stories` shows the time."""
    here = Home(tmp_path)
    begun = time.monotonic()
    yield here
    here.leave()
    print(f"{request.node.name}: {time.monotonic() - begun:.1f} s")
