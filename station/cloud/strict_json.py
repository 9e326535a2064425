# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers are hostile until read: strict JSON, and fields taken by name with their type, or CloudGarbled.

An error names the field and the place ("batch 12, page 3, item 7"), never a value: the value may be a secret.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import NoReturn, cast

from station.errors import CloudGarbled

Object = Mapping[str, object]
_DIGITS = re.compile(r"[0-9]{1,15}", re.ASCII)
_ADVICE = "nothing of this answer was stored; try again, and report it to the vendor if it stays"


def garbled(where: str, why: str) -> CloudGarbled:
    return CloudGarbled(f"{where}: {why}", means="the answer cannot be believed", do=_ADVICE)


def parse_object(body: bytes, where: str) -> Object:
    """The one JSON object in `body`: UTF-8, no NaN, no number beyond all numbers, no half character, no key twice."""
    try:
        value = strict(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise garbled(where, "the answer is not JSON") from error
    return as_object(value, where)


def strict(text: str, pairs: Callable[[list[tuple[str, object]]], object] | None = None) -> object:
    """Any JSON value: no NaN, no number beyond all numbers, no half character. ValueError, of which a JSONDecodeError
    says where. `pairs` makes the objects; by default no key may come twice in one."""
    value = json.loads(text, object_pairs_hook=pairs or _no_twins, parse_constant=_no_constant, parse_float=_finite)
    require_whole(value, text)
    return value


def require_whole(value: object, text: str) -> None:
    """ValueError for half a character in what `text` was read as: it has no UTF-8."""
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()


def as_object(value: object, where: str) -> Object:
    if not isinstance(value, dict):
        raise garbled(where, f"an object was expected, not {kind(value)}")
    return cast(Object, value)


def as_list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise garbled(where, f"a list was expected, not {kind(value)}")
    return cast(list[object], value)


def text(table: Object, name: str, where: str) -> str:
    """A required text that is not empty."""
    value = optional_text(table, name, where)
    if not value:
        raise garbled(where, f"“{name}” is missing")
    return value


def optional_text(table: Object, name: str, where: str) -> str:
    """A text, "" when absent or null."""
    value = table.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise garbled(where, f"“{name}” is {kind(value)}, not a text")
    return value


def optional_number(table: Object, name: str, where: str) -> int | None:
    """A whole number of 0 or more, also as digits in a text; None when absent or null."""
    value = table.get(name)
    if value is None:
        return None
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**15:
        raise garbled(where, f"“{name}” is not a whole number")
    return value


def kind(value: object) -> str:
    """The JSON type in words."""
    words = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return words.get(type(value), "a number")


def printable(value: str, most: int = 200) -> str:
    """For texts of the cloud that are shown: one line, printable, short."""
    shown = "".join(character if character.isprintable() else " " for character in value[: most + 1])
    return shown if len(value) <= most else shown[:most] + "…"


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key twice in one object")
    return table


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("not a JSON number")
