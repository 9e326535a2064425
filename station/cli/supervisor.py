# SPDX-License-Identifier: GPL-3.0-or-later
"""`station supervisor set-pin`."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.context import Context
from station.cli.supervising import pin_option, require_supervisor
from station.model import Secret


@click.group()
def supervisor() -> None:
    """Who may unlock slots and retire identities."""


@supervisor.command("set-pin")
@click.option("--new-pin-file", type=click.Path(exists=True, path_type=Path), help="0600 file with the new PIN.")
@pin_option
@click.pass_obj
def set_pin_command(ctx: Context, new_pin_file: Path | None, pin_file: Path | None) -> None:
    """Set the PIN; asks for the present one when there is one."""
    from station.credentials import read_secret_file
    from station.people import has_pin, set_pin

    with ctx.open_ledger() as ledger:
        if has_pin(ledger):
            require_supervisor(ledger, pin_file, purpose="set a new PIN")
        if new_pin_file is not None:
            pin = read_secret_file(new_pin_file)
        else:
            pin = Secret(click.prompt("New PIN", hide_input=True, confirmation_prompt=True, err=True))
        set_pin(ledger, pin)
    click.echo("The supervisor's PIN is set.", err=True)
