# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate flashing station: exactly one cloud identity on each board, proved by readback."""

__version__ = "0.1.0"
