# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated board's storage belongs to one board: a note beside the file says to which.

Without it a new uid on an old file would be a board that carries another one's identity, and a false clone alarm.
"""

from __future__ import annotations

from pathlib import Path


def claim(storage: Path, board: str) -> None:
    """`board`: its kind and uid. ValueError when the file is another board's; a file without a note is taken over."""
    note = storage.with_name(storage.name + ".board")
    if storage.exists() and note.exists():
        owner = note.read_text().strip()
        if owner != board:
            raise ValueError(f"{storage} belongs to {owner}, not to {board}: use that one, or another file")
        return
    note.write_text(board + "\n")
