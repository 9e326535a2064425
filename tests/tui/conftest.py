# SPDX-License-Identifier: GPL-3.0-or-later
"""A running desk of its own for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui import drawn, parsed
from tests.tui.live_floor import Bench, live


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with live(tmp_path) as bench:
        yield bench


@pytest.fixture(autouse=True)
def _many_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the terminal is that the tests are started in."""
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")


@pytest.fixture(autouse=True)
def _drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn.not_before_one_looks(monkeypatch)
    parsed.once(monkeypatch)
