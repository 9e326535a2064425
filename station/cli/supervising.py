# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks for the supervisor's PIN where one is set."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.errors import NeedsPerson
from station.model import Secret

if TYPE_CHECKING:
    from station.ledger.store import Ledger

pin_option: Callable[[Callable[..., object]], Callable[..., object]] = click.option(
    "--pin-file", type=click.Path(exists=True, path_type=Path), help="0600 file with the supervisor's PIN, for scripts."
)


def require_supervisor(ledger: Ledger, pin_file: Path | None, *, purpose: str) -> None:
    """Returns when the PIN is right. NeedsPerson otherwise, also when nobody can be asked."""
    from station.credentials import read_secret_file
    from station.people import check_pin

    if pin_file is not None:
        pin = read_secret_file(pin_file)
    elif sys.stdin.isatty():
        pin = Secret(click.prompt("Supervisor PIN", hide_input=True, err=True))
    else:
        raise NeedsPerson("this needs the supervisor's PIN", do="run it on a terminal, or use --pin-file", code="E607")
    check_pin(ledger, pin, purpose=purpose)
