# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches from the cloud: how much is here, pulling, its rate and time left; stop and resume. The slots work on."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from station.desk.desk import Batch, Grant, ProfileRow
from station.guide.asker import Asker, Phrase
from station.guide.ordering import ask_for_order
from station.tui.say import Say
from station.tui.screens.batch_number import BatchNumber
from station.tui.screens.batch_paper import BatchPaper
from station.tui.screens.filtering import FilterRoom
from station.tui.screens.let_back import ask_to_let_batch_back
from station.tui.screens.sure import Sure
from station.tui.table import Table, TableRecord
from station.words.figures import span
from station.words.language import Words
from station.words.told import headline

REFRESH_S = 0.5
_BAR = 10


class BatchesScreen(FilterRoom):
    """Enter pulls the batch under the cursor, or stops it; F4 or a scan pulls one that was made elsewhere."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "number"),
        Binding("f5", "ask_again"),
        Binding("f6", "report"),
        Binding("f7", "let_back"),
        Binding("f8", "order"),
    ]

    def __init__(self, grant: Grant, product_key: str = "") -> None:
        super().__init__()
        self._grant = grant
        self._product = product_key  # "": of all products
        self._batches: dict[str, Batch] = {}

    def title_phrase(self, words: Words) -> str:
        return "   ".join(part for part in (words.office.batches, self._product) if part)

    def keys_phrase(self, words: Words) -> str:
        return f"{words.office.pull}    {words.office.pull_number}    {words.office.report}"

    def content(self) -> ComposeResult:
        yield Table(_heads)
        yield Say(self._way_back, id="way-back", classes="keys")

    def on_mount(self) -> None:
        self._read()
        self.set_interval(REFRESH_S, self._read)

    def reword(self) -> None:
        self._show(tuple(self._batches.values()))

    def fits_none(self, text: str) -> bool:
        """A whole number is asked about, be it a scan or typed: it is not pulled because its row was left alone."""
        return text in self._batches or super().fits_none(text)

    def _read(self) -> None:
        self.poll(self.desk.batches, self._show)

    def _show(self, batches: tuple[Batch, ...]) -> None:
        self._batches = {batch.batch_id: batch for batch in batches if self._product in ("", batch.product_key)}
        self.query_one(Table).fill([_record(batch, self.words) for batch in self._batches.values()])
        self.query_one("#way-back", Say).say(self._way_back)

    def _way_back(self, words: Words) -> str:
        """The order's key, and those that are of use only where something is withheld."""
        withheld = any(batch.withheld for batch in self._batches.values())
        keys = (words.guide.order_key, *((words.office.ask_again, words.office.let_back) if withheld else ()))
        return "    ".join(keys)

    def action_number(self) -> None:
        def numbered(number: str | None) -> None:
            if number:
                self._pull(number)

        self.app.push_screen(BatchNumber(), numbered)

    def action_order(self) -> None:
        """What was ordered is pulled at once. The product is the one under the cursor, or the profile's. It is
        gone through where this room has been left meanwhile, too."""
        desk, grant, chosen = self.desk, self._grant, self._batches.get(self.query_one(Table).chosen() or "")
        known = self._product or (chosen.product_key if chosen else "")

        def dialogue(asker: Asker) -> Phrase:
            product = known or _made_here(desk.profiles())
            made = ask_for_order(asker, desk, product_key=product, supervisor=grant.name)
            for batch_id in made:
                desk.start_pull(grant, batch_id)
            return lambda words: words.guide.ordered.format(batches=", ".join(made)) if made else ""

        self.host.converse(lambda words: words.guide.order, dialogue)

    def label_scanned(self, text: str) -> None:
        """A batch that was made elsewhere, to be looked at before it is pulled."""

        def sure(yes: Literal[True] | None) -> None:
            if yes:
                self._pull(text)

        question = Sure(lambda words: words.office.pull_sure, lambda words: words.office.sure_keys, about=text)
        self.app.push_screen(question, sure)

    def _pull(self, number: str) -> None:
        self.ask(lambda: self.desk.start_pull(self._grant, number, self._product))

    def action_report(self) -> None:
        if batch_id := self.query_one(Table).chosen():
            self.app.push_screen(BatchPaper(batch_id))

    def action_ask_again(self) -> None:
        """About all of a batch, also what is here: what came into use elsewhere, and what did not."""
        batch = self._batches.get(self.query_one(Table).chosen() or "")
        if batch and batch.pullable and not batch.pulling:
            self.ask(lambda: self.desk.start_pull(self._grant, batch.batch_id, batch.product_key, recheck=True))

    def action_let_back(self) -> None:
        if batch_id := self.query_one(Table).chosen():
            ask_to_let_batch_back(self, self._grant, batch_id, self._read)

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        batch = self._batches.get(self.query_one(Table).chosen() or "")
        if batch is None:
            return
        if batch.pulling:
            self.ask(lambda: self.desk.stop_pull(self._grant, batch.batch_id))
        elif batch.pullable:
            self.ask(lambda: self.desk.start_pull(self._grant, batch.batch_id, batch.product_key))


def _made_here(profiles: tuple[ProfileRow, ...]) -> str:
    """ "" where it can be several."""
    products = next((profile.products for profile in profiles if profile.in_use), ())
    return products[0] if len(products) == 1 else ""


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.batch, text.state, text.pulled, "", text.rate, text.time_left, text.product


def _record(batch: Batch, words: Words) -> TableRecord:
    text = words.office
    share = batch.pulled / batch.total if batch.total else 0.0
    full = round(share * _BAR)
    moving = batch.pulling
    cells = (
        batch.batch_id,
        _state(batch, words),
        f"{batch.pulled} / {batch.total or '?'}",
        f"{'█' * full}{'░' * (_BAR - full)} {share:4.0%}",
        text.per_second.format(n=round(batch.rate)) if moving else text.none,
        span(batch.seconds_left, words) if moving else text.none,
        batch.product_key,
    )
    return TableRecord(batch.batch_id, cells)


def _state(batch: Batch, words: Words) -> str:
    text = words.office
    if batch.pulling:
        return text.pulling
    if batch.trouble:
        return headline(batch.trouble, words)
    if not batch.total or batch.pulled < batch.total:
        return text.stopped if batch.pulled else text.waiting
    aside = ((text.withheld, batch.withheld), (text.left_out, batch.left_out))
    return words.marks.comma.join([text.complete, *(phrase.format(n=count) for phrase, count in aside if count)])
