# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger, its key and what is around it, as the configuration says: for commands and for other people's programs.

A passphrase comes from whoever asks for the ledger; the file that the configuration may name for it is read here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from station.codes import Code
from station.config.settings import Config
from station.errors import ConfigError
from station.ledger.opening import OpeningNotice, Surroundings, open_ledger
from station.ledger.store import Ledger
from station.ledger.view import look_at
from station.ledger.where import where
from station.model import Secret
from station.secrets.asked_for import next_of
from station.secrets.changing import settle
from station.secrets.files import read_secret_file
from station.secrets.keys import open_vault, require_key

Passphrase = Callable[[], Secret]


def configured_ledger(config: Config, passphrase: Passphrase, say: Callable[[OpeningNotice], None]) -> Ledger:
    """As `ledger.opening` opens it."""
    return open_ledger(
        where(config),
        open_vault(settled_key(config, passphrase), passphrase),
        surroundings_of(config),
        actor=config.text("bench.name"),
        keep_secrets=config.flag("bench.keep_secrets"),
        say=say,
    )


def settled_key(config: Config, passphrase: Passphrase, *, drop: bool = False) -> Path:
    """The key file, after a change of it that was interrupted is brought to its end; `drop` as `settle` has it."""
    key, ledger = config.key_path, config.ledger_path
    require_begun(config)
    require_key(key, ledger)
    belongs = None
    if next_of(key).exists() and ledger.exists():
        with look_at(where(config)) as view:
            belongs = view.facts.get("key_id")
    settle(key, belongs, passphrase, drop=drop)
    return key


def require_begun(config: Config) -> None:
    """ConfigError E115 where nothing of a station is, be it that none was made or that it is looked for elsewhere."""
    key, ledger = config.key_path, config.ledger_path
    if any(path.exists() for path in (key, next_of(key), ledger)):
        return
    elsewhere = "" if config.path else "; was one made elsewhere: export STATION_CONFIG=FILE, its station.toml"
    raise ConfigError(
        f"there is no station here yet: neither the ledger {ledger} nor the key {key}",
        do=f"run: station init{elsewhere}",
        code=Code.E115,
    )


def surroundings_of(config: Config) -> Surroundings:
    """ConfigError E113 for a witness that would go and come back together with the ledger."""
    found = Surroundings(home=config.witness_home, further=config.further_witnesses)
    state = config.state_dir.absolute()
    for place in found.places:
        if place.resolve().is_relative_to(state.resolve()):
            raise ConfigError(
                f"the witness {place} is inside the ledger's folder {state}: they would be lost together",
                do="move [bench] state_dir, or set [ledger] witnesses to folders elsewhere",
                code=Code.E113,
            )
    return found


def named_passphrase(config: Config, ask: Passphrase | None = None) -> Secret:
    """From the file that the configuration names, else as `ask` has it. ConfigError E114 where there is neither."""
    named = config.text("vault.passphrase_file")
    if named:
        return read_secret_file(Path(named).expanduser(), named_by="vault.passphrase_file")
    if ask is None:
        raise ConfigError("the key needs its passphrase", do="set [vault] passphrase_file", code=Code.E114)
    return ask()
