# SPDX-License-Identifier: GPL-3.0-or-later
"""What may stand where a receiver's file is to be, and is none."""

from __future__ import annotations

import os
from pathlib import Path

NO_FILES = ("folder", "pipe", "link")


def put_no_file(what: str, path: Path) -> None:
    """One of these, at `path`; the link leads to `elsewhere` beside it."""
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path.with_name("elsewhere"))
