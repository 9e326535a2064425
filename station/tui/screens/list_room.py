# SPDX-License-Identifier: GPL-3.0-or-later
"""A room that is one table, read again every so often, with what to do about it above."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult

from station.desk.desk import Grant
from station.tui.say import Say
from station.tui.screens.filtering import FilterRoom
from station.tui.table import Table, TableRecord
from station.words.language import Words

Item = TypeVar("Item")


class ListRoom(FilterRoom, Generic[Item]):
    """`refresh_s`: between two looks. `heads_of`, `source`, `record_of` and `advice` are each list's own."""

    refresh_s: ClassVar[float] = 2.0

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant
        self._items: tuple[Item, ...] = ()

    def heads_of(self, words: Words) -> tuple[str, ...]:
        raise NotImplementedError

    def source(self) -> Callable[[], tuple[Item, ...]]:
        """What is asked for the list, outside the screen's thread."""
        raise NotImplementedError

    def record_of(self, item: Item, words: Words) -> TableRecord:
        raise NotImplementedError

    def advice(self, words: Words) -> str:
        raise NotImplementedError

    def content(self) -> ComposeResult:
        yield Say(self.advice, classes="spaced advice")
        yield Table(self.heads_of)

    def on_mount(self) -> None:
        self.read()
        self.set_interval(self.refresh_s, self.read)

    def read(self) -> None:
        self.poll(self.source(), self._show)

    def _show(self, items: tuple[Item, ...]) -> None:
        self._items = items
        self.query_one(".spaced", Say).say(self.advice)
        self.query_one(".keys", Say).say(self._keys)
        self.reword()

    def reword(self) -> None:
        self.query_one(Table).fill([self.record_of(item, self.words) for item in self._items])

    def chosen(self) -> Item | None:
        key = self.query_one(Table).chosen()
        return next((item for item in self._items if self.record_of(item, self.words).key == key), None)
