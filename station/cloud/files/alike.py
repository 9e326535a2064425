# SPDX-License-Identifier: GPL-3.0-or-later
"""One product's certificates are made alike: what differs from its neighbours is probably damaged, and is set aside.

A secret of another length may be cut off; the same secret twice, or two product secrets, come of copying by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from station.model import Certificate, Provider, Secret

KnownLength = Callable[[str], int | None]
"""productKey → how long its secrets are that came by other ways; None when nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A row that is good by itself. `set_name` "": of no set."""

    number: int
    certificate: Certificate
    set_name: str
    channel: int | None


Odd = tuple[FileRow, str]


def alike(
    rows: Sequence[FileRow], known_length: KnownLength, *, provider: Provider, any_length: bool
) -> tuple[list[FileRow], list[Odd]]:
    """The rows that are like their neighbours, and the others with what is wrong. `any_length`: a person says that the
    secrets are whole."""
    kept, odd = list(rows), list[Odd]()
    if not any_length:
        kept, odd = _lengths(kept, known_length)
    kept, others = _split(kept, _product_secret, lambda _value, _others: _ANOTHER_OF_PRODUCT)
    odd += others
    if provider is not Provider.IOTDA:  # the others make them; an IoTDA device may be given any
        kept, others = _each_its_own(kept)
        odd += others
    return kept, odd


_ANOTHER_OF_PRODUCT = "productSecret is not that of the other rows of its product"


def _lengths(rows: Sequence[FileRow], known_length: KnownLength) -> tuple[list[FileRow], list[Odd]]:
    alike_here, odd = _split(rows, lambda c: len(c.device_secret), _another_length)
    products = Counter(row.certificate.product_key for row in rows)
    kept = []
    for row in alike_here:
        product, own = row.certificate.product_key, len(row.certificate.device_secret)
        known = known_length(product) if products[product] == 1 else None
        if known in (None, own):
            kept.append(row)
        else:
            odd.append((row, _another_length(own, [known])))
    return kept, odd


def _another_length(value: Hashable, others: Sequence[Hashable]) -> str:
    return (
        f"deviceSecret has {value} characters, those of its neighbours {others[0]}: it may be cut off"
        " (--any-length if all are whole)"
    )


def _split(
    rows: Sequence[FileRow],
    trait: Callable[[Certificate], Hashable],
    wrong: Callable[[Hashable, Sequence[Hashable]], str],
) -> tuple[list[FileRow], list[Odd]]:
    """By the commonest trait of each product; where none is the commonest, all are odd."""
    counts: dict[str, Counter[Hashable]] = {}
    for row in rows:
        counts.setdefault(row.certificate.product_key, Counter())[trait(row.certificate)] += 1
    usual = {product: _commonest(counter) for product, counter in counts.items()}
    kept, odd = list[FileRow](), list[Odd]()
    for row in rows:
        value, common = trait(row.certificate), usual[row.certificate.product_key]
        if common == [value]:
            kept.append(row)
        else:
            odd.append((row, wrong(value, [other for other in common if other != value])))
    return kept, odd


def _commonest(counter: Counter[Hashable]) -> list[Hashable]:
    most = max(counter.values())
    return [value for value, count in counter.items() if count == most]


def _each_its_own(rows: Sequence[FileRow]) -> tuple[list[FileRow], list[Odd]]:
    """Of devices with the same secret, which one is right cannot be known: all are odd."""
    first: dict[Secret, int] = {}
    twice: dict[int, int] = {}
    for row in rows:
        at = first.setdefault(row.certificate.device_secret, row.number)
        if at != row.number:
            twice[row.number] = at
            twice.setdefault(at, row.number)
    kept = [row for row in rows if row.number not in twice]
    odd = [(row, f"it has the deviceSecret of row {twice[row.number]} too") for row in rows if row.number in twice]
    return kept, odd


def _product_secret(certificate: Certificate) -> Secret | None:
    return certificate.product_secret
