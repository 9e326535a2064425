# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.postgres.initialised FOLDER -o FILE`: an archive of what the `initdb` in FOLDER makes, which costs
ten times what unpacking does. Servers that are unpacked from one have the same system identifier.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.built import built

_INITDB = ("-U", "admin", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")


def unpack(programs: Path, data: Path) -> None:
    """Into a new folder, which is its server's user's."""
    command = [sys.executable, "-m", "tests.postgres.initialised", programs]
    made = built("initdb", command, [programs / "initdb", Path(__file__)])
    data.mkdir(mode=0o700)
    if user := ordinary_user():
        shutil.chown(data, user)
    with made.open("rb") as archive:
        subprocess.run(
            ["tar", "-x", "-C", data], stdin=archive, **as_user(data.parent), check=True, capture_output=True
        )


def as_user(folder: Path) -> dict[str, Any]:
    """How a server's programs are started, there."""
    own = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
    user = ordinary_user()
    return own | ({"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {})


def ordinary_user() -> str:
    """PostgreSQL refuses to be root; "" where we are not."""
    return "nobody" if os.geteuid() == 0 else ""


def _make(programs: Path, archive: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if user := ordinary_user():
            shutil.chown(folder, user)
        here = as_user(Path(folder))
        subprocess.run([programs / "initdb", "-D", "data", *_INITDB], **here, check=True, stdout=subprocess.DEVNULL)
        with archive.open("wb") as out:
            subprocess.run(["tar", "-c", "-C", "data", "."], **here, check=True, stdout=out)


if __name__ == "__main__":
    _, programs, _, archive = sys.argv
    _make(Path(programs), Path(archive))
