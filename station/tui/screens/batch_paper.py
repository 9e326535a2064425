# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a batch: what came, what became of it, on how many boards, and the audit head that pins it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from station.report.batch import BatchReport
from station.tui.say import Say
from station.tui.screens.room import Room
from station.words.language import Words
from station.words.paper import batch_text


class BatchPaper(Room):
    """F7 saves it. A large batch takes seconds to count; the slots go on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f7", "save")]

    def __init__(self, batch_id: str) -> None:
        super().__init__()
        self._batch_id = batch_id
        self._report: BatchReport | None = None

    def title_phrase(self, words: Words) -> str:
        return f"{words.office.batch} {self._batch_id}"

    def keys_phrase(self, words: Words) -> str:
        return words.office.save

    def content(self) -> ComposeResult:
        yield Say(id="saved", classes="warn")
        yield VerticalScroll(Say(self._text, id="report"))

    def on_mount(self) -> None:
        desk, batch_id = self.desk, self._batch_id
        self.look(lambda: desk.batch_report(batch_id), self._show)

    def _show(self, report: BatchReport) -> None:
        self._report = report
        self.query_one("#report", Say).reword()

    def action_save(self) -> None:
        desk, batch_id = self.desk, self._batch_id

        def saved(path: str) -> None:
            self.query_one("#saved", Say).say(lambda words: words.office.saved.format(path=path))

        self.ask(lambda: desk.save_batch(batch_id), saved)

    def _text(self, words: Words) -> str:
        if self._report is None:
            return words.office.counting
        return "\n".join([batch_text(self._report, words), *self._by_command(self._report, words)])

    def _by_command(self, report: BatchReport, words: Words) -> list[str]:
        """What a person decides about this batch in a terminal."""
        odd = [words.office.by_odd] if report.odd else []
        left = [words.office.by_orphans, words.office.by_reset] if report.registered else []
        return [line.format(batch=report.batch_id, product=report.product_key) for line in [*odd, *left]]
