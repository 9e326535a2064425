# SPDX-License-Identifier: GPL-3.0-or-later
"""`station serial …`."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.context import Context
from station.cli.dry_run import dry_run_option
from station.cli.naming import require_reason
from station.cli.output import say
from station.cli.spoken import SpokenGroup
from station.cli.supervising import require_supervisor, supervisor_options
from station.codes import Code
from station.errors import ConfigError, UsageError
from station.model import BoardUid


@click.group(cls=SpokenGroup)
def serial() -> None:
    """Product serial numbers that were scanned from boards."""


@serial.command("correct")
@click.argument("uid")
@click.argument("new", metavar="[SERIAL]", default="")
@click.option("--reason", required=True, help="How it is known; written in the audit.")
@supervisor_options
@dry_run_option
@click.pass_obj
def correct_command(ctx: Context, uid: str, new: str, reason: str, as_supervisor: str, pin_file: Path | None) -> None:
    """Give the board UID the serial number SERIAL instead of the one it has; without SERIAL it has none, and is asked
    for it when it comes back.
    """
    from station.ledger.certificates import labelled_uid

    said, board = require_reason(reason, "the neighbour's was scanned"), labelled_uid(uid)
    if board is None:
        raise ConfigError(f"{uid} is no board uid", do="look it up: station history", code=Code.E116)
    wanted = _read(new) if new else ""
    with ctx.open_ledger() as ledger:
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"correct the serial number of {board}")
        before = ledger.serials.correct(board, wanted, said, by=by)
    _tell(ctx, board, before, wanted)


def _read(scan: str) -> str:
    from station.serial_number import NotASerial, serial_in

    try:
        return serial_in(scan)
    except NotASerial as error:
        raise UsageError(f"that is no serial number: {error}", do="scan it from the board", code=Code.E127) from None


def _tell(ctx: Context, board: BoardUid, before: str, now: str) -> None:
    say(ctx.words.commands.supervisor.serial_corrected.format(uid=board, before=before or "-", now=now or "-"))
