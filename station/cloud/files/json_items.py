# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON: a list of objects, an API's answer with such a list somewhere in it, or one object a line (JSON lines)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from station.cloud.files.sheets import EXPORT_AGAIN, MAX_CELLS, MAX_COLUMNS, OddText, Sheet, cannot_read
from station.cloud.strict_json import require_whole

_NUMBER = "a number, so that zeros in front or digits at the end may be lost"
_SETS = "pull the batch from its cloud, or import a CSV with the columns NVR and Channel"
_TOTALS = ("total", "totalNum", "totalCount", "count")

Item = dict[str, object]


class _Twice(ValueError):
    """A key twice in one object: which of the two is meant?"""


def read_json(text: str, path: Path, has_headings: Callable[[Sequence[str]], bool]) -> tuple[Sheet, list[str]]:
    """The one list whose objects have the fields, its keys as headings in row 0; and what there is to say of it."""
    try:
        lists = list(_lists(_content(text)))
        nested = _are_nested(lists, has_headings)
    except _Twice as error:
        raise cannot_read(path, f": {error}", EXPORT_AGAIN) from error
    except (ValueError, RecursionError) as error:
        raise cannot_read(path, " is not JSON, or not all of it", "save the whole answer again") from error
    items, around = _the_one(lists, path, has_headings)
    if nested:
        raise cannot_read(path, " holds sets: certificates inside certificates", _SETS)
    keys = _keys(items)
    if len(keys) > MAX_COLUMNS or len(keys) * len(items) > MAX_CELLS:
        raise cannot_read(path, " has too many fields", "split it")
    lines = [(number, [_cell(item.get(key)) for key in keys]) for number, item in enumerate(items, 1)]
    return Sheet(lines=((0, list(keys)), *lines)), _notes(items, around)


def _the_one(
    lists: Sequence[tuple[list[Item], Item]], path: Path, has_headings: Callable[[Sequence[str]], bool]
) -> tuple[list[Item], Item]:
    """The list with the fields; where none has them the longest, so that what it lacks can be said."""
    fitting = [(items, around) for items, around in lists if has_headings(_keys(items))]
    if len(fitting) > 1:
        raise cannot_read(path, f" holds {len(fitting)} lists of certificates", "save each as a file of its own")
    if not fitting and not lists:
        raise cannot_read(path, " holds no list of objects", "save the answer that holds the certificates")
    return fitting[0] if fitting else max(lists, key=lambda found: len(found[0]))


def _are_nested(lists: Sequence[tuple[list[Item], Item]], has_headings: Callable[[Sequence[str]], bool]) -> bool:
    return any(has_headings(_keys(below)) for items, _ in lists for item in items for below in _inside(item))


def _content(text: str) -> object:
    try:
        return _loaded(text)
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines):
            raise
        return [_loaded(line) for line in lines]


def _loaded(text: str) -> object:
    found = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_Exact, parse_int=_Exact)
    require_whole(found, text)
    return found


class _Exact(str):
    """A JSON number as it is written; of any length."""

    __slots__ = ()


def _object(pairs: list[tuple[str, object]]) -> Item:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Twice("a key comes twice in one object")
    return made


def _no_number(_name: str) -> NoReturn:
    raise ValueError("not a JSON number")


def _lists(content: object, around: Item | None = None) -> Iterator[tuple[list[Item], Item]]:
    """Each list of objects that is not inside another one, with the object it stands in."""
    if isinstance(content, list) and content and all(isinstance(item, dict) for item in content):
        yield content, around or {}
    elif isinstance(content, dict):
        for value in content.values():
            yield from _lists(value, content)


def _inside(item: Item) -> Iterator[list[Item]]:
    """What hangs below one certificate."""
    for value in item.values():
        if isinstance(value, dict):
            yield [value]
            yield from _inside(value)
        elif isinstance(value, list):
            for inner in value:
                if isinstance(inner, dict):
                    yield [inner]
                    yield from _inside(inner)


def _keys(items: Sequence[Item]) -> list[str]:
    return list(dict.fromkeys(str(key) for item in items for key in item))


def _cell(value: object) -> str:
    if isinstance(value, _Exact):
        return OddText(value, _NUMBER)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return OddText(str(value).lower(), "true or false, not a text")
    return OddText("…", "a list or an object, not a text") if value else ""


def _notes(items: Sequence[Item], around: Item) -> list[str]:
    """An answer may be one page of several: that is no fault of the file, and easily forgotten."""
    for key in _TOTALS:
        total = around.get(key)
        if isinstance(total, _Exact) and total.isdigit() and total != str(len(items)):
            return [f"the answer holds {len(items)} of {total}: it is one page of several"]
    return []
