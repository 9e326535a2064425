# SPDX-License-Identifier: GPL-3.0-or-later
"""`station resolve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from station.cli.completing import profile_option, slots
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, say, second
from station.cli.spoken import Spoken
from station.cli.status import for_programs
from station.codes import Exit

if TYPE_CHECKING:
    from station.ledger.store import Ledger
    from station.ledger.values import CertRow


@click.command(cls=Spoken)
@click.option("--slot", "slots", multiple=True, shell_complete=slots, help="Settle the board in this slot.")
@click.option("--port", "ports", multiple=True, metavar="URL", help="Settle the board at this device or URL.")
@profile_option
@click.option("--label", help="The board's label, where the profile asks for a scan; for one board.")
@json_option
@click.pass_obj
def resolve(
    ctx: Context,
    slots: tuple[str, ...],
    ports: tuple[str, ...],
    profile_name: str | None,
    label: str | None,
    *,
    as_json: bool,
) -> int:
    """List what is in doubt, or left by a recovery, and what to do. Exit code 6 when there is any.

    With --slot or --port: look at the board put back there; equal means consumed, anything else means the same identity
    is written to it again. Never takes a new identity.
    """
    from station.bench.audience import audience_of
    from station.bench.headless import RunOrder, run_headless
    from station.bench.lines import Stream
    from station.bench.setup import choose_slots, lock_out_of
    from station.printing.printer import printer_of
    from station.words.run_lines import RunLines

    with ctx.open_ledger() as ledger:
        if slots or ports:
            profile, chosen = ctx.profile(profile_name), choose_slots(ctx.config, slots, ports)
            limits, audience = lock_out_of(ctx.config), audience_of(ctx.config, chosen)
            order = RunOrder(take_new=False, label=label, lock_out=limits)
            return run_headless(
                ledger,
                profile,
                chosen,
                order,
                RunLines(ctx.words),
                stream=Stream.ALL if as_json else None,
                audience=audience,
                printer=printer_of(ctx.config),
            )
        return _list(ctx, ledger, as_json=as_json)


def _list(ctx: Context, ledger: Ledger, *, as_json: bool) -> Exit:
    from station.ledger.matters import OF_A_RECOVERY
    from station.words.told import matter_line

    doubts = ledger.certificates.unsettled()
    awaited = {one.name: one.uid for one in ledger.strangers.open()}
    left = [one for one in ledger.matters.open() if one.kind in OF_A_RECOVERY]
    for doubt in doubts:
        _tell(ctx, doubt, awaited.get(doubt.name, ""), as_json=as_json)
    if as_json and (left or not doubts):
        print_json(({} if doubts else {"in_doubt": []}) | {"needs_person": for_programs(left)})
    elif not as_json:
        for one in left:
            print_line(matter_line(one, ctx.words))
        if not doubts:
            say(ctx.words.commands.nothing_in_doubt)
    return Exit.PERSON_NEEDED if doubts or left else Exit.OK


def _tell(ctx: Context, doubt: CertRow, other: str, *, as_json: bool) -> None:
    """`other`: the uid of the board to be found first."""
    from station.words.told import reason_line

    if as_json:
        about = {"name": str(doubt.name), "board_uid": doubt.board_uid, "since": doubt.changed_at}
        print_json(about | {"code": doubt.code, "why": doubt.why, "waits_for": other})
        return
    text = ctx.words.commands
    do = text.find_first.format(uid=other) if other else text.put_back.format(uid=doubt.board_uid)
    print_line(text.since.format(name=doubt.name, since=second(doubt.changed_at), do=do))
    print_line(text.why.format(why=reason_line(doubt.code, doubt.reason, ctx.words)))
