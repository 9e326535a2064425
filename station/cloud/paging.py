# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch, page by page, until all of it is there.

Pages may repeat, shift, shrink, come short or not exist yet. So a page number proves nothing: what counts is how many
distinct identities the caller holds. The pages are gone through again, with growing waits, until that number reaches
what was asked for (or else the total the cloud names); `patience_s` without anything new ends it with BatchIncomplete.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from station.cloud.capabilities import BatchNotReady, ParameterRefused
from station.cloud.retry import Rest
from station.cloud.values import Page
from station.codes import Code
from station.errors import CloudFault

_LONGEST_WAIT_S = 30.0


class BatchIncomplete(CloudFault):
    """The cloud does not hand out all of a batch."""

    code = Code.E405


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a batch that brings nothing new is asked for again."""

    seconds: float = 300.0
    first_wait_s: float = 1.0


class _Waits:
    """Ever longer ones while nothing new comes, until the patience is at its end."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.begin()

    def begin(self) -> None:
        self._next_s = self._patience.first_wait_s
        self._give_up_at = time.monotonic() + self._patience.seconds

    @property
    def are_over(self) -> bool:
        return time.monotonic() + self._next_s > self._give_up_at

    def take(self) -> float:
        """Seconds to wait now."""
        waited, self._next_s = self._next_s, min(self._next_s * 2, _LONGEST_WAIT_S)
        return waited


def all_pages(
    fetch: Callable[[int, int], Page],
    *,
    batch: str,
    size: int,
    held: Callable[[], int],
    expected: int | None,
    patience: Patience,
    rest: Rest,
    from_start: bool = False,
) -> Iterator[Page]:
    """Pages to be stored as they come. Ends when the caller holds the whole batch.

    `fetch(number, size)`; `held()`: distinct identities of this batch the caller has or has set aside, read again after
    each page; `expected`: what was asked of the cloud, None for a batch that was made elsewhere.
    Starts where an earlier pull ended, unless `from_start`. Raises what `fetch` raises, and BatchIncomplete.
    """
    start = 1 if from_start else max(held() - 1, 0) // size + 1
    waits = _Waits(patience)
    reason = ""
    while True:
        before = held()
        target = expected or 0  # pages may disagree on the total: the largest of a pass counts
        try:
            for page in _one_pass(fetch, start, size, held, expected or 0):
                target = max(target, page.total or 0)
                start = page.number + 1
                yield page
            if held() >= max(target, 1):
                return
            start = 1
        except BatchNotReady as error:  # the same page again, after a wait
            reason = f" ({error.what})"
        if held() > before:
            waits.begin()
        if waits.are_over:
            raise _incomplete(batch, held(), target, reason)
        if not rest(waits.take(), f"{held()} identities of batch {batch} came{reason}"):
            return


def _one_pass(
    fetch: Callable[[int, int], Page], start: int, size: int, held: Callable[[], int], expected: int
) -> Iterator[Page]:
    """From page `start` until all is held, or a page past the total brings nothing new: it is empty, refused, or the
    last one again. Clouds that cap the page size below ours have pages past it that do bring something. Wherever the
    total says that the end is, two pages of nothing that this pass had not seen are one.
    """
    number = start
    target = expected
    beyond = stale = False
    seen = set[str]()
    while True:
        before = held()
        try:
            page = fetch(number, size)
        except ParameterRefused:
            if beyond:
                return
            raise
        yield page
        target = max(target, page.total or 0)
        beyond = page.total is None or number * size >= page.total
        names = {str(item.name) for item in page.items} | {odd.key for odd in page.odd}
        was_stale, stale = stale, names <= seen  # one page may have shifted away; two are the end
        seen |= names
        if (target and held() >= target) or (stale and (beyond or was_stale)):
            return
        if number * size >= target and held() == before:
            return
        number += 1


def _incomplete(batch: str, held: int, target: int, reason: str) -> BatchIncomplete:
    if not held:
        return BatchIncomplete(
            f"batch {batch}: nothing came{reason}",
            means="nothing was stored",
            do=f"check the batch id, and whether it was generated; for one just made: station pull {batch} --wait 600",
        )
    return BatchIncomplete(
        f"batch {batch}: {held} of {target or 'an unknown number of'} identities came{reason}",
        means="what came is stored and may be flashed",
        do=f"run again: station pull {batch} --wait 600; if the number stays, ask the vendor with the batch id",
    )
