# SPDX-License-Identifier: GPL-3.0-or-later
"""`station supervisor …`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from station.cli.asking import ask_secret, require_yes, yes_option
from station.cli.context import Context, json_option
from station.cli.dry_run import dry_run_option
from station.cli.output import print_json, print_line, say
from station.cli.spoken import SpokenGroup
from station.cli.supervising import require_supervisor, supervisor_options
from station.codes import Code
from station.errors import NeedsPerson, UsageError
from station.people.pins import UNNAMED, remove_supervisor, set_pin, supervisors


@click.group(cls=SpokenGroup)
def supervisor() -> None:
    """Who may unlock slots and retire identities: each by name, with a PIN of their own."""


@supervisor.command("set-pin")
@click.option("--name", default=UNNAMED, show_default=True, help="Whose PIN.")
@click.option("--new-pin-file", type=click.Path(exists=True, path_type=Path), help="0600 file with the new PIN.")
@supervisor_options
@click.pass_obj
def set_pin_command(
    ctx: Context, name: str, new_pin_file: Path | None, as_supervisor: str, pin_file: Path | None
) -> None:
    """Set a supervisor's PIN.

    A supervisor changes only their own, with the present one. A new supervisor is added with the PIN of any other.
    """
    from station.secrets.files import read_secret_file

    with ctx.open_ledger() as ledger:
        present = supervisors(ledger)
        if name in present and as_supervisor not in ("", name):
            raise UsageError(
                f"only {name} changes the PIN of {name}",
                do="if it is lost: station supervisor remove, then set-pin",
                code=Code.E117,
            )
        whose = name if name in present else as_supervisor
        by = require_supervisor(ledger, whose, pin_file, purpose="set a new PIN") if present else ""
        if new_pin_file is not None:
            pin = read_secret_file(new_pin_file)
        elif sys.stdin.isatty():
            pin = ask_secret(f"New PIN of {name}", twice=True)
        else:
            raise NeedsPerson(
                f"the new PIN of {name} is asked for on a terminal",
                do="run it on a terminal, or use --new-pin-file",
                code=Code.E600,
            )
        set_pin(ledger, name, pin, by=by)
    say(ctx.words.commands.supervisor.pin_set.format(name=name))


@supervisor.command("list")
@json_option
@click.pass_obj
def list_command(ctx: Context, *, as_json: bool) -> None:
    """The supervisors' names."""
    with ctx.open_ledger() as ledger:
        names = supervisors(ledger)
    for name in names:
        if as_json:
            print_json({"name": name})
        else:
            print_line(name)
    if not names and as_json:
        print_json({"supervisors": []})
    elif not names:
        say(ctx.words.commands.supervisor.none_yet)


@supervisor.command()
@click.argument("name")
@supervisor_options
@yes_option
@dry_run_option
@click.pass_obj
def remove(ctx: Context, name: str, as_supervisor: str, pin_file: Path | None) -> None:
    """Take supervisor NAME off the list, with the PIN of any. The last one stays."""
    with ctx.open_ledger() as ledger:
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose="remove a supervisor")
        require_yes(f"{name} is no supervisor any more, and their PIN is forgotten")
        remove_supervisor(ledger, name, by=by)
    say(ctx.words.commands.supervisor.removed.format(name=name))
