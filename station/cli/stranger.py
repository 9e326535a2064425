# SPDX-License-Identifier: GPL-3.0-or-later
"""`station stranger …`."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.asking import require_yes, yes_option
from station.cli.context import Context, json_option
from station.cli.dry_run import dry_run_option
from station.cli.naming import require_reason
from station.cli.output import print_json, print_line, say, second
from station.cli.spoken import SpokenGroup
from station.cli.supervising import require_supervisor, supervisor_options
from station.codes import Code, Exit
from station.errors import ConfigError
from station.rules import Fate


@click.group(cls=SpokenGroup)
def stranger() -> None:
    """Boards that were in a slot while another board was written, and may hold a part of its identity."""


@stranger.command("list")
@json_option
@click.pass_obj
def list_command(ctx: Context, *, as_json: bool) -> int:
    """Which boards they are and what waits for them. Exit code 6 when there are any."""
    with ctx.open_ledger() as ledger:
        found = ledger.strangers.open() + ledger.strangers.foretold()
    text = ctx.words.commands.supervisor
    for one in found:
        if as_json:
            print_json(
                {
                    "board_uid": one.uid,
                    "name": str(one.name) if one.name else None,
                    "married_to": one.married_to,
                    "attempt": one.attempt,
                    "since": one.found_at,
                }
            )
        else:
            said = text.stranger if one.name else text.stranger_of_unknown
            print_line(said.format(uid=one.uid, since=second(one.found_at), name=one.name))
            waits = text.waits if one.married_to else text.takes_none
            print_line(waits.format(name=one.name, married=one.married_to, uid=one.uid))
    if not found and as_json:
        print_json({"strangers": []})
    elif not found:
        say(text.no_strangers)
    return Exit.PERSON_NEEDED if found else Exit.OK


@stranger.command("settle")
@click.argument("uid")
@click.option(
    "--as",
    "fate",
    type=click.Choice([fate.value for fate in Fate]),
    required=True,
    help="wiped: erased and looked at, a board like any other again; scrapped: destroyed, it alarms if it comes back.",
)
@click.option("--reason", required=True, help="How it is known; written in the audit.")
@supervisor_options
@yes_option
@dry_run_option
@click.pass_obj
def settle_command(ctx: Context, uid: str, fate: str, reason: str, as_supervisor: str, pin_file: Path | None) -> None:
    """Say what became of the board UID. What waited for it is settled as usual: put its own board back.

    When the board cannot be found, it still holds what it holds: retire the identity instead.
    """
    from station.ledger.certificates import labelled_uid

    said = require_reason(reason, "erased with the vendor's tool, reads blank")
    known = labelled_uid(uid)
    if known is None:
        raise ConfigError(f"{uid} is no board uid", do="see: station stranger list", code=Code.E116)
    with ctx.open_ledger() as ledger:
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"settle board {known}")
        require_yes(f"What board {known} may hold of another's identity is {fate}: it is waited for no more")
        waiting = ledger.strangers.settle(known, Fate(fate), said, by=by)
    text = ctx.words.commands.supervisor
    for name in waiting:
        say(text.waits_no_more.format(name=name, uid=known, fate=text.fates[Fate(fate)]))
    if not waiting:
        say(text.settled.format(uid=known, fate=text.fates[Fate(fate)]))
