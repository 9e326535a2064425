# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate a person means."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from station.cli.asking import ask_text
from station.codes import Code
from station.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from station.ledger.store import Ledger
    from station.model import CertName


def one_certificate(ledger: Ledger, name: str) -> CertName:
    """By deviceName, or productKey/deviceName. ConfigError E116 when it is none, or not one."""
    from station.desk.searching import unknown

    device = name.rpartition("/")[2]
    found = [row.name for row in ledger.certificates.search(name) if device == row.name.device_name]
    if not found:
        raise unknown(ledger, name)
    if len(found) != 1:
        known = ", ".join(map(str, found))
        raise ConfigError(f"{name} is not one certificate ({known})", do="write productKey/deviceName", code=Code.E116)
    return found[0]


def require_reason(reason: str, example: str) -> str:
    """What was said, without blanks around it. ConfigError E116 when nothing was."""
    if not reason.strip():
        raise ConfigError("a reason is needed", do=f"--reason '{example}'", code=Code.E116)
    return reason.strip()


def require_named_again(word: str, name: str, confirmed: str) -> None:
    """What cannot be undone in a cloud is named twice: typed on a terminal, or behind --confirm. UsageError."""
    if not confirmed and sys.stdin.isatty():
        confirmed = ask_text(f"To {word} it in the cloud, type the name again: {name}")
    if confirmed != name:
        raise UsageError(
            f"to {word} {name} in the cloud, it is named twice",
            means="nothing was sent",
            do=f"if it is meant: --confirm {name}",
        )
