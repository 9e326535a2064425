# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh station, made by `station init`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.cli_shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.begin()
    return made
