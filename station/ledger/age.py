# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembers, beside the ledger, where its audit chain stood: a ledger restored from a backup, or begun anew, calls
READY what is on boards since, and would put it on a second one.
"""

from __future__ import annotations

import os
from pathlib import Path

from station.ledger import audit
from station.ledger.engine import Engine


def remember(connection: Engine) -> None:
    """Called when a ledger is closed. A mark that is behind, after a crash, is still one the chain goes through."""
    with connection.read() as db:
        head = audit.read_head(db).hash
    mark = mark_of(connection.path)
    new = mark.with_name(f"{mark.name}.{connection.session}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(head)
    new.replace(mark)


def forgot_something(connection: Engine) -> bool:
    """Whether this ledger's chain does not go through the remembered line."""
    try:
        head = mark_of(connection.path).read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return False
    with connection.read() as db:
        return bool(head) and not audit.contains(db, head)


def mark_of(ledger: Path) -> Path:
    return ledger.with_name(f".{ledger.name}.head")
