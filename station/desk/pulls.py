# SPDX-License-Identifier: GPL-3.0-or-later
"""Pulls in the background, one thread a batch, so that the slots go on working. Stopped between two pages; what stops
one by itself is told to the bench.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from station.cloud.capabilities import Certificates
from station.cloud.clouds import is_pulled
from station.codes import Code
from station.desk.desk import Batch
from station.errors import StationError, defect
from station.events import Notice
from station.intake.progress import Progress, resting, say_nothing
from station.intake.pull import How, PullReport, Watcher, pull
from station.intake.wanted import cloud_of, find_batch
from station.ledger.store import Ledger
from station.ledger.values import BatchRow

LAST_PAGE_S = 5.0

OpenCloud = Callable[[str], Certificates]
"""A cloud by its name; "": the configured one."""


@dataclass(slots=True)
class _Running:
    stop: threading.Event
    before: threading.Thread | None  # of the same batch, being stopped
    thread: threading.Thread = field(init=False)
    progress: Progress | None = None
    report: PullReport | None = None
    trouble: Code | None = None
    waits: bool = False


class Pulls:
    """All batches of the ledger and the journal, and what runs. Every method may be called from any thread."""

    def __init__(self, ledger: Ledger, open_cloud: OpenCloud, tell: Callable[[Notice], None]) -> None:
        self._ledger = ledger
        self._open_cloud = open_cloud
        self._tell = tell
        self._running: dict[str, _Running] = {}
        self._lock = threading.Lock()
        self._closed = False

    def batches(self) -> tuple[Batch, ...]:
        """Running ones with their progress; those asked of the cloud and not yet here too."""
        here = {row.key.batch_id: _batch(row) for row in self._ledger.batches.all()}
        asked = {
            request.batch_id: Batch(
                batch_id=request.batch_id, product_key=request.product_key, total=_amount(request.detail), pulled=0
            )
            for request in self._ledger.requests.all()
            if request.batch_id
        }
        with self._lock:
            running = dict(self._running)
        known = asked | here
        new = {name: Batch(batch_id=name, product_key="", total=0, pulled=0) for name in running if name not in known}
        return tuple(_moving(batch, running.get(name)) for name, batch in (new | known).items())

    def start(self, batch_id: str, how: How, *, product_key: str = "") -> None:
        """Does nothing when it runs already; one that is being stopped runs anew after its page in hand. The product of
        a batch that the journal knows is known."""
        mistyped = self._mistyped()
        with self._lock:
            for name in mistyped.intersection(self._running) - {batch_id}:
                if not self._running[name].thread.is_alive():  # it may be begun again since
                    del self._running[name]
            now = self._running.get(batch_id)
            if now is not None and not now.thread.is_alive():
                now = None
            if self._closed or (now is not None and not now.stop.is_set()):
                return
            one = _Running(threading.Event(), before=now.thread if now else None)
            work = partial(self._pull, one, batch_id, how, product_key=product_key)
            one.thread = threading.Thread(target=work, name=f"pull-{batch_id}", daemon=True)
            self._running[batch_id] = one
            one.thread.start()

    def _mistyped(self) -> set[str]:
        """Forgotten when another one is begun: until then a person may read why nothing came."""
        with suppress(StationError):
            return {batch.batch_id for batch in self.batches() if not batch.pulling and is_only_typed(batch)}
        return set()

    def stop(self, batch_id: str) -> None:
        with self._lock:
            if running := self._running.get(batch_id):
                running.stop.set()

    def close(self) -> None:
        """Stops all of them, begins none any more, and waits LAST_PAGE_S for the pages in hand; a pull may be killed at
        any byte."""
        with self._lock:
            self._closed = True
            running = list(self._running.values())
        for one in running:
            one.stop.set()
        for one in running:
            one.thread.join(LAST_PAGE_S)

    def _pull(self, running: _Running, batch_id: str, how: How, *, product_key: str) -> None:
        if running.before is not None:
            running.before.join()

        def show(progress: Progress) -> None:
            running.progress, running.waits = progress, False

        def say(_why: str) -> None:
            running.waits = True

        try:
            cloud = self._open_cloud(cloud_of(self._ledger, batch_id) or "")
            cloud.while_throttled(resting(say_nothing, running.stop.is_set))
            try:
                wanted = find_batch(self._ledger, batch_id, product_key=product_key, provider=cloud.provider)
                running.report = pull(
                    self._ledger,
                    cloud,
                    wanted,
                    how,
                    Watcher(show=show, say=say, stop=running.stop.is_set),
                )
            finally:
                cloud.close()
            if running.report.receipt.conflicts:
                self._tell(_disputed(batch_id, len(running.report.receipt.conflicts)))
        except StationError as error:
            self._stopped_by(error, running)
        except Exception as error:
            self._stopped_by(defect(error), running)

    def _stopped_by(self, error: StationError, running: _Running) -> None:
        """Whoever started it may be in another room, and the operator is to know how long the identities last."""
        running.trouble = error.code
        self._tell(Notice(at=time.time(), code=error.code, what=error.what, do=error.do))


def is_only_typed(batch: Batch) -> bool:
    """Neither ordered nor begun here, and the cloud had nothing of it: more likely a mistyped number than a batch."""
    return not batch.product_key and batch.trouble is Code.E405


def _disputed(batch_id: str, names: int) -> Notice:
    """A person is needed, though not at a board."""
    return Notice(
        at=time.time(),
        code=Code.E619,
        what=f"batch {batch_id}: {names} names came with other content than the ledger holds",
        do="station conflict list",
    )


def _amount(detail: dict[str, object]) -> int:
    amount = detail.get("amount")
    return amount if isinstance(amount, int) else 0


def _batch(row: BatchRow) -> Batch:
    total = row.total or 0
    pulled = total if row.complete else min(row.received, total or row.received)
    return Batch(
        batch_id=row.key.batch_id,
        product_key=row.key.product_key,
        total=total,
        pulled=pulled,
        pullable=is_pulled(row.key.provider) and row.key.source == "cloud",
    )


def _moving(batch: Batch, running: _Running | None) -> Batch:
    if running is None:
        return batch
    moving, progress, report = running.thread.is_alive(), running.progress, running.report
    batch = replace(batch, pulling=moving, trouble=running.trouble)
    if report is not None:
        receipt = report.receipt
        withheld = receipt.withheld + receipt.turned_active + (receipt.unsaid if report.unsaid_withheld else 0)
        batch = replace(batch, withheld=withheld, left_out=report.conflicting + report.odd)
    if moving and running.waits:
        batch = replace(batch, lacks=Code.E405 if progress is not None and progress.done else Code.E404)
    if moving and progress is not None:
        return replace(
            batch,
            pulled=progress.done,
            total=progress.total or batch.total,
            rate=progress.per_s,
            seconds_left=progress.left_s,
        )
    return batch
