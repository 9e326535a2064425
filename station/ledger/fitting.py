# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the stock a profile's boards take, as conditions of SQL about the identity under an alias."""

from __future__ import annotations

from collections.abc import Sequence

from station.ledger.left_out import left_out, pending
from station.ledger.values import Takes


def came_whole(identity: str, takes: Takes, products: Sequence[str] = ()) -> str:
    """No certificate of it, or none of these products (a parameter each), came without what the boards are written."""
    if not takes.product_secret:
        return "1 = 1"
    of = f" AND p.product_key IN ({','.join('?' * len(products))})" if products else ""
    return (
        f"NOT EXISTS (SELECT 1 FROM certificates p WHERE p.identity = {identity}.id AND p.product_secret IS NULL{of})"
    )


def whole_values(takes: Takes, products: Sequence[str]) -> tuple[str, ...]:
    """The parameters of `came_whole` with `products`."""
    return tuple(products) if takes.product_secret else ()


def of_batches(identity: str, takes: Takes) -> str:
    """Behind other conditions: it came with one of these batches, where not with any."""
    numbers = ",".join(str(int(number)) for number in takes.batches)
    return f" AND {identity}.batch IN ({numbers})" if numbers else ""


def holds_back(camera: str, takes: Takes) -> str:
    """Its NVR's turn has not come: it is not done, nor left out where the profile lets an NVR go without it."""
    return pending(camera) if takes.short_sets else f"({camera}.state <> 'CONSUMED')"


def never_comes(camera: str, takes: Takes) -> str:
    """Its NVR waits for good: it is retired, and for this profile the NVR does not go out without it; or it came
    without what the boards are written.
    """
    retired = f"{camera}.state = 'RETIRED'" + (f" AND NOT {left_out(camera)}" if takes.short_sets else "")
    bare = f" OR {camera}.state = 'READY' AND NOT {came_whole(camera, takes)}" if takes.product_secret else ""
    return f"({retired}{bare})"
