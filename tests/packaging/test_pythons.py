# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Pythons `python -m tests.soak pythons` installs the wheel on; what that takes is too long for here."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.packaging.pythons import interpreters


def test_one_that_starts_is_found_and_a_dead_shim_an_old_and_a_false_one_are_not(tmp_path: Path) -> None:
    running = sys.version_info[:2]
    dead, whole = tmp_path / "dead", tmp_path / "whole"
    for place, name, does in (
        (dead, f"python3.{running[1]}", "exit 127"),
        (whole, "python3.10", "echo 3 10"),
        (whole, "python3.77", "echo 3 11"),
        (whole, f"python3.{running[1]}-config", "exit 1"),
        (whole, f"python3.{running[1]}", f'exec {sys.executable} "$@"'),
    ):
        place.mkdir(exist_ok=True)
        program = place / name
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
    assert interpreters([dead, whole]) == {running: whole / f"python3.{running[1]}"}
