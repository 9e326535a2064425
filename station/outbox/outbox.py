# SPDX-License-Identifier: GPL-3.0-or-later
"""The receivers of a station, each with its courier: beside the bench while it works, or once, for what is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from station.codes import Code
from station.errors import StationError
from station.events import Notice
from station.ledger.view import View
from station.outbox.courier import Courier
from station.outbox.receiver import Receiver

LEAVES_S = 3.0
"""How long the end of a run waits for its last events to leave, all receivers together."""


class Outbox:
    """The receivers of a station; one that has none costs nothing."""

    def __init__(self, receivers: Sequence[Receiver], *, bench: str) -> None:
        self.receivers = tuple(receivers)
        self.bench = bench

    @contextmanager
    def sending(self, say: Callable[[Notice], None], ledger: View) -> Iterator[None]:
        """Inside, what stands in the ledger is brought to its receivers. `say` is told of trouble, from threads of
        theirs."""

        def told(name: str, error: StationError | None, refused: str) -> None:
            say(of_trouble(name, error, refused))

        couriers = [Courier(receiver, ledger, self.bench, told) for receiver in self.receivers]
        threads = [
            threading.Thread(target=courier.run, name=f"outbox {courier.receiver.name}", daemon=True)
            for courier in couriers
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            until = time.monotonic() + LEAVES_S
            for courier in couriers:
                courier.end(LEAVES_S)
            for courier, thread in zip(couriers, threads, strict=True):
                thread.join(max(0.0, until - time.monotonic()))
                if thread.is_alive():
                    courier.receiver.close()


NO_RECEIVERS = Outbox((), bench="")


def of_trouble(name: str, error: StationError | None, refused: str) -> Notice:
    """Nobody's board is to blame, and no exit code comes of it."""
    if error is None:
        do = f"see: station outbox status; then: station outbox retry {name}, or station outbox skip"
        return Notice(at=time.time(), code=Code.E632, what=f"outbox {name} refused {refused}", do=do, serious=True)
    return Notice(at=time.time(), code=Code.E318, what=f"outbox {name}: {error.what}", do=error.do)
