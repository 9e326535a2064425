# SPDX-License-Identifier: GPL-3.0-or-later
"""`station release`: the way back for what is withheld."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import require_yes, yes_option
from station.cli.completing import batches, certificates
from station.cli.context import Context, json_option
from station.cli.dry_run import dry_run_option
from station.cli.naming import one_certificate, require_reason
from station.cli.output import print_json, say
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options
from station.cli.typed import NAME_OR_NONE
from station.codes import Code, Exit
from station.errors import UsageError

if TYPE_CHECKING:
    from station.ledger.releasing import Released
    from station.words.language import Words


@click.command(cls=Spoken)
@click.argument("name", default="", shell_complete=certificates)
@click.option(
    "--batch",
    "batch_id",
    type=NAME_OR_NONE,
    default="",
    shell_complete=batches,
    help="All of this batch that is withheld and may come back.",
)
@click.option("--reason", required=True, help="How you know that no device has it; written in the audit.")
@supervisor_options
@yes_option
@dry_run_option
@json_option
@click.pass_obj
def release(
    ctx: Context,
    name: str,
    batch_id: str,
    reason: str,
    as_supervisor: str,
    pin_file: Path | None,
    *,
    as_json: bool,
) -> int:
    """Let the withheld identity NAME (deviceName, or productKey/deviceName) back into the queue.

    What came from a cloud must have been asked about since: `station pull BATCH --recheck`. What was found on a board,
    or is in use in the cloud, never comes back. Exit code 6 when some of a batch stay withheld.
    """
    if bool(name) == bool(batch_id):
        raise UsageError("say what comes back", do="give NAME, or --batch BATCH", code=Code.E121)
    said = require_reason(reason, "a test by the engineer, no board")
    with ctx.open_ledger() as ledger:
        if batch_id:
            by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"release batch {batch_id}")
            require_yes(
                f"What is withheld of batch {batch_id} goes to the next boards, if a device has it already or not"
            )
            done = ledger.withheld.let_batch_back(batch_id, said, by=by)
        else:
            one = one_certificate(ledger, name)
            by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"release {one}")
            require_yes(f"{one} goes to the next board, if a device has it already or not")
            done = ledger.withheld.let_back(one, said, by=by)
    _tell(done, ctx.words, as_json=as_json)
    return Exit.PERSON_NEEDED if done.stay else Exit.OK


def _tell(done: Released, words: Words, *, as_json: bool) -> None:
    if as_json:
        stay = {str(why): many for why, many in done.stay.items()}
        print_json({"event": "released", "ready": done.back, "withheld": stay})
        return
    text = words.commands
    say(text.supervisor.back.format(number=done.back))
    for why, many in done.stay.items():
        say(text.supervisor.stay.format(number=many, why=text.pull.ways[why]))
