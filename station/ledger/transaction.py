# SPDX-License-Identifier: GPL-3.0-or-later
"""What a transaction gives to work with, by the names they have here: `execute`, and rows by name or place.

SQLite's own objects are such, PostgreSQL's are made so. Statements are of the subset that both speak, with `?` or
`:name` where values go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Values = Sequence[Any] | Mapping[str, Any]


class Row(Protocol):
    """By column name or by place; `tuple(row)` and `dict(row)` work."""

    def __getitem__(self, key: Any, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def keys(self) -> Iterable[str]: ...


class Cursor(Protocol):
    """What a statement answers."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """Where the next line of an audit chain goes: its number, and the hash of the line before it, None for the first.
    Numbers are the ledger's, and grow within a chain."""

    seq: int
    previous: str | None


class Statements(Protocol):
    """What takes statements, in a transaction or not."""

    def execute(self, sql: str, values: Values = ..., /) -> Cursor: ...
    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> object: ...


class Transaction(Statements, Protocol):
    """Inside `Engine.read` or `Engine.write`."""

    @property
    def chain(self) -> str:
        """The audit chain that this bench's lines go to: its own in a ledger of many benches, "" in a file."""

    def foot(self, chain: str, /) -> Foot:
        """Asked once for each line, which must then be written: another one may have the number after it."""
