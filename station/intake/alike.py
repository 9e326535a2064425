# SPDX-License-Identifier: GPL-3.0-or-later
"""A product's secrets are made alike: one of another length than its neighbours of the batch may be cut off, and its
item is odd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from station.cloud.values import Odd, Page
from station.ledger.store import Ledger
from station.model import Identity, Provider

ENOUGH = 3
"""Secrets of a product by which another one is judged."""


class Alike:
    """What is held of one batch, and what was seen of it in this pull."""

    def __init__(self, ledger: Ledger, provider: Provider, batch_id: str) -> None:
        self._batch_id = batch_id
        self._lengths: dict[str, Counter[int]] = {}
        for product, length, count in ledger.batches.secret_lengths(provider, batch_id):
            self._lengths.setdefault(product, Counter())[length] += count

    def see(self, identities: Iterable[Identity]) -> None:
        for certificate in (member for identity in identities for member in identity):
            self._lengths.setdefault(certificate.product_key, Counter())[len(certificate.device_secret)] += 1

    def knows(self, page: Page) -> bool:
        """Whether there is enough to judge this page by, together with itself."""
        here = Counter(member.product_key for identity in page.items for member in identity)
        return all(self._lengths.get(key, Counter()).total() + count >= ENOUGH for key, count in here.items())

    def judged(self, page: Page) -> Page:
        """The page, with what differs among its odd items; where no length is the commonest, all differ."""
        self.see(page.items)
        items, odd = [], list(page.odd)
        for identity in page.items:
            why = self._why_odd(identity)
            if why:
                place = f"batch {self._batch_id}, page {page.number}"
                odd.append(Odd(key=str(identity.name), place=place, why=why, raw=""))
            else:
                items.append(identity)
        return replace(page, items=tuple(items), odd=tuple(odd))

    def _why_odd(self, identity: Identity) -> str:
        for member in identity:
            lengths, own = self._lengths[member.product_key], len(member.device_secret)
            usual = [length for length, count in lengths.items() if count == max(lengths.values())]
            if usual != [own]:
                other = next(length for length in usual if length != own)
                return f"“deviceSecret” has {own} characters, those of its neighbours {other}: it may be cut off"
        return ""
