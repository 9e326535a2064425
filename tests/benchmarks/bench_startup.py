# SPDX-License-Identifier: GPL-3.0-or-later
"""Start-up of the command line as whole processes, beside a bare interpreter."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 11


def seconds(command: list[str], environment: dict[str, str]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "station.toml"
        environment = {**os.environ, "STATION_CONFIG": str(config)}
        station = [str(Path(sys.executable).with_name("station"))]
        init = [*station, "init", "--file", str(config), "--state-dir", f"{folder}/state"]
        subprocess.run(init, check=True, capture_output=True)
        bare = seconds([sys.executable, "-c", "pass"], environment)
        print(f"bare interpreter            {bare * 1e3:6.0f} ms")
        for arguments in (["--version"], ["--help"], ["status"], ["flash", "--help"]):
            took = seconds([*station, *arguments], environment)
            print(f"station {' '.join(arguments):<19} {took * 1e3:6.0f} ms = {took / bare:.1f}x the bare interpreter")


if __name__ == "__main__":
    main()
