# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the station itself: slots, profile, key, ledger, audit, cloud; and the list of all checks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from station.andon.output import Output
from station.andon.reading import andon_of
from station.cloud.clouds import CLOUDS, Cloud
from station.codes import Code
from station.config.server_url import MARK
from station.config.settings import Config
from station.doctor import Check, Finding, Level, beginning, folders, machine, terminal, trust
from station.errors import ConfigError, StationError
from station.ledger import server
from station.ledger.opening import Surroundings
from station.ledger.view import View, look_at
from station.ledger.where import held_at, where
from station.ledger.whose_key import how_to_get_it
from station.model import Language, Secret
from station.outbox.reading import outbox_of
from station.outbox.receiver import Receiver
from station.printing.printer import Printer, printer_of, require_ready
from station.profiles.finding import find_profile
from station.profiles.sticker import PrinterLanguage
from station.secrets.files import named_secret, read_secret_file
from station.secrets.keys import open_vault, require_key
from station.secrets.vault import Vault
from station.targets import check_options, usb
from station.targets.hotplug import node_token
from station.targets.scanner import scanner_fault
from station.targets.slots import SeenPort, SlotSpec, is_fixed, is_url, match, slot_faults
from station.targets.tables import contradictions
from station.targets.usb_rules import as_root

_CLOCKS_DIFFER_S = 60.0


def checks(load: Callable[[], Config]) -> list[Check]:
    """All of them, from the socket on the wall to the cloud; without a readable configuration those of the PC."""
    seen = usb.scan()
    plugs: list[Check] = [("driver", machine.drivers), ("permission", partial(machine.permission, seen))]
    disturbers: list[Check] = [("latency", machine.latency), ("intruders", machine.intruders)]
    try:
        config = load()
    except ConfigError:
        screen = ("terminal", partial(terminal.here, Language.ENGLISH))
        return [("config", partial(_config_again, load)), screen, *plugs, *disturbers]
    slots = [SlotSpec(name=line.name, path=line.path) for line in config.slots]
    scanner = config.text("bench.scanner")
    return [
        ("config", partial(_config_again, load)),
        ("terminal", partial(terminal.here, Language(config.text("bench.language")))),
        *plugs,
        ("slots", partial(check_slots, slots, seen)),
        *([("scanner", partial(check_scanner, scanner, slots, seen))] if scanner else []),
        ("busy", partial(machine.busy_ports, _devices(slots, seen))),
        *disturbers,
        *([("andon", partial(check_andon, config))] if config.andon else []),
        *([("outbox", partial(check_outbox, config))] if config.outbox else []),
        *([("printer", partial(check_printer, config, printer))] if (printer := printer_of(config)) else []),
        ("disk", partial(machine.disk, config.state_dir)),
        *([("log", partial(folders.log, config))] if config.text("log.file") else []),
        ("local", partial(folders.local, config.state_dir)),
        ("profiles", partial(folders.profiles, config.profiles_dir)),
        ("key", partial(check_key, config)),
        *([("server", partial(check_server, config))] if config.text("ledger.url") else []),
        ("ledger", partial(check_ledger, config)),
        ("trust", partial(check_trust, config)),
        ("start", partial(check_start, config)),
        # after whoever looks into the ledger, which makes files beside it that are as private as it is
        ("private", partial(folders.private, config.state_dir, config.key_path)),
        ("clock", partial(check_clock, config)),
        ("profile", partial(check_profile, config)),
        *(("cloud", partial(check_cloud, config, cloud)) for cloud in _clouds_in_use(config)),
    ]


def _config_again(load: Callable[[], Config]) -> Iterator[Finding]:
    """Its error is the finding."""
    yield Finding(check="config", level=Level.OK, what=str(load().path or "none; defaults and the environment"))


def check_slots(slots: Sequence[SlotSpec], seen: Sequence[SeenPort]) -> Iterator[Finding]:
    """Is the allow-list unambiguous, and are its fixed ports there? An empty USB slot is no fault."""
    if not slots:
        yield Finding(
            check="slots",
            level=Level.WARNING,
            what="no slot is configured",
            do="station slots assign 1 2 3 …",
            code=Code.E115,
        )
    for fault in slot_faults(slots):
        yield Finding(check="slots", level=Level.WRONG, what=fault, do="station slots assign, or edit station.toml")
    for slot in slots:
        if is_fixed(slot.path) and not is_url(slot.path) and node_token(slot.path) is None:
            yield Finding(
                check="slots",
                level=Level.WARNING,
                what=f"slot {slot.name}: there is no {slot.path}",
                do=f"plug its adapter in; for /dev/station names: {as_root()}",
            )
    unplaced = [port.device for port in seen if not port.topology]
    if unplaced:
        yield Finding(
            check="slots",
            level=Level.WARNING,
            what=f"nobody can tell where {', '.join(unplaced)} is plugged in, so it is never used",
            do="sudo udevadm trigger --subsystem-match=tty",
        )


