# SPDX-License-Identifier: GPL-3.0-or-later
"""Each event as one row of a table of the factory's own, its id the primary key: told again, it is there already.

A table that is missing is made. One that has other columns, or a role that may not make it, is said, with the CREATE
TABLE to be run there. What the table itself refuses of one event, by a rule or a type, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from station.errors import StationFault
from station.outbox.event import Event
from station.outbox.receiver import EventRefused, deaf

COLUMNS: Final = {
    "id": "TEXT PRIMARY KEY",
    "number": "BIGINT NOT NULL",
    "began": "{moment} NOT NULL",
    "ended": "{moment} NOT NULL",
    "seconds": "DOUBLE PRECISION NOT NULL",
    "bench": "TEXT NOT NULL",
    "slot": "TEXT NOT NULL",
    "uid": "TEXT",
    "serial": "TEXT",
    "product": "TEXT",
    "device": "TEXT",
    "batch": "TEXT",
    "work_order": "TEXT",
    "profile": "TEXT",
    "outcome": "TEXT NOT NULL",
    "code": "TEXT",
    "attempt": "INTEGER",
    "proof": "TEXT",
    "event": "{json} NOT NULL",
}
"""Of a table that is made here; one that is there already may have other types, and more columns."""
_FIELDS: Final = {"work_order": "order"}
"""The event's field of a column, where that is called otherwise: `order` is a word of SQL."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class TableMissing(Exception):
    """It is not there."""


class RowRefused(Exception):
    """The table does not take this row; the text says by what kind of rule."""


class TableBroken(Exception):
    """Nothing can be written there now; the text says why. `is_otherwise`: the table is not as it must be."""

    def __init__(self, why: str, *, is_otherwise: bool = False) -> None:
        super().__init__(why)
        self.is_otherwise = is_otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class TableWords:
    """`mark`: what stands for a value; `types`: what the database calls a moment, and JSON."""

    mark: str
    types: Mapping[str, str]


class TableLink(Protocol):
    """A connection to a database. Each statement is on its disk when it returns, or raises one of the three above."""

    def run(self, sql: str, values: Sequence[object] = ()) -> None: ...

    def close(self) -> None:
        """Never raises."""


@dataclass(slots=True, kw_only=True)
class TableReceiver:
    """`where`: the database, for people; `connect` raises TableBroken."""

    name: str
    where: str
    table: str
    words: TableWords
    connect: Callable[[], TableLink]
    since: float | None = None
    _link: TableLink | None = field(default=None, init=False)

    def deliver(self, event: Event) -> None:
        try:
            link = self._link = self._link or self.connect()
            insert, values = _insert(self.table, self.words.mark), _values(event)
            try:
                link.run(insert, values)
            except TableMissing:
                self._make(link)
                link.run(insert, values)
        except RowRefused as why:
            raise EventRefused(f"table {self.table} of {self.where}: {why}") from None
        except TableBroken as why:
            self.close()
            raise self._deaf(str(why), otherwise=why.is_otherwise) from None
        except TableMissing:  # it went again at once
            raise self._deaf("it is not there", otherwise=True) from None

    def look(self) -> None:
        """Whether it can be reached, and is as it must be where it is there; no table is made."""
        try:
            link = self.connect()
            try:
                link.run(f"SELECT {', '.join(COLUMNS)} FROM {quoted(self.table)} LIMIT 0")
            finally:
                link.close()
        except TableMissing:
            return
        except TableBroken as why:
            raise self._deaf(str(why), otherwise=why.is_otherwise) from None

    def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _make(self, link: TableLink) -> None:
        try:
            link.run(creation(self.table, self.words))
        except RowRefused:  # another bench made it at this moment
            return
        except TableBroken as why:
            raise TableBroken(f"it is not there, and cannot be made: {why}", is_otherwise=True) from None

    def _deaf(self, why: str, *, otherwise: bool) -> StationFault:
        do = "see whether that database runs, is reached, and lets this role write"
        if otherwise:
            do = f"run there: {creation(self.table, self.words)}"
        return deaf(f"table {self.table} of {self.where}: {why}", do)


def is_name(text: str, *, parts: int) -> bool:
    """Of a table; `parts`: with its schema at most so many."""
    names = text.split(".")
    return len(names) <= parts and all(_NAME.fullmatch(name) for name in names)


def quoted(table: str) -> str:
    """Whatever words the database has for itself."""
    return ".".join(f'"{name}"' for name in table.split("."))


def creation(table: str, words: TableWords) -> str:
    columns = ", ".join(f"{name} {kind.format_map(words.types)}" for name, kind in COLUMNS.items())
    return f"CREATE TABLE IF NOT EXISTS {quoted(table)} ({columns})"


def _insert(table: str, mark: str) -> str:
    return (
        f"INSERT INTO {quoted(table)} ({', '.join(COLUMNS)}) VALUES ({', '.join([mark] * len(COLUMNS))})"
        " ON CONFLICT (id) DO NOTHING"
    )


def _values(event: Event) -> list[object]:
    content = {**event.content, "event": event.encoded().decode()}
    return [content[_FIELDS.get(column, column)] for column in COLUMNS]
