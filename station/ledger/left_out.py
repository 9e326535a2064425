# SPDX-License-Identifier: GPL-3.0-or-later
"""What a camera means to its NVR, as conditions of SQL about the identity under an alias."""

from __future__ import annotations


def left_out(camera: str) -> str:
    """Retired, and by a supervisor's word the NVR goes out without it."""
    return f"({camera}.state = 'RETIRED' AND EXISTS (SELECT 1 FROM cameras_left_out WHERE camera = {camera}.id))"


def pending(camera: str) -> str:
    """It holds its NVR back."""
    return f"({camera}.state <> 'CONSUMED' AND NOT {left_out(camera)})"
