# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench tells, brought to every output: changes of a tile, not each percent; the worst tile as the bench's.

`hear` may be called by any thread, returns at once and never raises: whatever an output or a ledger does, no slot waits
for it. The batch is looked up by a thread of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue

from station.andon import line as lines
from station.andon.light import Light, light_of, worst
from station.andon.output import Output
from station.andon.teller import Teller
from station.codes import Code
from station.errors import StationError
from station.events import Event, Notice, SlotEvent
from station.ledger.view import View
from station.model import CertName

LEAVES_S = 3.0
"""How long the end of a run waits for its last lines to leave, all outputs together."""

Hear = Callable[[Event], None]


class Andon:
    """The outputs of a station; one that has none costs nothing."""

    def __init__(self, outputs: Sequence[Output], *, bench: str) -> None:
        self.outputs = tuple(outputs)
        self.bench = bench

    @contextmanager
    def sounding(self, say: Callable[[Notice], None], ledger: View) -> Iterator[Hear]:
        """Inside, what is heard is told. `say` is told of dead outputs, from threads of theirs."""
        if not self.outputs:
            yield lambda _event: None
            return
        with ledger.beside() as looked_at:
            telling = _Telling(self, say, looked_at)
            try:
                yield telling.hear
            finally:
                telling.end()


SILENT: Andon = Andon((), bench="")


class _Telling:
    def __init__(self, andon: Andon, say: Callable[[Notice], None], ledger: View) -> None:
        self._bench, self._say, self._ledger = andon.bench, say, ledger
        self._tiles: dict[str, Light] = {}
        self._told: dict[str, tuple[object, ...]] = {}  # by slot: what of its tile was told last
        self._of: tuple[CertName, str] | None = None  # the batch that was looked up last
        self._heard: SimpleQueue[SlotEvent | Notice | None] = SimpleQueue()
        self._tellers = [Teller(output, self._is_dead) for output in andon.outputs]
        self._thread = threading.Thread(target=self._run, name="andon", daemon=True)
        self._thread.start()

    def hear(self, event: Event) -> None:
        """Percents are many, and of no use to anybody outside: they end here."""
        if isinstance(event, SlotEvent):
            shown = (event.state, event.code, event.uid, event.device_name)
            if self._told.get(event.slot) == shown:
                return
            self._told[event.slot] = shown
        self._heard.put(event)

    def end(self) -> None:
        until = time.monotonic() + LEAVES_S
        self._heard.put(None)
        self._thread.join(LEAVES_S)
        for teller in self._tellers:
            teller.end()
        for teller in self._tellers:
            teller.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        self._tell(lines.of_bench(Light.EMPTY, time.time(), at_bench=self._bench))
        while (event := self._heard.get()) is not None:
            self._tell(self._line(event))
        self._tell(lines.of_bench(Light.OFF, time.time(), at_bench=self._bench))

    def _line(self, event: Event) -> lines.AndonLine:
        if isinstance(event, Notice):
            return lines.of_notice(event, worst(self._tiles.values()), at_bench=self._bench)
        light = self._tiles[event.slot] = light_of(event)
        batch = self._batch(CertName(event.product_key, event.device_name)) if event.device_name else ""
        bench = worst(self._tiles.values())
        return lines.of_tile(event, light, bench, at_bench=self._bench, batch=batch)

    def _batch(self, name: CertName) -> str:
        """ "" where the ledger does not say: the board's own visit says why, if it is in trouble."""
        if self._of is None or self._of[0] != name:
            try:
                found = self._ledger.certificates.search(str(name), limit=1)
            except Exception:  # whatever it is: the lamps must not stop at what they show
                return ""
            self._of = name, next((row.batch_id for row in found if row.name == name), "")
        return self._of[1]

    def _tell(self, line: lines.AndonLine) -> None:
        for teller in self._tellers:
            teller.tell(line)

    def _is_dead(self, output: str, error: StationError) -> None:
        """Nobody's board is to blame, and no exit code comes of it."""
        self._say(Notice(at=time.time(), code=Code.E316, what=f"andon {output}: {error.what}", do=error.do))
