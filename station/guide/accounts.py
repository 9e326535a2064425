# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud's account: what is asked for, tried on the spot, and kept in station.toml with its secret in a 0600 file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass

from station.cloud.clouds import CLOUDS, open_products
from station.config.edit import keep_settings
from station.config.settings import Config, load
from station.guide.making import writable
from station.model import Provider, Secret
from station.secrets.files import write_secret_file


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWish:
    """What a person typed: settings by their keys without the section."""

    provider: Provider
    values: Mapping[str, str]
    secret: Secret

    @property
    def settings(self) -> dict[str, str]:
        """What of it goes into station.toml: an empty one stays what it is by default."""
        section = CLOUDS[self.provider].account.section
        return {f"{section}.{name}": value for name, value in self.values.items() if value}


def asked_for(config: Config, provider: Provider) -> tuple[tuple[str, str, bool], ...]:
    """Each setting's key, its present value, whether it may stay empty."""
    account = CLOUDS[provider].account
    return tuple((name, config.text(f"{account.section}.{name}"), name in account.may_lack) for name in account.asked)


def keep_account(config: Config, wish: AccountWish, *, note: Callable[[], None]) -> None:
    account = CLOUDS[wish.provider].account
    file = config.state_dir / f"{account.section.rpartition('.')[2]}.secret"
    kept = {account.secret_file: str(file), "cloud.provider": str(wish.provider)}
    with writable(file):
        write_secret_file(file, wish.secret)
    keep_settings(config.path, wish.settings | kept, note=note)


def try_account(config: Config, wish: AccountWish) -> bool:
    """True. Address, keys, clock and what the account may see: its products are asked for. CloudFault otherwise. The
    secret lies in a file without a name for as long, so that nothing of it stays however this ends."""
    with writable(config.state_dir), tempfile.TemporaryFile("w+", encoding="utf-8", dir=config.state_dir) as trial:
        trial.write(wish.secret.reveal())
        trial.seek(0)
        flags = wish.settings | {CLOUDS[wish.provider].account.secret_file: f"/dev/fd/{trial.fileno()}"}
        with closing(open_products(load(config.path, flags), wish.provider)) as cloud:
            next(iter(cloud.products()), None)
    return True
