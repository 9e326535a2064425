# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands say in English."""

from __future__ import annotations

from station.words.language import CommandWords

COMMANDS = CommandWords(
    means="means",
    do="do",
    interrupted="interrupted",
    stock_heads=("product", "kind", "state", "identities", "certificates"),
    received="{received} certificates received, {consumed} consumed",
    put_back="put board {uid} back in any slot",
    find_first="first find board {uid}: station stranger list",
    audit_head="audit head {head} ({lines} lines)",
    nothing_in_doubt="nothing is in doubt",
    since="{name}  since {since}: {do}",
    why="  why: {why}",
)
