# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors' SDKs in an environment of their own, made once under build/ and kept. `python -m tests.sdk.installed`
makes it beforehand."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build"
REQUIREMENTS = HERE / "requirements.txt"


def python_with_sdks() -> Path:
    """The first run downloads some 18 MB; parallel runs wait for each other."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = BUILD / f"sdk-{wanted}"
    python, done = folder / "bin" / "python", folder / "complete"
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "sdk.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            venv.create(folder, clear=True)
            pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
            # What is imported of thousands of modules is compiled then.
            more = ["--disable-pip-version-check", "--no-compile", "-r", str(REQUIREMENTS)]
            subprocess.run([*pip, *more], check=True)
            done.touch()
    return python


if __name__ == "__main__":
    print(python_with_sdks())
