# SPDX-License-Identifier: GPL-3.0-or-later
"""One odd item stops nothing: a page's items one by one, those that can be believed and those that are set aside; and
the labels of what is only shown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from station.cloud.kept_answer import kept_item
from station.cloud.limits import LIMITS
from station.cloud.strict_json import Object, as_list, as_object, optional_text, printable
from station.cloud.values import Odd
from station.errors import CloudGarbled
from station.model import Identity, Provider

_YEAR_9999_MS = 253_402_300_799_000


def sift(
    listed: object, read: Callable[[Object, str], Identity], named: Callable[[object], str], where: str
) -> tuple[tuple[Identity, ...], tuple[Odd, ...]]:
    """What can be believed, in order and once, and what cannot. `named`: the public name of what an item is about, ""
    when it does not say so in a form that can be shown. No list means none; CloudGarbled for what is no list.
    """
    kept: dict[Identity, None] = {}
    odd: dict[str, Odd] = {}
    for index, item in enumerate(as_list([] if listed is None else listed, where), 1):
        place = f"{where}, item {index}"
        try:
            kept[read(as_object(item, place), place)] = None
        except CloudGarbled as error:
            found = _odd(item, named(item), place, error.what.removeprefix(place).lstrip(",: "))
            odd[found.key] = found
    return tuple(kept), tuple(odd.values())


def _odd(item: object, name: str, place: str, why: str) -> Odd:
    raw = kept_item(item)
    return Odd(key=name or f"unnamed-{sha256(raw.encode()).hexdigest()[:16]}", place=place, why=why, raw=raw)


def public_name(provider: Provider, product_key: object, device_name: object) -> str:
    """productKey/deviceName, "" where they break the rules."""
    limits = LIMITS[provider]
    if not isinstance(product_key, str) or not isinstance(device_name, str):
        return ""
    if limits.product_key.fault(product_key) or limits.device_name.fault(device_name):
        return ""
    return f"{product_key}/{device_name}"


def label(table: Object, name: str, where: str) -> str:
    """A text or a number to show: enumerations are texts on one page of the documents and numbers on another."""
    value = table.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return printable(optional_text(table, name, where))


def moment(table: Object, name: str, where: str) -> str:
    """Milliseconds since 1970, or a text in the cloud's own form."""
    value = table.get(name)
    if isinstance(value, int) and 0 <= value <= _YEAR_9999_MS:
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="seconds")
    return printable(optional_text(table, name, where), 40)
