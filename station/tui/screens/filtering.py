# SPDX-License-Identifier: GPL-3.0-or-later
"""A room with a list: what is typed narrows it, → and ← sort it, a pane below says more of the row under the cursor.

A scanner types too. Enter on what fits a row opens that row; what fits none, a badge and the confirm barcode are scans.
"""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.widgets import DataTable

from station.people.badge import BADGE
from station.tui.say import Say
from station.tui.scanner import CONFIRM_BARCODE, MAX_LENGTH
from station.tui.screens.room import Room
from station.tui.table import Table
from station.words.language import Words

_ROWS_FOR_MORE = 30  # of a screen that has some to spare for the pane


class FilterRoom(Room):
    """Esc takes the filter away first, and leaves then."""

    takes_scans = False

    def __init__(self) -> None:
        super().__init__()
        self._typed = ""
        self._entered = False  # the next letter begins another filter

    @property
    def table(self) -> Table:
        return self.query(Table).first()

    def more(self, words: Words) -> str:  # noqa: ARG002 - the rooms that have something to say use it
        """Of the row under the cursor, for the pane."""
        return ""

    def narrow(self, text: str) -> None:
        """Shows what fits `text`."""
        self.table.narrow(text)

    def sorted_anew(self) -> None:
        """The table has another order: a room that shows a part of its list asks for that part."""

    def fits_none(self, text: str) -> bool:  # noqa: ARG002 - a list that is not all here looks elsewhere
        """Whether no row is left, so that what was typed was no filter."""
        return not self.table.row_count

    def title_aside(self, words: Words) -> str:
        if self._typed:
            return words.of(words.office.filter_by, f"{self._typed}▌")
        keys = super().title_aside(words), words.office.type_to_filter, words.office.sort_keys
        return "    ".join(key for key in keys if key)

    def below(self) -> ComposeResult:
        yield Say(self._more, id="more")

    def _more(self, words: Words) -> str:
        return self.more(words) if self.app.size.height >= _ROWS_FOR_MORE else ""

    def on_data_table_row_highlighted(self, _: DataTable.RowHighlighted) -> None:
        self.query_one("#more", Say).reword()

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """A click on a column's title."""
        self.table.sort_by(event.column_index)
        self.sorted_anew()

    def took(self, key: events.Key) -> bool:
        if key.key in ("left", "right"):
            self.table.sort_on(anew=key.key == "right")
            self.sorted_anew()
            return True
        return (bool(self._typed) and self._changed_by(key)) or self._lengthened_by(key)

    def _changed_by(self, key: events.Key) -> bool:
        """What is typed already is taken away, shortened or done."""
        match key.key:
            case "escape":
                self._filter("")
            case "backspace":
                self._filter(self._typed[:-1])
            case "enter" | "tab" if not self._entered:
                self._enter(self._typed.strip())
            case _:
                return False
        return True

    def _lengthened_by(self, key: events.Key) -> bool:
        character, before = key.character or "", "" if self._entered else self._typed
        stray = character == " " and not before
        if not character.isprintable() or not character or stray or key.key.startswith(("ctrl+", "alt+")):
            return False
        self._filter((before + character)[:MAX_LENGTH])
        return True

    def _enter(self, text: str) -> None:
        self._entered = True
        if text == CONFIRM_BARCODE or BADGE.fullmatch(text) or self.fits_none(text):
            self._filter("")
            self.scanned(text)
        else:
            self.table.action_select_cursor()

    def _filter(self, text: str) -> None:
        self._typed, self._entered = text, False
        self.narrow(text)
        self.query_one(".title", Say).reword()
        self.query_one("#more", Say).reword()
