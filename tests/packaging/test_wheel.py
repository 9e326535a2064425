# SPDX-License-Identifier: GPL-3.0-or-later
"""The wheel holds all that the station needs where no source tree is, and the lock names what it is installed with."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.pythons import ROOT, build_wheel

LOCKED = ("keyring", "serve", "line", "labels", "mqtt")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(build_wheel(folder)) as wheel:  # tests/soak/pythons.py has pip install it
        wheel.extractall(folder / "site")
    return folder


@pytest.mark.campaign
def test_the_whole_job_runs_from_the_wheel_alone(installed: Path) -> None:
    """With the libraries of this environment, and none of this tree."""
    home = {**os.environ, "PYTHONPATH": str(installed / "site"), "HOME": str(installed)}
    command = [sys.executable, "-m", "station", "demo", "--headless", "--boards", "2", "--count", "2"]
    done = subprocess.run(command, env=home, cwd=installed, capture_output=True, text=True, check=False)
    assert (done.returncode, "2 of 2 certificates accounted for" in done.stdout + done.stderr) == (0, True), done.stderr
    where = [sys.executable, "-c", "import station; print(station.__file__)"]
    seen = subprocess.run(where, env=home, cwd=installed, capture_output=True, text=True, check=True)
    assert Path(seen.stdout.strip()).is_relative_to(installed / "site")


def test_what_is_shipped_beside_the_code_is_in_it(installed: Path) -> None:
    site = installed / "site" / "station"
    for name in ("udev/60-station.rules", "firmware_templates/LICENSE", "schemas/status.json", "DESIGN.md"):
        assert (site / name).is_file(), name
    tracked = subprocess.run(["git", "ls-files", "station"], cwd=ROOT, capture_output=True, text=True, check=True)
    missing = [name for name in tracked.stdout.split() if not (site.parent / name).is_file()]
    assert missing == []


def test_the_lock_has_every_library_that_is_asked_for_in_a_version_that_is_allowed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(one for extra in LOCKED[1:] for one in project["optional-dependencies"][extra]),
    ]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.M)}
    for text in asked:
        wanted = Requirement(text)
        version = pinned.get(canonicalize_name(wanted.name))
        assert version is not None and wanted.specifier.contains(version), f"{text}: make lock"
    assert "://" not in lock
    blocks = [block for block in re.split(r"^(?=\S+==)", lock, flags=re.M) if "==" in block.partition("\n")[0]]
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
