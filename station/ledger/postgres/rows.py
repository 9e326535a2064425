# SPDX-License-Identifier: GPL-3.0-or-later
"""Values and rows as the ledger's statements expect them: a flag is 0 or 1, a text is a text whatever it is compared
with, a sum is a whole number, and a row is read by name or by place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg.adapt import Buffer, Loader
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper


class NamedRow:
    """As `transaction.Row`. Of two columns with one name, the first is found."""

    __slots__ = ("_places", "_values")

    def __init__(self, places: dict[str, int], values: Sequence[Any]) -> None:
        self._places, self._values = places, values

    def __getitem__(self, key: Any) -> Any:
        return self._values[self._places[key] if isinstance(key, str) else key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> list[str]:
        return list(self._places)


class _AskedDumper(StrDumper):
    """What is looked for may come from a board, and hold NUL, which no text on a server does: it is found nowhere, as
    no name has an unseen character."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\1"))


class _FlagDumper(Int8Dumper):
    def dump(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"


class _WholeLoader(Loader):
    """What `sum` makes of whole numbers is a NUMERIC, and whole."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


def named(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], NamedRow]:
    """psycopg's row factory."""
    places: dict[str, int] = {}
    if (result := cursor.pgresult) is not None:
        for place in range(result.nfields):
            places.setdefault((result.fname(place) or b"").decode(), place)
    return lambda values: NamedRow(places, values)


def adapt(db: psycopg.Connection[Any]) -> None:
    """Of this connection alone."""
    db.adapters.register_dumper(str, StrDumper)
    db.adapters.register_dumper(bool, _FlagDumper)
    db.adapters.register_loader("numeric", _WholeLoader)


def look_for_anything(db: psycopg.Connection[Any]) -> None:
    """Of this connection, which only reads."""
    db.adapters.register_dumper(str, _AskedDumper)
