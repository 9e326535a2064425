# SPDX-License-Identifier: GPL-3.0-or-later
"""`station status`."""

from __future__ import annotations

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, print_table
from station.codes import Exit


@click.command()
@json_option
@click.pass_obj
def status(ctx: Context, *, as_json: bool) -> int:
    """Stock by product and state, what is in doubt, what is locked. Exit code 6 when a person is needed."""
    from station.model import State

    with ctx.look() as ledger:
        lines, doubts = ledger.stock.tallies(), ledger.certificates.unsettled()
        awaited = {one.name: one.uid for one in ledger.strangers.open()}
        totals, held, head = ledger.stock.by_state(), ledger.locks.held(), ledger.audit.head()
        disputed, twice = ledger.disputes.open_count(), ledger.spellings.boards_with_two()
        stuck = ledger.short_sets.waiting()
    if as_json:
        print_json(
            {
                "certificates": dict(totals),
                "received": sum(totals.values()),
                "disputed": disputed,
                "stock": [
                    {
                        "product_key": t.product_key,
                        "kind": t.kind,
                        "state": t.state,
                        "identities": t.identities,
                        "certificates": t.certificates,
                    }
                    for t in lines
                ],
                "in_doubt": [
                    {"name": str(d.name), "board_uid": d.board_uid, "since": d.changed_at, "code": d.code, "why": d.why}
                    for d in doubts
                ],
                "known_twice": [
                    {
                        "board_uid": uid,
                        "identities": [{"name": str(name), "as": spelling} for spelling, name in held_as],
                    }
                    for uid, held_as in twice.items()
                ],
                "stuck_sets": [{"nvr": str(s.nvr), "retired": [str(name) for name in s.retired]} for s in stuck],
                "locks": [
                    {"scope": lk.scope, "code": lk.code, "what": lk.what, "since": lk.since} for lk in held.values()
                ],
                "audit": {"lines": head.seq, "head": head.hash},
            }
        )
    else:
        print_table(
            ("product", "kind", "state", "identities", "certificates"),
            [(t.product_key, t.kind, t.state, t.identities, t.certificates) for t in lines],
        )
        click.echo(f"\n{sum(totals.values())} certificates received, {totals[State.CONSUMED]} consumed")
        if disputed:
            click.echo(f"DISPUTED  {disputed} came with two contents: station conflict list")
        for doubt in doubts:
            do = f"put board {doubt.board_uid} back in any slot"
            if other := awaited.get(doubt.name):
                do = f"first find board {other}: station stranger list"
            print_line(f"IN DOUBT  {doubt.name}: {do} ({doubt.why})")
        for uid, held_as in twice.items():
            print_line(f"TWICE     board {uid}: " + ", ".join(f"{name} as {spelling}" for spelling, name in held_as))
        for one in stuck:
            print_line(f"SET       {one.nvr} waits for retired {', '.join(map(str, one.retired))}: station set list")
        for held_lock in held.values():
            print_line(f"LOCKED    {held_lock.scope or 'station'}: {held_lock.code} {held_lock.what}")
        click.echo(f"audit head {head.hash} ({head.seq} lines)")
    return Exit.PERSON_NEEDED if doubts or held or disputed or twice or stuck else Exit.OK
