# SPDX-License-Identifier: GPL-3.0-or-later
"""A line below the certificates that says how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from station.cloud.files.cells import meant

_WORDS = ("合计", "总计", "总数", "共计", "小计", "total", "sum", "count")


def total_line(cells: Sequence[str], secret_column: int) -> list[int] | None:
    """The numbers that a total line says; None when it is no such line."""
    first = next((text for cell in cells if (text := meant(cell)[0])), "")
    if not first.lower().startswith(_WORDS):
        return None
    texts = [meant(cell)[0] for cell in cells]
    if secret_column < len(texts) and _is_secret(texts[secret_column]):
        return None
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 9]


def _is_secret(text: str) -> bool:
    return bool(text) and not text.isdigit()
