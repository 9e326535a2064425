# SPDX-License-Identifier: GPL-3.0-or-later
"""A station that was set up a minute ago."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.newcomer.newcomer_home import CERTIFICATES, Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """With two certificates in stock."""
    here = Home(tmp_path)
    here.ok("init", "--file", "station.toml", "--state-dir", "state")
    (tmp_path / "certificates.csv").write_text(CERTIFICATES)
    here.ok("import", "certificates.csv")
    yield here
    here.leave()
