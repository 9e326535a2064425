# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide does with each answer: the same functions as the commands call, so that the same files come of it.

It may be killed at any moment: what a step has made is there whole, and the next start asks for the first that is
missing. A mark in the state folder tells that the guide was not at its end.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

from station.bench.setup import as_typed
from station.cloud.clouds import CLOUDS, open_certificates, open_products
from station.cloud.files import FileContents
from station.codes import Code
from station.config.edit import drop_slot, keep_port, keep_profile
from station.config.settings import Config
from station.desk.desk import Batch, Check, ProductStock
from station.desk.dry_check import dry_check
from station.desk.fitting import free_name
from station.desk.orders import Offer, Order, Orders
from station.desk.products import list_products
from station.desk.pulls import Pulls, is_only_typed
from station.errors import ConfigError, NoCertificates, StationError
from station.events import Notice
from station.flow.visit import wanted_by
from station.guide.accounts import AccountWish, keep_account, try_account
from station.guide.making import Begun, KeptBy, kept_as, make_key, make_station, writable
from station.guide.steps import Step, missing_steps
from station.guide.unfinished import MARK
from station.intake.importing import ImportReport, read_file, take_in
from station.intake.pull import How
from station.ledger.store import Ledger
from station.model import Language, Port, Provider, Secret, State
from station.people.pins import set_pin, supervisors
from station.profiles.finding import find_profile
from station.profiles.making import make_profile
from station.profiles.profile import Profile
from station.targets import check_options, usb
from station.targets.learning import learn_port
from station.targets.slots import SlotSpec, fixed_port, is_fixed, match, port_of, same_port, slot_faults

_LOOK_S = 0.2


