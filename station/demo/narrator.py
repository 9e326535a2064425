# SPDX-License-Identifier: GPL-3.0-or-later
"""What a demo says on the way, in the language of whoever runs it."""

from __future__ import annotations

from station.bench import lines
from station.words.details import said
from station.words.language import Words


class Narrator:
    def __init__(self, words: Words) -> None:
        self.words = words

    def say(self, text: str) -> None:
        lines.say(said(text, self.words))
