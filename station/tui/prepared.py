# SPDX-License-Identifier: GPL-3.0-or-later
"""A real desk for `station run`, as the configuration says: all that the first frame does not wait for."""

from __future__ import annotations

from collections.abc import Sequence

from station.bench.audience import audience_of
from station.bench.setup import lock_out_of
from station.cloud.clouds import open_certificates, open_products
from station.codes import Code
from station.config.settings import Config
from station.desk.live import LiveDesk
from station.desk.orders import Orders
from station.desk.premises import Premises
from station.errors import ConfigError
from station.ledger.store import Ledger
from station.outbox.asking import permit_of
from station.printing.printer import printer_of
from station.profiles.profile import Profile
from station.targets.scanner import scanner_fault
from station.targets.slots import SlotSpec


def desk_of(config: Config, ledger: Ledger, profile: Profile, slots: Sequence[SlotSpec]) -> LiveDesk:
    """As the configuration says."""
    premises = Premises(
        name=config.text("bench.name"),
        profiles_dir=config.profiles_dir,
        reports_dir=config.state_dir / "reports",
        config_file=config.path,
        write_attempts=int(config.number("bench.write_attempts")),
        scanner=_scanner(config, slots),
        printer=printer_of(config),
        permit=permit_of(config),
        lock_out=lock_out_of(config),
    )
    return LiveDesk(
        ledger=ledger,
        profile=profile,
        slots=slots,
        premises=premises,
        open_cloud=lambda name: ledger.tokens.lend(open_certificates(config, name)),
        open_catalogue=lambda: ledger.tokens.lend(open_products(config)),
        orders=Orders(ledger, lambda: config),
        audience=audience_of(config, slots),
    )


def _scanner(config: Config, slots: Sequence[SlotSpec]) -> str:
    """ConfigError rather than a board's port that is read as if it were the scanner's."""
    path = config.text("bench.scanner")
    fault = scanner_fault(path, slots) if path else ""
    if fault:
        raise ConfigError(
            fault, do="set it to the topology that `station slots` prints for the scanner", code=Code.E110
        )
    return path
