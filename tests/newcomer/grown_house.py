# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the house that a newcomer may build on: what is added there works, or the house made it too hard."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import station
from tests import inside
from tests.newcomer.newcomer_home import Home

ROOT = Path(station.__file__).parent


@dataclass
class GrownHouse(Home):
    """`touched`: what was added or changed, as paths of the repository."""

    touched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        shutil.copytree(ROOT, self.folder / "station", ignore=shutil.ignore_patterns("*.pyc.*"))
        self.environment["PYTHONPATH"] = str(self.folder)

    def station(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "station", *words)

    def before(self, *words: str) -> None:
        """By the house as it is: what the addition has no part in, without a start of its own."""
        done = inside.run(words, env=self.environment, cwd=self.folder)
        assert done.returncode == 0, done.stderr

    def add(self, path: str, text: str) -> None:
        new = self.folder / path
        assert not new.exists(), path
        new.parent.mkdir(exist_ok=True)
        new.write_text(text, "utf-8")
        self.touched.append(path)

    def line_behind(self, path: str, old: str, added: str) -> None:
        """`added` on the lines behind the one line that `old` is on."""
        file = self.folder / path
        lines = file.read_text("utf-8").splitlines(keepends=True)
        [place] = [number for number, line in enumerate(lines, 1) if old in line]
        file.write_text("".join((*lines[:place], added.rstrip("\n") + "\n", *lines[place:])), "utf-8")
        self.touched.append(path)

    def plug_in(self, *words: str) -> str:
        return self.start(sys.executable, "-m", "station", *words)
