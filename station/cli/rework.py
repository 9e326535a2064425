# SPDX-License-Identifier: GPL-3.0-or-later
"""`station rework`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import require_yes, yes_option
from station.cli.completing import certificates
from station.cli.context import Context
from station.cli.dry_run import dry_run_option, would
from station.cli.naming import require_reason
from station.cli.output import say, shortened
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options
from station.codes import Code
from station.errors import ConfigError
from station.model import State

if TYPE_CHECKING:
    from station.cloud.capabilities import Registering
    from station.ledger.store import Ledger
    from station.ledger.values import CertRow

_MANY = 1000
"""Identities that one board had, with their cameras."""


@click.command(cls=Spoken)
@click.argument("text", metavar="NAME|UID", shell_complete=certificates)
@click.option("--reason", required=True, help="Why; written in the audit.")
@click.option("--device", type=click.Choice(["freeze", "delete"]), help="What is done with its device in the cloud.")
@supervisor_options
@yes_option
@dry_run_option
@click.pass_obj
def rework(ctx: Context, text: str, reason: str, device: str | None, as_supervisor: str, pin_file: Path | None) -> None:
    """Let a finished board, named by its uid, its label or its certificate, take a new identity when it comes back.

    The identity it has is RETIRED for good, with the cameras of a set that are on the same board; both stay in the
    board's history. A board that was locked ([agent] lock = true) takes the new one only after its flash was erased
    with a programmer. The old device in the cloud can be frozen or deleted along with it where the cloud has that;
    later by `station batch freeze` or `station batch delete`.
    """
    said = require_reason(reason, "radio chip replaced")
    with ctx.open_ledger() as ledger, ExitStack() as open_until_done:
        row = _finished(ledger, text)
        cloud = open_until_done.enter_context(closing(_cloud_of(ctx, ledger, row))) if device else None
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"rework {row.name}")
        require_yes(f"{row.name} on board {row.board_uid} goes to no board any more, and there is no way back")
        ledger.retire(row.name, f"rework: {said}", by=by)
        say(ctx.words.commands.supervisor.reworked.format(name=row.name, uid=row.board_uid))
        if cloud is not None and device:
            _end(ctx, ledger, cloud, row, device, said, by=by)


def _cloud_of(ctx: Context, ledger: Ledger, row: CertRow) -> Registering:
    """UsageError E121, before anything is retired, where its cloud can do nothing with a device."""
    from station.cloud.clouds import open_registration

    key = next(batch.key for batch in ledger.batches.all() if batch.key.batch_id == row.batch_id)
    return ledger.tokens.lend(open_registration(ctx.config, key.provider))


def _end(ctx: Context, ledger: Ledger, cloud: Registering, row: CertRow, device: str, reason: str, *, by: str) -> None:
    """Of a set each device that was on the board. May be done again: `station batch freeze`, `station batch delete`."""
    from station.intake.scrapping import Ending, end_device

    text = ctx.words.commands.supervisor
    for other in ledger.certificates.search(str(row.board_uid), limit=_MANY):
        if other.identity_id == row.identity_id:
            if would(f"{device} {other.name} in the cloud"):
                continue
            there = end_device(ledger, cloud, other.name, Ending(device), reason=f"rework: {reason}", by=by)
            say((text.device_ended if there else text.no_device).format(name=other.name))


def _finished(ledger: Ledger, text: str) -> CertRow:
    """The first certificate of the one finished board that this names. ConfigError E116 for none, and for several."""
    from station.ledger.certificates import labelled_uid

    name, uid = text.strip().rpartition("/")[2], labelled_uid(text)
    rows = [
        r for r in ledger.certificates.search(text, limit=_MANY) if r.name.device_name == name or r.board_uid == uid
    ]
    done = {row.identity_id: row for row in reversed(rows) if row.state is State.CONSUMED}
    if len(done) != 1:
        known = shortened([f"{row.name} {row.state}" for row in rows])
        raise ConfigError(
            f"{text} is not one finished board ({known})" if known else f"the ledger knows nothing of {text}",
            do="name one that passed; what is in doubt is settled first: station resolve",
            code=Code.E116,
        )
    return next(iter(done.values()))
