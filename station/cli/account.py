# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose account of this PC a command runs under: who did it, where no badge and no PIN says more."""

from __future__ import annotations

import os
import pwd


def account() -> str:
    """Its name; its number where it has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
