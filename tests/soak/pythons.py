# SPDX-License-Identifier: GPL-3.0-or-later
"""The wheel on every Python that is on this machine: a fresh environment, the locked libraries, and the demo with each
kind of board, which opens and compares them.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.packaging.pythons import PIP, ROOT, build_wheel, interpreters, usual_places
from tests.soak.toll import Toll

TARGETS = ("agent", "console", "esp-nvs")
_PROMISED = re.compile(r'"Programming Language :: Python :: 3\.(\d+)"')


def each_python(folder: Path) -> Toll:
    """A version that the project promises and that is not on this machine is remarked upon."""
    folder.mkdir()
    wheel = build_wheel(folder)
    found = interpreters(usual_places())
    toll = Toll("pythons")
    for version, program in sorted(found.items()):
        home = folder / "-".join(map(str, version))
        for target in TARGETS:
            toll.runs += 1
            if wrong := _install(home, program, wheel) or _demo(home, target):
                toll.violations.append(f"{program}, {target}: {wrong}")
    promised = {(3, int(minor)) for minor in _PROMISED.findall((ROOT / "pyproject.toml").read_text("utf-8"))}
    missing = sorted(promised - found.keys())
    toll.remarks = " ".join(f"{version[0]}.{version[1]} is not here" for version in missing)
    return toll


def _install(home: Path, program: Path, wheel: Path) -> str:
    """What went wrong, or nothing; once for all targets."""
    if home.exists():
        return ""
    lock = ("--require-hashes", "-r", str(ROOT / "requirements.lock"))
    python = str(home / "bin" / "python")
    for step in (
        [str(program), "-m", "venv", str(home)],
        [python, *PIP, "install", *lock],
        [python, *PIP, "install", "--no-deps", "--no-index", str(wheel)],
    ):
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{step}: {done.stderr[-400:]}"
    return ""


def _demo(home: Path, target: str) -> str:
    station = str(home / "bin" / "station")
    command = [station, "demo", "--headless", "--boards", "2", "--count", "4", "--target", target]
    done = subprocess.run(
        command, cwd=home, env={**os.environ, "HOME": str(home)}, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    return "" if done.returncode == 0 and "4 of 4 certificates accounted for" in said else said[-400:] or "says nothing"
