# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m station` is `station`."""

from __future__ import annotations

from station.cli import main

main()
