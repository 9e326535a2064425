# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands share: the configuration, the open ledger, the profile. Everything on first use."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import ask_secret
from station.cli.dry import is_dry_run
from station.cli.logged import is_logged, log_opening
from station.cli.telling import noticed, tell_notice, words_of
from station.config import settings as configuration
from station.errors import UsageError
from station.model import Language, Provider, Secret

if TYPE_CHECKING:
    from station.ledger.opening import OpeningNotice, Surroundings
    from station.ledger.store import Ledger
    from station.ledger.view import View
    from station.profiles.profile import Profile
    from station.words.language import Words


class Context:
    """Made by the root command; lives as long as the process."""

    def __init__(self, config_file: str | None, overrides: tuple[str, ...]) -> None:
        self._file = Path(config_file) if config_file else None
        self._overrides = overrides
        self.asked = ""  # the command's first word

    @cached_property
    def config(self) -> configuration.Config:
        return self.configure()

    def configure(self) -> configuration.Config:
        """As it is now."""
        flags = {}
        for override in self._overrides:
            key, equals, value = override.partition("=")
            if not equals:
                raise UsageError(f"--set {override} is not KEY=VALUE", do="e.g. --set bench.name=bench-2")
            flags[key] = value
        return configuration.load(self._file, flags)

    def config_anew(self) -> configuration.Config | None:
        """As it is now, for all that is asked from now on; None where there is no file. ConfigError for one that is
        unsound."""
        named = configuration.named_file(self._file, os.environ)
        if named is not None and not named.exists():
            return None
        self.__dict__.pop("config", None)
        self.__dict__.pop("words", None)
        return self.config if self.config.path else None

    def language_of_unsound(self) -> Language | None:
        """Where the file of this bench is what is wrong: what it names all the same."""
        return configuration.language_of_unsound(self._file, os.environ)

    @property
    def file_to_make(self) -> Path:
        """Where `station init` puts the configuration so that the next command, called alike, finds it."""
        return configuration.named_file(self._file, os.environ) or configuration.default_path()

    def arguments(self) -> list[str]:
        """What another `station` must be given to read the same configuration."""
        path = ["--config", str(self.config.path.absolute())] if self.config.path else []
        return path + [part for override in self._overrides for part in ("--set", override)]

    def log(self) -> None:
        """What this command does goes to the log from now on, where there is one; see `log.log`. Those that only read
        leave nothing in it, and do not pay for it."""
        if self.config.text("log.file") or "JOURNAL_STREAM" in os.environ:
            from station.log.log import begin

            begin(self.config, self.doing)

    def log_the_pc(self) -> None:
        """Of a bench that begins, where there is a log."""
        self.log()
        if is_logged():
            from station.doctor.starting import log_the_pc

            log_the_pc(self.config)

    @property
    def doing(self) -> str:
        """The command's words, without what they are given."""
        asked = click.get_current_context(silent=True)
        return asked.command_path.removeprefix(asked.find_root().command_path).strip() if asked else self.asked

    def open_ledger(self, tell: Callable[[OpeningNotice], None] | None = None) -> Ledger:
        """The ledger, as `ledger.opening` opens it, for what is logged; in a dry run nothing that is done to it then is
        kept. `tell`: another way than the terminal for what the opening has for a person."""
        self.log()
        ledger = self._opened(tell)
        if is_dry_run():
            ledger.rehearse()
        return ledger

    def _opened(self, tell: Callable[[OpeningNotice], None] | None = None) -> Ledger:
        from station.desk.configured import configured_ledger

        def hear(notice: OpeningNotice) -> None:
            (tell or self.tell)(notice)
            log_opening(noticed(notice, self.words))

        return configured_ledger(self.config, self.ask_passphrase, hear)

    def tell(self, notice: OpeningNotice) -> None:
        """On the terminal."""
        tell_notice(notice, self)

    def settled_key(self, *, drop: bool = False) -> Path:
        """As `desk.configured` has it."""
        from station.desk.configured import settled_key

        return settled_key(self.config, self.ask_passphrase, drop=drop)

    @contextmanager
    def look(self) -> Iterator[View]:
        """For commands that only read: also a copy in a folder that nobody may write to, which needs no key."""
        from station.ledger.view import look_at, may_work_on
        from station.ledger.where import where

        if may_work_on(self.config.ledger_path):
            with self._opened() as ledger:
                yield ledger
            return
        with look_at(where(self.config)) as view:
            yield view

    def surroundings(self) -> Surroundings:
        """ConfigError E113 for a witness that would go and come back together with the ledger."""
        from station.desk.configured import surroundings_of

        return surroundings_of(self.config)

    def profile(self, given: str | None = None) -> Profile:
        """The named profile, or the bench's default one."""
        from station.desk.configured_profile import configured_profile

        return configured_profile(self.config, given)

    @cached_property
    def words(self) -> Words:
        """What commands say, in the language that this bench speaks."""
        return words_of(self)

    def ask_passphrase(self) -> Secret:
        """The present one; asked for once."""
        return self._passphrase

    def keep_passphrase(self, passphrase: Secret) -> None:
        """Whoever has just chosen it is not asked for it."""
        self.__dict__["_passphrase"] = passphrase

    @cached_property
    def _passphrase(self) -> Secret:
        from station.desk.configured import named_passphrase

        return named_passphrase(self.config, partial(ask_secret, "Passphrase") if sys.stdin.isatty() else None)


a_language = click.Choice([str(language) for language in Language])

cloud_option: Callable[[Callable[..., object]], Callable[..., object]] = click.option(
    "--cloud",
    type=click.Choice([provider.value for provider in Provider]),
    callback=lambda _ctx, _param, chosen: chosen or "",
    help="Which cloud. [default: cloud.provider of the configuration, where it can]",
)
json_option: Callable[[Callable[..., object]], Callable[..., object]] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for programs."
)
