# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a person will be asked for a passphrase, before anything is loaded that could use it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path


def is_asked_for(path: Path) -> bool:
    """Whether the key in a file, or the one that waits to take its place, rests behind a passphrase. False for what is
    no key file, which `keys.open_vault` says.
    """
    return "scrypt" in map(_wrap, (path, next_of(path)))


def next_of(path: Path) -> Path:
    """Where a rotated key waits until the ledger is sealed with it."""
    return path.with_name(f"{path.name}.next")


def _wrap(path: Path) -> str:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(path.read_bytes())["wrap"])
    return ""
