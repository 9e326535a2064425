# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a ledger is: a file of this bench's own, or a line's on a server. Nobody else chooses an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from station.config.settings import Config
from station.errors import LedgerFault, UsageError
from station.ledger.engine import Engine
from station.ledger.server import require_driver
from station.ledger.sqlite.connection import Connection
from station.ledger.sqlite.holders import held
from station.model import Secret
from station.secrets.files import named_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class OnServer:
    """A line's. `path`: the file by which this bench is known there."""

    url: str
    path: Path
    password: Secret | None = None


Where = Path | OnServer


def where(config: Config) -> Where:
    """ConfigError E114 for a password that is not where the configuration says."""
    url = config.text("ledger.url")
    if not url:
        return config.ledger_path
    return OnServer(url=url, path=config.ledger_path, password=named_secret(config, "ledger.password"))


def engine_at(
    place: Where, *, read_only: bool = False, key: str = "", older: Callable[[str], None] = lambda _version: None
) -> Engine:
    """`key`: the id of the one to work with; `older`: as a file's connection has both. ConfigError E115 for one that is
    to be looked at and is not there; E114 for a file that was made with another key; E118 without the driver of a
    server."""
    if isinstance(place, Path):
        return Connection(place, read_only=read_only, key=key, older=older)
    require_driver()
    from station.ledger.postgres.connection import LineConnection  # noqa: PLC0415 - an extra

    return LineConnection(place.url, place.path, password=place.password, read_only=read_only)


def held_at(place: Where) -> LedgerFault | None:
    """E320 with the program that keeps a ledger's file from being written just now."""
    return held(place) if isinstance(place, Path) else None


def require_own_file(config: Config, instead: str) -> None:
    """UsageError E100 for a line's ledger, which is the server's to keep; `instead`: what to do."""
    if config.text("ledger.url"):
        raise UsageError("this bench works on a line’s ledger, which is on its server", do=instead)
