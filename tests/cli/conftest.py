# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh station, made by `station init`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.cli_shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    done = made("init", "--file", str(made.config), "--state-dir", str(tmp_path / "state"))
    assert done.code == 0, done.err
    return made
