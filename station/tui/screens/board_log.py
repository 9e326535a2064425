# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of one board, or of the last boards in a slot: each step with its time, newest at the end, and what a code
means below.
"""

from __future__ import annotations

from textual.app import ComposeResult

from station.codes import Code
from station.tui.screens.filtering import FilterRoom
from station.tui.table import Table, TableRecord
from station.words.board_log import log_lines
from station.words.figures import instant
from station.words.language import Words
from station.words.manual import page_lines
from station.words.past import PastLine

_Past = tuple[str, tuple[PastLine, ...]]
"""The board whose log it is, "" where it is of several, and what is told of it."""


class BoardLog(FilterRoom):
    """`name`: a certificate, a board or a label, as the search takes it; or else of the `slot`."""

    def __init__(self, name: str = "", *, slot: str = "") -> None:
        super().__init__()
        self._whose, self._slot = name, slot
        self._past: _Past = "", ()
        self._codes: dict[str, Code | None] = {}

    def title_phrase(self, words: Words) -> str:
        return words.office.log_of.format(what=self._whose or words.past.slot.format(slot=self._slot))

    def content(self) -> ComposeResult:
        yield Table(_heads)

    def on_mount(self) -> None:
        self.look(self._read, self._show)

    def _read(self) -> _Past:
        if self._slot:
            return "", self.desk.last_in(self._slot)
        found = self.desk.search(self._whose)
        return found.uid, found.lines

    def _show(self, told: _Past) -> None:
        self._past = told
        self.reword()
        self.table.move_cursor(row=self.table.row_count - 1)

    def reword(self) -> None:
        board, told = self._past
        lines = log_lines(told, self.words, board)
        self._codes = {line.key: line.code for line in lines}
        self.table.fill(
            [TableRecord(one.key, (instant(one.at), one.slot, one.event, one.name, one.evidence)) for one in lines]
        )

    def more(self, words: Words) -> str:
        """What the code of the line means, and who does what."""
        code = self._codes.get(self.table.chosen() or "")
        return "\n".join(page_lines(code, words)) if code else ""


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.when, text.slot, text.event, text.name, text.evidence
