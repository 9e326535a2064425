# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud's products, with what is left of each; Enter goes on to a product's batches."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import DataTable

from station.cloud.values import ProductState
from station.desk.desk import Grant, ProductRow, ProductStock
from station.model import State
from station.tui.say import Say
from station.tui.screens.batches import BatchesScreen
from station.tui.screens.filtering import FilterRoom
from station.tui.table import Table, TableRecord
from station.words.language import Words
from station.words.told import headline

_SHOWN = (State.READY, State.CONSUMED, State.IN_DOUBT, State.WITHHELD)


class ProductsRoom(FilterRoom):
    """Read only."""

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant
        self._products: ProductStock | None = None  # until the cloud has answered, or has not

    def title_phrase(self, words: Words) -> str:
        return words.office.products

    def keys_phrase(self, words: Words) -> str:
        return words.office.open_set

    def content(self) -> ComposeResult:
        yield Say(self._cloud, id="cloud", classes="warn")
        yield Table(_heads)

    def on_mount(self) -> None:
        self.look(self.desk.products, self._show, outside=True)

    def _show(self, products: ProductStock) -> None:
        self._products = products
        self.query_one("#cloud", Say).say(self._cloud)
        self.reword()

    def reword(self) -> None:
        rows = self._products.rows if self._products else ()
        self.query_one(Table).fill([_record(row, self.words) for row in rows])

    def _cloud(self, words: Words) -> str:
        if self._products is None:
            return words.office.asking_cloud
        trouble = self._products.trouble
        return headline(trouble.code, words) if trouble else ""

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        if key := self.query_one(Table).chosen():
            self.app.push_screen(BatchesScreen(self._grant, key))


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return (text.product, text.name, text.state, *(words.ledger[state] for state in _SHOWN), text.kind)


def _record(row: ProductRow, words: Words) -> TableRecord:
    stock = (str(row.stock.get(state, 0)) for state in _SHOWN)
    return TableRecord(row.product_key, (row.product_key, row.name, _state(row, words), *stock, row.kind))


def _state(row: ProductRow, words: Words) -> str:
    text = words.office
    named = {ProductState.PUBLISHED: text.published, ProductState.DEVELOPING: text.developing}
    return named.get(row.state, text.none) if row.state else text.none