def check_scanner(path: str, slots: Sequence[SlotSpec], seen: Sequence[SeenPort]) -> Iterator[Finding]:
    """Is the serial scanner there, and is its port nobody else's?"""
    fault = scanner_fault(path, slots)
    there = node_token(path) is not None if is_fixed(path) else match(seen, [SlotSpec(name="scanner", path=path)])
    if fault:
        yield Finding(
            check="scanner", level=Level.WRONG, what=fault, do="set bench.scanner to what `station slots` prints"
        )
    elif not is_url(path) and not there:
        yield Finding(check="scanner", level=Level.WARNING, what=f"no scanner at {path}", do="plug it into that socket")


def check_andon(config: Config) -> Iterator[Finding]:
    """Is each output there? Told nothing; a dead one is no harm to a board. ConfigError where one is not understood."""
    yield from _looked_at("andon", andon_of(config).outputs)


def check_outbox(config: Config) -> Iterator[Finding]:
    """Likewise each receiver: what is to be told waits in the ledger."""
    yield from _looked_at("outbox", outbox_of(config).receivers)


def _looked_at(check: str, those: Sequence[Output | Receiver]) -> Iterator[Finding]:
    for one in those:
        try:
            one.look()
            yield Finding(check=check, level=Level.OK, what=one.name)
        except StationError as error:
            what = f"{one.name}: {error.what}"
            yield Finding(check=check, level=Level.WARNING, what=what, do=error.do, code=error.code)


def check_printer(config: Config, printer: Printer) -> Iterator[Finding]:
    """Is it there, and could it print? Nothing is printed; one that does not keeps no board waiting."""
    try:
        require_ready(printer.where, _printed_in(config))
    except StationError as error:
        do = "look at the printer, then: station label test"
        yield Finding(check="printer", level=Level.WARNING, what=error.what, do=do, code=error.code)
        return
    yield Finding(check="printer", level=Level.OK, what=printer.where)


def _printed_in(config: Config) -> PrinterLanguage | None:
    """The language of the default profile's labels; None where it has none, or cannot be read, which is said there."""
    with suppress(StationError):
        name = config.text("bench.profile")
        profile = find_profile(name, config.profiles_dir, check_options) if name else None
        return profile.sticker.language if profile and profile.sticker else None
    return None


def check_key(config: Config) -> Iterator[Finding]:
    """Is there a private key file that opens, and is it this ledger's? One that asks a person for its passphrase is not
    opened."""
    require_key(config.key_path, config.ledger_path)
    try:
        vault = open_vault(config.key_path, partial(_passphrase, config))
    except _AsksPersonError:
        yield Finding(check="key", level=Level.SKIPPED, what="it asks for its passphrase")
        return
    if config.text("ledger.url") or config.ledger_path.exists():
        with look_at(where(config)) as ledger:
            belongs, do = _belongs(ledger, vault), how_to_get_it(of_a_line=bool(ledger.bench))
        if not belongs:
            yield Finding(
                check="key",
                level=Level.WRONG,
                what=f"the key {config.key_path} does not belong to the ledger",
                do=do,
            )


def _belongs(ledger: View, vault: Vault) -> bool:
    return ledger.facts.get("key_id") in (None, vault.key_id())


def check_server(config: Config) -> Iterator[Finding]:
    """Does the server of the line's ledger keep what it commits, and is it set up as it should be?"""
    found = server.check(config.text("ledger.url"), named_secret(config, "ledger.password"))
    for fault in found.faults:
        yield Finding(check="server", level=Level.WRONG, what=f"{fault.code} {fault.what}", do=fault.do)
    what = f"PostgreSQL {found.version}, as {found.role}"
    yield Finding(check="server", level=Level.OK, what=what)
    if abs(ahead := found.clock_ahead_s) > _CLOCKS_DIFFER_S:
        yield Finding(
            check="server",
            level=Level.WARNING,
            what=f"this PC's clock and the server's differ by {abs(ahead):.0f} s: this bench's times are its own",
            do="sudo timedatectl set-ntp true, here and at the server",
        )
    if found.faults:  # it may be no ledger at all
        return
    name = config.text("bench.name")
    with look_at(where(config)) as ledger:
        if ledger.line.is_elsewhere():
            yield Finding(
                check="server",
                level=Level.WARNING,
                what="another PC is at work as this very bench: its disk, or its state folder, is a copy of this one’s",
                do=f"end the stations of one of both, and remove there: {config.state_dir}/*{MARK}",
            )
        if ledger.line.has_namesake(name):
            yield Finding(
                check="server",
                level=Level.WARNING,
                what=f"another bench of this line is called {name} too: status --line and the audit take them for one",
                do="give each bench a name of its own: [bench] name in station.toml",
            )


