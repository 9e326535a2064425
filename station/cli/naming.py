# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.codes import Code
from station.errors import ConfigError

if TYPE_CHECKING:
    from station.ledger.store import Ledger
    from station.model import CertName


def one_certificate(ledger: Ledger, name: str) -> CertName:
    """By deviceName, or productKey/deviceName. ConfigError E116 when it is none, or not one."""
    device = name.rpartition("/")[2]
    found = [row.name for row in ledger.certificates.search(name) if device == row.name.device_name]
    if len(found) != 1:
        known = ", ".join(map(str, found)) or "none"
        raise ConfigError(f"{name} is not one certificate ({known})", do="write productKey/deviceName", code=Code.E116)
    return found[0]


def require_reason(reason: str, example: str) -> str:
    """What was said, without blanks around it. ConfigError E116 when nothing was."""
    if not reason.strip():
        raise ConfigError("a reason is needed", do=f"--reason '{example}'", code=Code.E116)
    return reason.strip()
