# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's card in English."""

from __future__ import annotations

from types import MappingProxyType

from station.events import SlotState
from station.words.card_words import CardWords, TileWords

CARD = CardWords(
    title="At the bench",
    subtitle="Plug a board in, wait for the large word, do what the tile says.",
    tiles=MappingProxyType(
        {
            SlotState.EMPTY: TileWords("nothing is plugged in", "Put a board in"),
            SlotState.READY: TileWords(
                "the board is about to begin, or its label or serial number is asked for",
                "Wait, or scan what the tile asks for",
            ),
            SlotState.BUSY: TileWords(
                "it is being written and read back", "Hands off; off and on only if the tile asks"
            ),
            SlotState.PASS: TileWords("written, restarted, read back, equal", "Take it out: good"),
            SlotState.ALREADY_DONE: TileWords(
                "it had its certificate before; nothing was written", "Take it out: good"
            ),
            SlotState.FAIL: TileWords("the board failed", "Do as the tile says; red bin only if it says so"),
            SlotState.IN_DOUBT: TileWords(
                "it was pulled, or the power went, while it was written", "Put this very board back, in any slot"
            ),
            SlotState.WAITING: TileWords(
                "something that is not the board’s fault keeps it waiting",
                "Do what the tile says; it goes on by itself",
            ),
            SlotState.NO_STOCK: TileWords("no certificate is left for it", "Leave it in, tell the supervisor"),
            SlotState.LOCKED: TileWords("too many failures in a row, or an alarm", "Call the supervisor"),
        }
    ),
    named="{tile}: {means}",
    heads=("tile", "what it means", "what to do"),
    alarm="ALARM on the whole screen: stop, touch no board, call the supervisor.",
    rules=(
        "Never pull a board that is BUSY.",
        "A board in doubt never goes to the good ones: its number is on the tile, put that one back.",
        "F1: what a code means · F2: 中文 / English · Scan your badge when you begin",
    ),
    written="{path} is written: open it in a browser and print it on one page of A4",
)
