# SPDX-License-Identifier: GPL-3.0-or-later
"""`make install` and `make uninstall`: what goes where, and what goes away. The environment is a stand-in that keeps
what pip is asked for; `test_wheel` installs a real one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = """#!/bin/sh
# -m venv --clear FOLDER
set -e
mkdir -p "$4/bin"
printf '#!/bin/sh\\necho "$@" >> "{asked}"\\n' > "$4/bin/python"
chmod +x "$4/bin/python"
ln -s "{station}" "$4/bin/station"
"""

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With a blank in its name, and neighbours that are nobody's to take away."""
    home = tmp_path / "my home"
    (home / ".local" / "lib" / "other").mkdir(parents=True)
    (tmp_path / "my").mkdir()
    return home


def make(target: str, home: Path, prefix: str) -> str:
    python = home / "python"
    station = Path(sys.executable).with_name("station")
    python.write_text(PYTHON.format(asked=home / "asked", station=station))
    python.chmod(0o755)
    variables = (f"PYTHON='{python}'", f"PREFIX={prefix}")
    environment = os.environ | {"HOME": str(home), "PATH": "/usr/bin:/bin", "MAKEFLAGS": "", "MAKELEVEL": ""}
    command = ["make", "-s", "-C", str(ROOT), target, *variables]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout


def test_it_is_installed_for_daily_use_and_taken_away_and_nothing_else_is(home: Path) -> None:
    local = home / ".local"
    said = make("install", home, "~/.local")
    assert said == f'{local}/bin is not in PATH: export PATH="{local}/bin:$PATH"\n'
    first, second = (home / "asked").read_text().splitlines()
    assert first.endswith("--require-hashes -r requirements.lock") and second.endswith("--no-deps .")
    command = local / "bin" / "station"
    assert command.readlink() == Path("../lib/certificate-station/bin/station") and os.access(command, os.X_OK)
    assert (local / "share" / "man" / "man1" / "station.1").read_text("utf-8").startswith(".")
    make("uninstall", home, str(local))
    files = {path.name for path in home.parent.rglob("*") if path.is_file() or path.is_symlink()}
    assert files == {"python", "asked"}
    assert (home.parent / "my").is_dir() and (local / "lib" / "other").is_dir()


@pytest.mark.parametrize(
    ("prefix", "into"),
    [("~/a  b", "{home}/a  b"), ("/x  ~/y", "/x  ~/y"), ("a b", "a b"), ("", "{home}/.local"), ("~/", "{home}/")],
)
def test_the_folder_is_the_one_that_was_told_to_the_blank(home: Path, prefix: str, into: str) -> None:
    command = ["make", "-sn", "-C", str(ROOT), "uninstall", f"PREFIX={prefix}"]
    environment = os.environ | {"HOME": str(home), "MAKEFLAGS": "", "MAKELEVEL": ""}
    would = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert f'"{into.format(home=home)}/bin/station"' in would
