# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bench is known by in a line's ledger: a number of its own in its state folder, whatever it is called now, and
wherever the line's server is: its slots' locks and what they owe stand under that number.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from station.codes import Code
from station.config.server_url import MARK
from station.errors import ConfigError
from station.whole import write_new

_DIGITS = 16


def known_as(path: Path) -> str:
    """Sixteen hexadecimal digits, made the first time; under a new URL those of before. Two first starts at once agree:
    a file is linked in whole."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        write_new(new, _of_before(path) or secrets.token_hex(_DIGITS // 2))
        with suppress(FileExistsError):
            path.hardlink_to(new)
        new.unlink()
    found = _number_in(path)
    if not found:
        raise ConfigError(
            f"{path} does not hold what this bench is known by in the line’s ledger",
            do="remove it: the next command makes another one",
            code=Code.E115,
        )
    return found


def _of_before(path: Path) -> str:
    """The number that this bench had last, under another URL; ""."""
    others = sorted(path.parent.glob(f"*{MARK}"), key=lambda other: other.stat().st_mtime, reverse=True)
    return next(filter(None, map(_number_in, others)), "")


def _number_in(path: Path) -> str:
    found = path.read_text("ascii", errors="replace").strip()
    return found if len(found) == _DIGITS and not set(found) - set("0123456789abcdef") else ""
