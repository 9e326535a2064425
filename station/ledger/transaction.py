# SPDX-License-Identifier: GPL-3.0-or-later
"""What a transaction gives to work with, by the names they have here: `execute`, and rows by name or place.

They are SQLite's own. Another engine brings objects that do the same.
"""

from __future__ import annotations

import sqlite3

Transaction = sqlite3.Connection
Row = sqlite3.Row
