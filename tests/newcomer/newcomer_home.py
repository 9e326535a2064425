# SPDX-License-Identifier: GPL-3.0-or-later
"""A newcomer's folder: an own home, a fresh station, and the processes started there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests import inside
from tests.forked import run
from tests.started import start
from tests.waiting import PATIENCE_S

CERTIFICATES = """ProductKey,DeviceName,DeviceSecret
a1B2c3D4e5F,camera0001,0123456789abcdef0123456789abcdef
a1B2c3D4e5F,camera0002,fedcba9876543210fedcba9876543210
"""


@dataclass
class Home:
    """Commands run in `folder`, with nothing of the user's; `by_processes`: each as the shell would."""

    folder: Path
    by_processes: bool = False
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bin = Path(sys.executable).parent
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("STATION_")}
        self.environment |= {
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "none"),
            "STATION_CONFIG": str(self.folder / "station.toml"),
            "PATH": f"{self.bin}:{os.environ['PATH']}",
        }

    def station(self, *words: str) -> subprocess.CompletedProcess[str]:
        if self.by_processes:
            return self.run(str(self.bin / "station"), *words)
        return inside.run(words, env=self.environment, cwd=self.folder)

    def ok(self, *words: str) -> str:
        """Its stdout; it must succeed."""
        done = self.station(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def lines(self, *words: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.ok(*words).splitlines()]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return run(command, cwd=self.folder, env=self.environment)

    def start(self, *command: str) -> str:
        """In the background until the test ends; its first line."""
        process = start(command, cwd=self.folder, env=self.environment, stderr=2)  # the tests' own
        self.started.append(process)
        assert process.stdout
        return process.stdout.readline()

    def leave(self) -> None:
        for process in self.started:
            process.terminate()
            process.wait(PATIENCE_S)
            assert process.stdout
            process.stdout.close()