class Guide:
    """One person's; its methods are called one after the other. Each may raise StationError.

    `load`: the configuration as it is now, None where there is none. `open_ledger` asks nobody anything once
    `keep_passphrase` was called.
    """

    def __init__(
        self,
        begun: Begun,
        *,
        load: Callable[[], Config | None],
        open_ledger: Callable[[], Ledger],
        keep_passphrase: Callable[[Secret], None],
    ) -> None:
        self._begun, self._load, self._open_ledger, self._keep_passphrase = begun, load, open_ledger, keep_passphrase
        self._ledger: Ledger | None = None
        self._pulls: Pulls | None = None
        self._orders: Orders | None = None
        self._told: list[Notice] = []
        self._later = False
        self._looking = threading.Lock()  # held as long as a dry check goes on, whoever waits for it
        self.step = Step.LANGUAGE
        config = load()
        if config is not None and (config.text("ledger.url") or config.key_path.exists()):
            self._open()

    def close(self) -> None:
        """An order in hand is waited for: what became of it is to be on disk."""
        if self._ledger is None or self._pulls is None or self._orders is None:
            return
        self._orders.close()
        self._pulls.close()
        self._ledger.close()

    def _open(self) -> None:
        self._ledger = self._open_ledger()
        self._orders = Orders(self._ledger, lambda: self.config)
        self._pulls = Pulls(
            self._ledger, lambda name: self.ledger.tokens.lend(open_certificates(self.config, name)), self._told.append
        )

    @property
    def config(self) -> Config:
        config = self._load()
        if config is None:
            raise ConfigError("there is no station.toml", do="run: station init", code=Code.E110)
        return config

    @property
    def ledger(self) -> Ledger:
        assert self._ledger is not None, "the key's step comes before"
        return self._ledger

    def missing(self) -> Step:
        """The first one, which is `step` from now on; READY when none is."""
        self.step = self._missing()
        return self.step

    def _missing(self) -> Step:
        if self._load() is None:
            return Step.LANGUAGE
        if self._ledger is None:
            return Step.KEY
        steps = missing_steps(self.config, self.ledger)
        return next((step for step in steps if step is not Step.BATCH or not self._later), Step.READY)

    # -- key and people ------------------------------------------------------------------------------------------------

    def key_there(self) -> KeptBy | None:
        """A key that is there already is not made again."""
        config = self._load()
        return kept_as(config.key_path if config else self._begun.key)

    def begin(self, *, name: str, language: Language, kept_by: KeptBy, passphrase: Secret | None) -> None:
        config = self._load()
        if config is not None:
            make_key(config.key_path, config.ledger_path, kept_by=kept_by, passphrase=passphrase)
        else:
            with writable(self._begun.state):
                self._begun.state.mkdir(parents=True, exist_ok=True, mode=0o700)
                (self._begun.state / MARK).touch()
            make_station(self._begun, name=name, language=language, kept_by=kept_by, passphrase=passphrase)
        if passphrase is not None:
            self._keep_passphrase(passphrase)
        self._open()

    def first_supervisor(self, name: str, pin: Secret) -> None:
        set_pin(self.ledger, name, pin)

    def supervisors(self) -> tuple[str, ...]:
        return supervisors(self.ledger)

    @property
    def _by(self) -> str:
        """In the audit: the supervisor, where it can only be one."""
        known = self.supervisors()
        return known[0] if len(known) == 1 else ""

    # -- where certificates come from ----------------------------------------------------------------------------------

    def try_account(self, wish: AccountWish) -> bool:
        """True once it has answered; otherwise CloudFault."""
        return try_account(self.config, wish)

    def keep_account(self, wish: AccountWish, *, tried: bool) -> None:
        note = partial(self.ledger.audit.note, "cloud account kept", cloud=wish.provider, tried=tried, by=self._by)
        keep_account(self.config, wish, note=note)

    def read_file(self, file: Path) -> FileContents:
        """Changes nothing."""
        return read_file(self.ledger, file, provider=self._provider)

    def take_in(self, file: Path, contents: FileContents) -> ImportReport:
        """What was read from it."""
        return take_in(self.ledger, file, contents, provider=self._provider)

    @property
    def _provider(self) -> Provider:
        return Provider(self.config.text("cloud.provider"))

    def products(self) -> ProductStock:
        """`trouble` only where there is an account that could be asked."""
        config = self.config
        provider = Provider(config.text("cloud.provider"))
        if not CLOUDS[provider].account.is_complete(config):
            return self.products_here()
        return list_products(self.ledger, lambda: self.ledger.tokens.lend(open_products(config, provider)))

    def products_here(self) -> ProductStock:
        """Those of the ledger; no cloud is asked."""
        return ProductStock(rows=list_products(self.ledger, _none).rows)

    # -- product and profile -------------------------------------------------------------------------------------------

    def own_profiles(self, product_key: str) -> tuple[str, ...]:
        """Those in the folder that may flash this product."""
        names = sorted(path.stem for path in self.config.profiles_dir.glob("*.toml"))
        return tuple(name for name in names if product_key in self._products_of(name))

    def _products_of(self, name: str) -> tuple[str, ...]:
        try:
            return self._profile(name).products
        except StationError:
            return ()

    def _profile(self, name: str = "") -> Profile:
        config = self.config
        return find_profile(name or config.text("bench.profile"), config.profiles_dir, check_options)

    def make_profile(self, product_key: str, called: str, *, like: str) -> str:
        """A copy of a shipped one for this product, named after it; used from now on."""
        folder = self.config.profiles_dir
        plain = re.sub(r"[^a-z0-9_]+", "-", called.lower(), flags=re.ASCII).strip("-") or product_key
        names = [plain, *(f"{plain}-{number}" for number in range(2, 1000))]
        name = next(name for name in names if not (folder / f"{name}.toml").exists())
        make_profile(folder, name, like=like, products=[product_key])
        self.use_profile(name)
        return name

    def use_profile(self, name: str) -> None:
        self._profile(name)
        note = partial(self.ledger.audit.note, "profile chosen", profile=name, by=self._by)
        keep_profile(self.config.path, name, note=note)

    def profile_products(self) -> tuple[str, ...]:
        return self._profile().products

    # -- slots ---------------------------------------------------------------------------------------------------------

    def slots(self) -> tuple[SlotSpec, ...]:
        return tuple(SlotSpec(name=line.name, path=line.path) for line in self.config.slots)

    def next_slot(self) -> str:
        return free_name({slot.name for slot in self.slots()})

    def learn(self, slot: str, given_up: threading.Event) -> str:
        """The port of the one board that is plugged in from now on; "" when it was given up."""
        port = learn_port(stop=given_up.is_set)
        if port:
            self._keep(slot, port)
        return port

    def name_port(self, slot: str, typed: str) -> str:
        """A port that no socket tells: a device of a fixed name, an adapter on the network."""
        port = as_typed(typed)
        self._keep(slot, port)
        return port

    def _keep(self, slot: str, port: str) -> None:
        if faults := slot_faults([*self.slots(), SlotSpec(name=slot, path=port)]):
            raise ConfigError("; ".join(faults), do="plug the board into another socket", code=Code.E110)
        note = partial(self.ledger.audit.note, "slot assigned", slot=slot, port=port, by=self._by)
        keep_port(self.config.path, slot, port, same=same_port, new=True, note=note)

    def take_back(self, slot: str) -> None:
        """A slot whose port was not the one that was meant."""
        note = partial(self.ledger.audit.note, "slot taken back", slot=slot, by=self._by)
        drop_slot(self.config.path, slot, note=note)

    def look_at_board(self, slot: str, by_hand: Callable[[], None]) -> tuple[Check, ...]:
        """The dry check of the board that is in it: who it is, whether it is of the right kind. Writes nothing."""
        with self._looking:
            return dry_check(None, self._profile(), self._port(slot), by_hand)

    @property
    def keeps_port(self) -> bool:
        """A dry check that was given up is not through: it has its port until its board answers or its time is up."""
        return self._looking.locked()

    def wait_for_port(self, given_up: threading.Event) -> None:
        """Until it is, or that is given up too."""
        while self.keeps_port and not given_up.wait(_LOOK_S):
            pass

    def _port(self, name: str) -> Port | None:
        slot = next(slot for slot in self.slots() if slot.name == name)
        if is_fixed(slot.path):
            return fixed_port(slot)
        seen = match(usb.scan(), [slot]).get(name)
        return port_of(slot, seen) if seen else None

    # -- the first batch -----------------------------------------------------------------------------------------------

    @property
    def orders(self) -> Orders:
        assert self._orders is not None, "as the ledger"
        return self._orders

    def offers(self) -> tuple[Offer, ...]:
        return self.orders.offers()

    def ask_above(self) -> int:
        return self.orders.ask_above()

    def check_order(self, order: Order) -> str:
        return self.orders.check(order)

    def place_order(self, name: str, pin: Secret, order: Order) -> tuple[str, ...]:
        return self.orders.place(order, pin, name=name)

    def asked_batches(self) -> tuple[Batch, ...]:
        """Those that were ordered, or begun to be pulled, and are not whole here."""
        assert self._pulls is not None
        batches = [batch for batch in self._pulls.batches() if batch.pullable and not is_only_typed(batch)]
        return tuple(batch for batch in batches if not batch.total or batch.pulled < batch.total)

    def pull(self, batch_id: str, given_up: threading.Event, show: Callable[[Batch], None]) -> Batch:
        """Until it is here, is given up, or is stopped by what `pull_trouble` tells."""
        assert self._pulls is not None
        self._told.clear()
        self.ledger.audit.note("pull started", batch=batch_id, by=self._by)
        products = self.profile_products()
        how = How(with_product_secret=self._profile().product_secret)
        self._pulls.start(batch_id, how, product_key=products[0] if len(products) == 1 else "")
        while (batch := self._batch(batch_id)).pulling:
            show(batch)
            if given_up.wait(_LOOK_S):
                self._pulls.stop(batch_id)
        return batch

    @property
    def pull_trouble(self) -> Notice | None:
        """Of the last pull."""
        return self._told[-1] if self._told else None

    def _batch(self, batch_id: str) -> Batch:
        assert self._pulls is not None
        return next(batch for batch in self._pulls.batches() if batch.batch_id == batch_id)

    def nothing_fits(self) -> NoCertificates | None:
        """Why no board gets any of what is here: it is not what the profile is for."""
        wanted = wanted_by(self._profile())
        ready = any(line.state is State.READY for line in self.ledger.stock.tallies())
        if not ready or self.ledger.has_stock(*wanted):
            return None
        try:
            self.ledger.peek(*wanted)
        except NoCertificates as error:
            return error
        return None  # something came in between

    def wait_for_batches(self) -> None:
        """The first certificates come later: the bench is opened without."""
        self._later = True

    def finish(self) -> None:
        """Nothing is missing, or what is may come later."""
        (self.config.state_dir / MARK).unlink(missing_ok=True)


def _none() -> NoReturn:
    raise ConfigError("there is no account", code=Code.E113)
