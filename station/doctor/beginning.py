# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what a bench needs before its first board, and has for good once it had it. Each finding says by its code
what is missing: the guide asks for exactly that.
"""

from __future__ import annotations

from collections.abc import Iterator

from station.cloud.clouds import CLOUDS
from station.codes import Code
from station.config.settings import Config
from station.doctor import Finding, Level
from station.ledger.view import View
from station.people.pins import supervisors


def check_supervisor(ledger: View) -> Iterator[Finding]:
    """Has anybody a PIN?"""
    if not supervisors(ledger):
        yield _missing("supervisor", Code.E607, "no supervisor has a PIN", "station supervisor set-pin")


def check_source(config: Config, ledger: View) -> Iterator[Finding]:
    """Is there anywhere that certificates come from? Asks no cloud."""
    accounts = any(cloud.account.is_complete(config) for cloud in CLOUDS.values())
    if not accounts and not ledger.stock.tallies():
        do = "fill in a [cloud.…] of station.toml, or: station import FILE"
        yield _missing("source", Code.E113, "no cloud account is configured, and no file was imported", do)


def check_stock(ledger: View) -> Iterator[Finding]:
    """Has a certificate ever come? What is used up meanwhile is not asked about here."""
    if not ledger.stock.tallies():
        yield _missing("stock", Code.E500, "no certificate is here yet", "station pull BATCH, or station import FILE")


def _missing(check: str, code: Code, what: str, do: str) -> Finding:
    return Finding(check=check, level=Level.WARNING, what=what, do=do, code=code)
