# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches from the cloud: how much is here, pulling, its rate and time left; stop and resume. The slots work on."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import DataTable

from station.tui.desk import Batch, Grant
from station.tui.figures import span
from station.tui.screens.room import Room
from station.tui.table import Record, Table
from station.tui.words.language import Words

REFRESH_S = 0.5
_BAR = 20


class Batches(Room):
    """Enter pulls the batch under the cursor, or stops it; a number that is typed or scanned is pulled."""

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant
        self._batches: dict[str, Batch] = {}

    def title_phrase(self, words: Words) -> str:
        return words.office.batches

    def keys_phrase(self, words: Words) -> str:
        return words.office.pull

    def content(self) -> ComposeResult:
        yield Table(_heads)

    def on_mount(self) -> None:
        self._read()
        self.set_interval(REFRESH_S, self._read)

    def reword(self) -> None:
        self._show(tuple(self._batches.values()))

    def _read(self) -> None:
        self.ask(self.desk.batches, self._show)

    def _show(self, batches: tuple[Batch, ...]) -> None:
        self._batches = {batch.batch_id: batch for batch in batches}
        self.query_one(Table).fill([_record(batch, self.words) for batch in batches])

    def scanned(self, text: str) -> None:
        """A batch that was made elsewhere: its number, typed or scanned."""
        self.ask(lambda: self.desk.start_pull(self._grant, text))

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        batch = self._batches.get(self.query_one(Table).chosen() or "")
        if batch is None:
            return
        act = self.desk.stop_pull if batch.pulling else self.desk.start_pull
        self.ask(lambda: act(self._grant, batch.batch_id))


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.batch, text.product, text.pulled, "", text.rate, text.time_left, text.state


def _record(batch: Batch, words: Words) -> Record:
    text = words.office
    share = batch.pulled / batch.total if batch.total else 0.0
    full = round(share * _BAR)
    moving = batch.pulling
    cells = (
        batch.batch_id,
        batch.product_key,
        f"{batch.pulled} / {batch.total or '?'}",
        f"{'█' * full}{'░' * (_BAR - full)} {share:4.0%}",
        text.per_second.format(n=round(batch.rate)) if moving else text.none,
        span(batch.seconds_left, words) if moving else text.none,
        _state(batch, words),
    )
    return Record(batch.batch_id, cells)


def _state(batch: Batch, words: Words) -> str:
    text = words.office
    if batch.pulling:
        return text.pulling
    if batch.trouble:
        known = words.code(batch.trouble)
        return f"{batch.trouble} {known.what}" if known else batch.trouble
    if batch.total and batch.pulled >= batch.total:
        return text.complete
    return text.stopped if batch.pulled else text.waiting
