# SPDX-License-Identifier: GPL-3.0-or-later
"""`station show`."""

from __future__ import annotations

import json

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line
from station.errors import ConfigError


@click.command()
@click.argument("text", metavar="NAME|UID")
@json_option
@click.pass_obj
def show(ctx: Context, text: str, *, as_json: bool) -> None:
    """The whole history of a certificate (deviceName) or a board (uid, label)."""
    from station.ledger.queries import history, search, set_status

    with ctx.open_ledger() as ledger:
        rows = search(ledger.connection, text)
        if not rows:
            raise ConfigError(f"the ledger knows nothing of {text}", do="look it up: station certs", code="E116")
        found = [
            (
                row,
                history(ledger.connection, identity_id=row.identity_id),
                set_status(ledger.connection, row.identity_id),
            )
            for row in rows
        ]
    for row, lines, status in found:
        if as_json:
            print_json(
                {
                    "product_key": row.name.product_key,
                    "device_name": row.name.device_name,
                    "state": row.state,
                    "kind": row.kind,
                    "batch": row.batch_id,
                    "board_uid": row.board_uid,
                    "set": status and {"nvr": str(status.nvr), "size": status.size, "missing": status.missing},
                    "history": [
                        {
                            "seq": line.seq,
                            "at": line.at,
                            "event": line.event,
                            "who": line.actor,
                            "from": line.from_state,
                            "to": line.to_state,
                            "attempt": line.attempt,
                            "board_uid": line.board_uid,
                            "slot": line.slot,
                            "detail": json.loads(line.detail),
                        }
                        for line in lines
                    ],
                }
            )
            continue
        print_line(
            f"{row.name}  {row.state}  board {row.board_uid or '-'}  batch {row.batch_id}  {row.reason}".rstrip()
        )
        if status:
            print_line(f"  set of {status.nvr}: {status.size - len(status.missing)} of {status.size} consumed")
        for line in lines:
            move = f"{line.from_state} → {line.to_state}" if line.to_state else ""
            place = f"slot {line.slot} board {line.board_uid}" if line.board_uid else ""
            print_line(f"  {line.at[:19]}  {line.event:<14} {move:<22} {place}  {line.actor}".rstrip())
