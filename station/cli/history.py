# SPDX-License-Identifier: GPL-3.0-or-later
"""`station history`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from station.cli.completing import certificates
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line
from station.cli.pager import paged
from station.cli.past_lines import past_content, past_text
from station.cli.spoken import Spoken
from station.cli.telling import state_in

if TYPE_CHECKING:
    from station.desk.desk import Found


@click.command(cls=Spoken)
@click.argument("text", metavar="NAME|UID|LABEL|SERIAL|IOTID", shell_complete=certificates)
@json_option
@click.pass_obj
@paged
def history(ctx: Context, text: str, *, as_json: bool) -> None:
    """Certificate, board, visits, audit and the cloud's words in one order; of a board every identity that it
    ever had, and its failures.

    Where a name is the beginning of several, they are listed and no history is told.
    """
    from station.desk.searching import find, unknown

    with ctx.look() as ledger:
        found = find(ledger, text)
        if not (found.certificates or found.uid):
            raise unknown(ledger, text)
    if as_json:
        print_json(_content(found))
        return
    for row in found.certificates:
        cloud = ctx.words.past.events.get(row.cloud, "")
        parts = (row.name, state_in(ctx.words, row.state), row.uid, row.batch, row.set_name, cloud)
        print_line("  ".join(part for part in parts if part))
    for line in found.lines:
        print_line(f"  {past_text(line, ctx.words, board=found.uid)}")


def _content(found: Found) -> dict[str, object]:
    return {
        "board_uid": found.uid,
        "certificates": [
            {
                "name": r.name,
                "state": r.state,
                "board_uid": r.uid,
                "batch": r.batch,
                "set": r.set_name,
                "cloud": r.cloud,
            }
            for r in found.certificates
        ],
        "lines": [past_content(line) for line in found.lines],
    }
