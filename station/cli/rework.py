# SPDX-License-Identifier: GPL-3.0-or-later
"""`station rework`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import require_yes, yes_option
from station.cli.completing import certificates
from station.cli.context import Context
from station.cli.naming import require_reason
from station.cli.output import say, shortened
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options
from station.codes import Code
from station.errors import ConfigError
from station.model import State

if TYPE_CHECKING:
    from station.ledger.store import Ledger
    from station.ledger.values import CertRow

_MANY = 1000
"""Identities that one board had, with their cameras."""


@click.command(cls=Spoken)
@click.argument("text", metavar="NAME|UID", shell_complete=certificates)
@click.option("--reason", required=True, help="Why; written in the audit.")
@supervisor_options
@yes_option
@click.pass_obj
def rework(ctx: Context, text: str, reason: str, as_supervisor: str, pin_file: Path | None) -> None:
    """Let a finished board, named by its uid, its label or its certificate, take a new identity when it comes back.

    The identity it has is RETIRED for good, with the cameras of a set that are on the same board; both stay in the
    board's history. A board that was locked ([agent] lock = true) takes the new one only after its flash was erased
    with a programmer. The old device in the cloud is for `station batch freeze` or `station batch delete`, where the
    cloud has them.
    """
    said = require_reason(reason, "radio chip replaced")
    with ctx.open_ledger() as ledger:
        row = _finished(ledger, text)
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"rework {row.name}")
        require_yes(f"{row.name} on board {row.board_uid} goes to no board any more, and there is no way back")
        ledger.retire(row.name, f"rework: {said}", by=by)
    say(ctx.words.commands.supervisor.reworked.format(name=row.name, uid=row.board_uid))


def _finished(ledger: Ledger, text: str) -> CertRow:
    """The first certificate of the one finished board that this names. ConfigError E116 for none, and for several."""
    from station.ledger.certificates import labelled_uid

    name, uid = text.strip().rpartition("/")[2], labelled_uid(text)
    rows = [
        r for r in ledger.certificates.search(text, limit=_MANY) if r.name.device_name == name or r.board_uid == uid
    ]
    done = {row.identity_id: row for row in reversed(rows) if row.state is State.CONSUMED}
    if len(done) != 1:
        known = shortened([f"{row.name} {row.state}" for row in rows]) or "nothing"
        raise ConfigError(
            f"{text} is not one finished board ({known})",
            do="name one that passed; what is in doubt is settled first: station resolve",
            code=Code.E116,
        )
    return next(iter(done.values()))
