# SPDX-License-Identifier: GPL-3.0-or-later
"""`station status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from station.cli.benches import show_line
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, print_table
from station.cli.spoken import Spoken
from station.cli.telling import state_in
from station.errors import most_serious

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.ledger.matters import Matter
    from station.ledger.view import View
    from station.words.language import Words


@click.command(cls=Spoken)
@click.option("--line", "of_line", is_flag=True, help="All benches of the line, in the last hour, against the plan.")
@json_option
@click.pass_obj
def status(ctx: Context, *, of_line: bool, as_json: bool) -> int:
    """Stock by product and state, and everything that waits for a person: what is in doubt, locked, in dispute, set
    aside, withheld by a recovery. Exit code 6 when a person is needed, 7 while an integrity alarm locks it.
    """
    with ctx.look() as ledger:
        waiting = ledger.matters.open()
        if of_line:
            show_line(ctx, ledger, as_json=as_json)
        elif as_json:
            print_json({**_content(ledger), "needs_person": for_programs(waiting)})
        else:
            _print_text(ledger, waiting, ctx.words)
    return most_serious(one.exit for one in waiting)


def for_programs(waiting: Sequence[Matter]) -> list[dict[str, str]]:
    return [{"kind": one.kind, "code": one.code, "what": one.what, "do": one.do} for one in waiting]


def _print_text(ledger: View, waiting: Sequence[Matter], words: Words) -> None:
    from station.model import State
    from station.words.cells import cell
    from station.words.told import matter_line

    totals, head = ledger.stock.by_state(), ledger.audit.head()
    text = words.commands
    print_table(
        text.stock_heads,
        [
            (t.product_key, cell(t.kind, words), state_in(words, t.state), t.identities, t.certificates)
            for t in ledger.stock.tallies()
        ],
    )
    print_line()
    print_line(text.received.format(received=sum(totals.values()), consumed=totals[State.CONSUMED]))
    for one in waiting:
        print_line(matter_line(one, words))
    print_line(text.audit_head.format(head=head.hash, lines=head.seq))


def _content(ledger: View) -> dict[str, object]:
    totals, head = ledger.stock.by_state(), ledger.audit.head()
    return {
        "certificates": dict(totals),
        "received": sum(totals.values()),
        "disputed": ledger.disputes.open_count(),
        "stock": [
            {
                "product_key": t.product_key,
                "kind": t.kind,
                "state": t.state,
                "identities": t.identities,
                "certificates": t.certificates,
            }
            for t in ledger.stock.tallies()
        ],
        "in_doubt": [
            {"name": str(d.name), "board_uid": d.board_uid, "since": d.changed_at, "code": d.code, "why": d.why}
            for d in ledger.certificates.unsettled()
        ],
        "known_twice": [
            {"board_uid": uid, "identities": [{"name": str(name), "as": spelling} for spelling, name in held_as]}
            for uid, held_as in ledger.spellings.boards_with_two().items()
        ],
        "stuck_sets": [
            {"nvr": str(one.nvr), "retired": [str(name) for name in one.retired]} for one in ledger.short_sets.waiting()
        ],
        "locks": [
            {"scope": lk.scope, "code": lk.code, "what": lk.what, "since": lk.since}
            for lk in ledger.locks.held().values()
        ],
        "audit": {"lines": head.seq, "head": head.hash},
    }
