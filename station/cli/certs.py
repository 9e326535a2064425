# SPDX-License-Identifier: GPL-3.0-or-later
"""`station certs`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from station.cli.completing import batches
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_table, say, second
from station.cli.pager import paged
from station.cli.spoken import Spoken
from station.cli.telling import state_in
from station.cli.typed import NAME_OR_NONE
from station.model import State

if TYPE_CHECKING:
    from station.ledger.values import CertRow
    from station.words.language import Words


@click.command(cls=Spoken)
@click.option("--state", type=click.Choice([s.value for s in State], case_sensitive=False), help="Only this state.")
@click.option("--batch", "batch_id", type=NAME_OR_NONE, default="", shell_complete=batches, help="Only this batch.")
@click.option("--product", default="", help="Only this productKey.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many.")
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True, help="Skip so many.")
@json_option
@click.pass_obj
@paged
def certs(
    ctx: Context, state: str | None, batch_id: str, product: str, limit: int, offset: int, *, as_json: bool
) -> None:
    """List certificates in the order they arrived. Secrets are never shown."""
    with ctx.look() as ledger:
        rows = ledger.certificates.page(
            state=State(state.upper()) if state else None,
            batch_id=batch_id,
            product_key=product,
            limit=limit,
            after=offset,
        )
    if as_json and not rows:
        print_json({"certificates": []})
    elif as_json:
        for row in rows:
            print_json(
                {
                    "product_key": row.name.product_key,
                    "device_name": row.name.device_name,
                    "kind": row.kind,
                    "channel": row.channel,
                    "set": row.set_name,
                    "state": row.state,
                    "batch": row.batch_id,
                    "attempt": row.attempt,
                    "board_uid": row.board_uid,
                    "changed_at": row.changed_at,
                    "code": row.code,
                    "reason": row.why,
                }
            )
    else:
        _print(rows, ctx.words)
    if len(rows) == limit:
        say(f"{limit} shown; more with --offset {offset + limit}, or --limit")


def _print(rows: Sequence[CertRow], words: Words) -> None:
    from station.words.told import reason_line

    print_table(
        ("product", "device name", "state", "board", "set", "ch", "batch", "since", "why"),
        [
            (
                r.name.product_key,
                r.name.device_name,
                state_in(words, r.state),
                r.board_uid,
                r.set_name,
                r.channel if r.set_name else "",
                r.batch_id,
                second(r.changed_at),
                reason_line(r.code, r.reason, words),
            )
            for r in rows
        ],
    )
