# SPDX-License-Identifier: GPL-3.0-or-later
"""The station as a systemd service of this PC: its unit, and what systemd says of it."""
