# SPDX-License-Identifier: GPL-3.0-or-later
"""NVS, the key-value partition of ESP firmware: check, build, read, encrypt. Knows no board and no identity."""

from __future__ import annotations

from station.targets.esp.nvs.build import build
from station.targets.esp.nvs.entry import Entry, EntryKind, faults, name_fault
from station.targets.esp.nvs.kept import Kept
from station.targets.esp.nvs.page import used_extents
from station.targets.esp.nvs.parse import Contents, parse

__all__ = ["Contents", "Entry", "EntryKind", "Kept", "build", "faults", "name_fault", "parse", "used_extents"]
