# SPDX-License-Identifier: GPL-3.0-or-later
"""A station that is open: its ledger, its configuration and what may be done with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from weakref import WeakSet

from station.api.past import UnitHistory, unit_history
from station.api.run import FlashRun, Hearers
from station.api.stock import PulledBatch, StockCertificate, pulled_batch, stock_certificate
from station.bench.audience import audience_of
from station.bench.headless import RunOrder
from station.bench.setup import choose_slots, lock_out_of
from station.cloud.clouds import open_certificates
from station.codes import Code
from station.config.settings import Config, load
from station.desk.configured import configured_ledger, named_passphrase
from station.desk.configured_profile import configured_profile
from station.desk.searching import find, unknown
from station.errors import UsageError
from station.intake.pull import How
from station.intake.pull import pull as pull_batch
from station.intake.wanted import cloud_of, find_batch
from station.ledger.opening import OpeningNotice
from station.ledger.store import Ledger
from station.model import State
from station.outbox.asking import permit_of
from station.printing.printer import printer_of

_CONFIG = "station.toml"


def open_station(folder: str | Path | None = None) -> Station:
    """The station whose station.toml is in `folder`, or is that file; without one, the one that the `station` command
    finds. To be closed, best by `with`. StationError when it cannot be opened."""
    path = None if folder is None else Path(folder)
    if path is not None and path.is_dir():
        path /= _CONFIG
    return Station(load(path))


class Station:
    """Made by `open_station`. `notices`: what a person should know of the opening. One process may work on a ledger of
    a file while others do; each identity still goes to one board."""

    def __init__(self, config: Config) -> None:
        self._config = config
        notices: list[OpeningNotice] = []
        self._opened = configured_ledger(config, partial(named_passphrase, config), notices.append)
        self._runs, self._is_closed = WeakSet[FlashRun](), False
        self.notices = tuple(notices)

    def __enter__(self) -> Station:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Idempotent. What is being flashed ends first, after the boards in hand."""
        self._is_closed = True
        for run in tuple(self._runs):
            run.end()
        self._opened.close()

    @property
    def _ledger(self) -> Ledger:
        """RuntimeError once it is closed."""
        if self._is_closed:
            raise RuntimeError("this station is closed; open it again")
        return self._opened

    def pull(
        self, batch: str, *, product: str = "", nvr: bool | None = None, with_product_secret: bool = False
    ) -> PulledBatch:
        """The certificates of a production batch of the cloud, as `station pull`. It may be broken off and called
        again: nothing comes twice. CloudFault leaves what came in the ledger."""
        ledger = self._ledger
        with closing(ledger.tokens.lend(open_certificates(self._config, cloud_of(ledger, batch) or ""))) as cloud:
            wanted = find_batch(ledger, batch, product_key=product, is_nvr=nvr, provider=cloud.provider)
            report = pull_batch(ledger, cloud, wanted, How(with_product_secret=with_product_secret))
        return pulled_batch(report)

    def flash(
        self,
        profile: str = "",
        *,
        slots: Sequence[str] = (),
        ports: Sequence[str] = (),
        count: int | None = None,
        watch: bool = False,
        label: str | None = None,
        serial: str | None = None,
        batch: str = "",
    ) -> FlashRun:
        """Give each board in the chosen slots its identity, as `station flash`: the boards present now, once; with
        `count` until so many have passed, with `watch` until the loop over it is left. Nothing begins before that loop.
        `label` and `serial`: what was scanned, for one board. `batch`: only its certificates; ConfigError E116 for one
        that is not here.
        """
        config = self._config
        chosen = choose_slots(config, slots, ports)
        attempts = int(config.number("bench.write_attempts"))
        permit = permit_of(config)
        if batch:
            permit = replace(permit, batches=self._ledger.batches.numbers(batch))
        order = RunOrder(
            count=count,
            watch=watch,
            write_attempts=attempts,
            label=label,
            serial=serial,
            permit=permit,
            lock_out=lock_out_of(config),
        )
        told = Hearers(audience=audience_of(config, chosen), printer=printer_of(config))
        run = FlashRun(self._ledger, configured_profile(config, profile), chosen, order, told)
        self._runs.add(run)
        return run

    def certificates(self, *, state: str = "", batch: str = "", product: str = "") -> Iterator[StockCertificate]:
        """In the order they arrived, read page by page; each once, whatever moves meanwhile. `state`: as `station
        certs` has it, in whatever case; UsageError for another word."""
        wanted, last = _state(state) if state else None, None
        while rows := self._ledger.certificates.page(state=wanted, batch_id=batch, product_key=product, behind=last):
            yield from map(stock_certificate, rows)
            last = rows[-1].name

    def history(self, text: str) -> UnitHistory:
        """Of a certificate or a board, by deviceName, PRODUCT_KEY/DEVICE_NAME, uid, label or iotId. ConfigError E116
        when the ledger knows nothing of it."""
        found = find(self._ledger, text)
        if not (found.certificates or found.uid):
            raise unknown(self._ledger, text)
        return unit_history(found)


def _state(text: str) -> State:
    try:
        return State(text.upper())
    except ValueError:
        raise UsageError(f"there is no state {text}", do=f"one of {', '.join(State).lower()}", code=Code.E100) from None
