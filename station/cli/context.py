# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands share: the configuration, the open ledger, the profile. Everything on first use."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.config import settings as configuration
from station.errors import ConfigError, UsageError
from station.model import Secret

if TYPE_CHECKING:
    from station.ledger.store import Ledger
    from station.profiles.profile import Profile


class Context:
    """Made by the root command; lives as long as the process."""

    def __init__(self, config_file: str | None, overrides: tuple[str, ...]) -> None:
        self._file = Path(config_file) if config_file else None
        self._overrides = overrides

    @cached_property
    def config(self) -> configuration.Config:
        flags = {}
        for override in self._overrides:
            key, equals, value = override.partition("=")
            if not equals:
                raise UsageError(f"--set {override} is not KEY=VALUE", do="e.g. --set bench.name=bench-2")
            flags[key] = value
        return configuration.load(self._file, flags)

    @property
    def file_to_make(self) -> Path:
        """Where `station init` puts the configuration so that the next command, called alike, finds it."""
        return configuration.named_file(self._file, os.environ) or configuration.default_path()

    def arguments(self) -> list[str]:
        """What another `station` must be given to read the same configuration."""
        path = ["--config", str(self.config.path.absolute())] if self.config.path else []
        return path + [part for override in self._overrides for part in ("--set", override)]

    def open_ledger(self) -> Ledger:
        """The ledger, with rows of dead processes recovered first; locked when it is older than it was."""
        from station.ledger import guards
        from station.ledger.age import forgot_something
        from station.ledger.locks import STATION, lock
        from station.ledger.store import Ledger
        from station.secrets.keys import open_vault

        config = self.config
        vault = open_vault(config.key_path, self._ask_passphrase)
        keep = config.flag("bench.keep_secrets")
        ledger = Ledger(config.ledger_path, vault, actor=config.text("bench.name"), keep_secrets=keep)
        if forgot_something(ledger.connection):
            lock(
                ledger,
                STATION,
                "E702",
                "this is an older ledger than the last one here: what it calls READY may be on boards",
            )
        if wrong := guards.difference(ledger.connection):
            lock(ledger, STATION, "E702", guards.alarm(wrong).what)
            click.echo(guards.alarm(wrong).lines(), err=True)
        for known in ledger.recover():
            click.echo(f"{known.name} is in doubt: put board {known.board_uid} back in any slot", err=True)
        return ledger

    def profile(self, given: str | None = None) -> Profile:
        """The named profile, or the bench's default one."""
        from station.profiles.finding import find_profile
        from station.targets import check_options

        wanted = given or self.config.text("bench.profile")
        if not wanted:
            raise ConfigError("no profile was chosen", do="use --profile, or set [bench] profile", code="E111")
        return find_profile(wanted, self.config.profiles_dir, check_options)

    def _ask_passphrase(self) -> Secret:
        from station.secrets.files import read_secret_file

        named = self.config.text("vault.passphrase_file")
        if named:
            return read_secret_file(Path(named).expanduser())
        if not sys.stdin.isatty():
            raise ConfigError("the key needs its passphrase", do="set [vault] passphrase_file", code="E114")
        return Secret(click.prompt("Passphrase", hide_input=True, err=True))


json_option: Callable[[Callable[..., object]], Callable[..., object]] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for programs."
)