def check_ledger(config: Config) -> Iterator[Finding]:
    """Can it be read, is its audit chain whole, which is all recomputed, and does another program keep it?"""
    with look_at(where(config)) as ledger:
        head = ledger.audit.verify()
    yield Finding(check="ledger", level=Level.OK, what=f"audit chain intact, {head.seq} lines")
    if (held := held_at(where(config))) is not None:
        yield Finding(check="ledger", level=Level.WRONG, what=held.what, do=held.do, code=held.code)


def check_trust(config: Config) -> Iterator[Finding]:
    """Is the ledger the one it was, at the PC it belongs to, and do its witnesses say so?"""
    around = Surroundings(home=config.witness_home, further=config.further_witnesses)
    with look_at(where(config)) as ledger:
        yield from trust.check_lock(ledger)
        try:
            vault = open_vault(config.key_path, partial(_passphrase, config))
            cannot = "" if _belongs(ledger, vault) else "with another ledger's key no mark can be read"
        except _AsksPersonError:
            cannot = "the key asks for its passphrase"
        if cannot:
            yield Finding(check="witness", level=Level.SKIPPED, what=cannot)
            yield from trust.check_matters(ledger)
            return
        yield from trust.check_machine(ledger, vault, around)
        yield from trust.check_witnesses(ledger, vault, around)
        yield from trust.check_matters(ledger.with_key(vault))


def check_start(config: Config) -> Iterator[Finding]:
    """What a bench has for good once it has flashed: a supervisor, certificates and where they come from."""
    if not config.text("ledger.url") and not config.ledger_path.exists():
        return
    with look_at(where(config)) as ledger:
        yield from beginning.check_supervisor(ledger)
        yield from beginning.check_source(config, ledger)
        yield from beginning.check_stock(ledger)


def check_clock(config: Config) -> Iterator[Finding]:
    """Against what the ledger's files say of the last write, and the kernel's own opinion."""
    files = config.ledger_path.parent.glob(config.ledger_path.name + "*")
    yield from machine.clock(time.time(), max((file.stat().st_mtime for file in files), default=0.0))


def check_profile(config: Config) -> Iterator[Finding]:
    """Can the bench's default profile be used?"""
    name = config.text("bench.profile")
    if not name:
        yield Finding(
            check="profile",
            level=Level.WARNING,
            what="no default profile is chosen",
            do="station profile new NAME --like SHIPPED --product PRODUCTKEY, then set [bench] profile",
            code=Code.E111,
        )
        return
    for fault in contradictions(find_profile(name, config.profiles_dir, check_options)):
        do = f"station profile check {name}"
        yield Finding(check="profile", level=Level.WRONG, what=fault, do=do, code=Code.E112)


def _clouds_in_use(config: Config) -> Sequence[Cloud | None]:
    """Those with an account, each a check of its own: one that refuses hides no other. None where there is none."""
    return [cloud for cloud in CLOUDS.values() if cloud.checking and cloud.checking.has_account(config)] or [None]


def check_cloud(config: Config, cloud: Cloud | None) -> Iterator[Finding]:
    """Does the gateway answer, with our signature and clock? The one check that leaves this PC."""
    if cloud is None or cloud.checking is None:
        asked = ", ".join(cloud.title for cloud in CLOUDS.values() if cloud.checking)
        yield Finding(check="cloud", level=Level.SKIPPED, what=f"no cloud account is configured: {asked}")
        return
    with closing(cloud.checking.open(config)) as account:
        started = time.monotonic()
        account.ping()
    answered = f"{cloud.title} answered in {(time.monotonic() - started) * 1000:.0f} ms"
    yield Finding(check="cloud", level=Level.OK, what=answered)


class _AsksPersonError(Exception):
    """The key's passphrase is in no file."""


def _passphrase(config: Config) -> Secret:
    named = config.text("vault.passphrase_file")
    if not named:
        raise _AsksPersonError
    return read_secret_file(Path(named).expanduser(), named_by="vault.passphrase_file")


def _devices(slots: Sequence[SlotSpec], seen: Sequence[SeenPort]) -> list[str]:
    fixed = [slot.path for slot in slots if is_fixed(slot.path) and not is_url(slot.path)]
    return fixed + [port.device for port in match(seen, slots).values()]
