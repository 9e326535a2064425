# SPDX-License-Identifier: GPL-3.0-or-later
"""`station batch odd`: what came with a batch and could not be believed."""

from __future__ import annotations

import click

from station.cli.completing import batches
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, say
from station.cli.spoken import Spoken
from station.cli.typed import NAMED
from station.codes import Exit


@click.command(cls=Spoken)
@click.argument("batch_id", metavar="BATCH", type=NAMED, shell_complete=batches)
@json_option
@click.pass_obj
def odd(ctx: Context, batch_id: str, *, as_json: bool) -> int:
    """What of BATCH is set aside: where, why, and what came, without its secrets. Exit code 6 while there is any.

    An odd item never goes to a board. Pull again: it heals when the cloud has healed it.
    """
    from station.model import Provider
    from station.words.details import said

    words = ctx.words
    with ctx.open_ledger() as ledger:
        items = [item for cloud in Provider for item in ledger.odd.open(cloud, batch_id)]
    for item in items:
        if as_json:
            content = {"item": item.item, "place": item.place, "why": item.why, "raw": item.raw, "at": item.seen_at}
            print_json({"event": "odd", "batch": batch_id, **content})
            continue
        print_line(f"{item.item}  {words.of(said(item.place, words), said(item.why, words))}")
        if item.raw:
            print_line(f"  {item.raw}")
    if not items and as_json:
        print_json({"event": "odd", "batch": batch_id, "items": []})
    elif not items:
        say(said(f"nothing of batch {batch_id} is set aside", words))
    else:
        say(said(f"do: pull again later (station pull {batch_id}); if it stays, show it to the vendor", words))
    return Exit.PERSON_NEEDED if items else Exit.OK
