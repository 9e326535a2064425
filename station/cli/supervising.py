# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks for a supervisor's PIN, and for whose it is where there are several."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import ask_one_of, ask_secret
from station.cli.dry import is_dry_run
from station.cli.output import say
from station.codes import Code
from station.errors import NeedsPerson

if TYPE_CHECKING:
    from station.ledger.store import Ledger

_Command = Callable[..., object]


def supervisor_options(command: _Command) -> _Command:
    """Gives a command what `require_supervisor` wants: `as_supervisor` and `pin_file`."""
    pin_file = click.option(
        "--pin-file",
        type=click.Path(exists=True, path_type=Path),
        help="0600 file with the supervisor's PIN, for scripts.",
    )
    named = click.option("--supervisor", "as_supervisor", default="", metavar="NAME", help="Whose PIN, of several.")
    return named(pin_file(command))


def require_supervisor(ledger: Ledger, name: str, pin_file: Path | None, *, purpose: str) -> str:
    """The supervisor whose PIN was given; `name` may be "". NeedsPerson otherwise, also when nobody can be asked. In a
    dry run it is only said whose would be wanted."""
    from station.people.pins import UNNAMED, check_pin, require_some, supervisors
    from station.secrets.files import read_secret_file

    if is_dry_run():
        if pin_file is None:
            say(f"it would ask: {_whose(supervisors(ledger), name)}")
        return name or UNNAMED
    if pin_file is not None:
        pin = read_secret_file(pin_file)
    elif sys.stdin.isatty():
        known = supervisors(ledger)
        if not name and len(known) > 1:
            name = ask_one_of("Supervisor", known)
        whose = name or next(iter(known), "a supervisor")
        pin = ask_secret(f"PIN of {whose}")
    else:
        require_some(ledger)
        raise NeedsPerson("this needs a supervisor's PIN", do="run it on a terminal, or use --pin-file", code=Code.E600)
    return check_pin(ledger, pin, name=name, purpose=purpose)


def _whose(known: Sequence[str], name: str) -> str:
    if not known:
        return "a supervisor’s PIN, and none is set yet: station supervisor set-pin"
    return f"PIN of {name or ' | '.join(known)}"
