# SPDX-License-Identifier: GPL-3.0-or-later
"""`station show`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from station.cli.completing import certificates
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, second
from station.cli.pager import paged
from station.cli.past_lines import audit_content
from station.cli.spoken import Spoken
from station.cli.telling import state_in
from station.model import MAX_CHANNELS, State
from station.visiting import VISIT
from station.words.width import padded

if TYPE_CHECKING:
    from station.ledger.values import AuditLine, CertRow, SetStatus
    from station.words.language import Words


@click.command(cls=Spoken)
@click.argument("text", metavar="NAME|UID|SERIAL", shell_complete=certificates)
@json_option
@click.pass_obj
@paged
def show(ctx: Context, text: str, *, as_json: bool) -> None:
    """The whole history of a certificate (deviceName) or a board (uid, label, serial number).

    Of an NVR that carries its cameras' certificates, the history is told once.
    """
    from station.desk.searching import unknown

    with ctx.look() as ledger:
        rows = ledger.certificates.search(text, limit=MAX_CHANNELS + 1)
        if not rows:
            raise unknown(ledger, text)
        for identity_id, group in groupby(rows, lambda row: row.identity_id):
            members = list(group)
            lines = ledger.audit.history(identity_id=identity_id)
            status = ledger.sets.status_of(identity_id)
            board = members[0].board_uid
            serial = ledger.serials.of(board) if board else ""
            if as_json:
                for row in members:
                    print_json(_content(row, lines, status) | {"serial": serial})
            else:
                _tell(members, lines, status, serial, ctx.words)


def _content(row: CertRow, lines: Sequence[AuditLine], status: SetStatus | None) -> dict[str, object]:
    return {
        "product_key": row.name.product_key,
        "device_name": row.name.device_name,
        "state": row.state,
        "kind": row.kind,
        "batch": row.batch_id,
        "board_uid": row.board_uid,
        "set": status and {"nvr": str(status.nvr), "size": status.size, "missing": status.missing},
        "history": [audit_content(line) for line in lines],
    }


def _tell(
    members: Sequence[CertRow], lines: Sequence[AuditLine], status: SetStatus | None, serial: str, words: Words
) -> None:
    from station.words.told import reason_line

    row, text = members[0], words.commands.show
    why = reason_line(row.code, row.reason, words)
    state = state_in(words, row.state)
    print_line(
        text.head.format(name=row.name, state=state, uid=row.board_uid or "-", batch=row.batch_id, why=why).rstrip()
    )
    if serial:
        print_line(text.serial.format(serial=serial))
    if status:
        done = status.size - len(status.missing)
        print_line(text.of_set.format(nvr=status.nvr, done=done, size=status.size))
        if 0 < len(status.missing) < status.size:
            channels = (text.channel.format(number=n) if n else text.nvr for n in status.missing)
            print_line(text.missing.format(channels=", ".join(channels)))
    for line in lines:
        print_line(_line(line, words))
    for member in members[1:]:
        print_line(text.beside.format(number=f"{member.channel:<3}", name=member.name))


def _line(line: AuditLine, words: Words) -> str:
    text, detail = words.commands.show, json.loads(line.detail)
    event = line.event if words.native else words.past.events.get(line.event, line.event)
    states = (state_in(words, State(state)) for state in (line.from_state, line.to_state) if line.to_state and state)
    slot = words.past.slot.format(slot=line.slot) + " " if line.slot else ""
    place = slot + words.past.board.format(uid=line.board_uid) if line.board_uid else ""
    place += text.proved.format(method=detail["method"]) if "method" in detail else ""
    place += text.visit.format(visit=detail[VISIT]) if VISIT in detail else ""
    who = line.actor + (text.by.format(name=detail["by"]) if detail.get("by") else "")
    return f"  {second(line.at)}  {padded(event, 14)} {padded(' → '.join(states), 22)} {place}  {who}".rstrip()
