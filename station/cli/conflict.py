# SPDX-License-Identifier: GPL-3.0-or-later
"""`station conflict list|show|keep`: names that two sources say differently, and which of the two is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import require_yes, yes_option
from station.cli.completing import batches, certificates
from station.cli.context import Context, json_option
from station.cli.dry_run import dry_run_option
from station.cli.output import print_json, print_line, print_table, print_told, say, second, spoken
from station.cli.pager import paged
from station.cli.spoken import SpokenGroup
from station.cli.supervising import require_supervisor, supervisor_options
from station.cli.telling import state_in
from station.cli.typed import NAME_OR_NONE
from station.codes import Code, Exit
from station.errors import ConfigError
from station.meant import perhaps
from station.model import State

if TYPE_CHECKING:
    from station.ledger.disputes import Dispute
    from station.ledger.store import Ledger
    from station.words.language import Words


_KEPT = {"held": "what is held", "arrived": "what arrived"}


@click.group(cls=SpokenGroup)
def conflict() -> None:
    """Names that two files or pulls say differently. No board gets either content until a supervisor has chosen."""


@conflict.command("list")
@json_option
@click.pass_obj
@paged
def list_conflicts(ctx: Context, *, as_json: bool) -> int:
    """What is in dispute. Exit code 6 while anything is."""
    with ctx.open_ledger() as ledger:
        found = ledger.disputes.open()
    if as_json and not found:
        print_json({"disputes": []})
    elif as_json:
        for dispute in found:
            print_json(_content(dispute))
    elif found:
        print_table(
            ("product", "device name", "held", "board", "held since", "from", "arrived", "from"),
            [
                (
                    d.name.product_key,
                    d.name.device_name,
                    state_in(ctx.words, State(d.state)) if d.state else "",
                    d.board_uid,
                    second(d.held_since),
                    _source(d.held_from, d.held_with),
                    second(d.arrived_at),
                    _source(d.arrived_from, d.arrived_with),
                )
                for d in found
            ],
        )
    else:
        say(ctx.words.commands.supervisor.no_disputes)
    return Exit.PERSON_NEEDED if found else Exit.OK


@conflict.command()
@click.argument("name", shell_complete=certificates)
@json_option
@click.pass_obj
def show(ctx: Context, name: str, *, as_json: bool) -> int:
    """Both sides of NAME: where each came from, what differs, and what can be chosen. Never a secret."""
    with ctx.open_ledger() as ledger:
        for dispute in _of(ledger, name, batch_id=""):
            differing = ledger.disputes.compare(dispute)
            if as_json:
                print_json({**_content(dispute), "differs": differing})
                continue
            _tell_state(dispute, ctx.words)
            print_told(
                f"held here: {_source(dispute.held_from, dispute.held_with)}, {second(dispute.held_since)}", indent="  "
            )
            print_told(
                f"arrived: {_source(dispute.arrived_from, dispute.arrived_with)}, {second(dispute.arrived_at)}",
                indent="  ",
            )
            for line in differing:
                print_told(line, indent="  ")
            print_told(_advice(dispute), indent="  ")
    return Exit.PERSON_NEEDED


@conflict.command()
@click.argument("which", type=click.Choice(["held", "arrived"]))
@click.argument("name", default="", shell_complete=certificates)
@click.option(
    "--batch",
    "batch_id",
    type=NAME_OR_NONE,
    default="",
    shell_complete=batches,
    help="All that arrived with this batch or file.",
)
@click.option("--reason", required=True, help="How you know; written in the audit.")
@supervisor_options
@yes_option
@dry_run_option
@json_option
@click.pass_obj
def keep(
    ctx: Context,
    which: str,
    name: str,
    batch_id: str,
    reason: str,
    as_supervisor: str,
    pin_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Say which content of NAME is right: what is HELD here, or what ARRIVED later. The other is destroyed, and is
    never asked about again. What was withheld for its dispute alone is READY again.
    """
    from station.rules import Choice

    with ctx.open_ledger() as ledger:
        chosen = _of(ledger, name, batch_id=batch_id)
        if not reason.strip():
            raise ConfigError("a reason is needed", do="--reason 'the first file was cut off'", code=Code.E116)
        what = name or f"{len(chosen)} names of batch {batch_id}"
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"keep {_KEPT[which]} of {what}")
        require_yes(f"{_KEPT[which]} of {what} is kept, the other is destroyed")
        settled = ledger.disputes.settle(chosen, Choice(which), reason.strip(), by=by)
    for one in settled:
        if as_json:
            print_json({"event": "settled", "name": str(one.name), "kept": which, "waits": one.waits})
        else:
            state = one.waits or state_in(ctx.words, State.READY)
            print_line(ctx.words.commands.supervisor.kept[Choice(which)].format(name=one.name, state=state))


def _of(ledger: Ledger, name: str, *, batch_id: str) -> list[Dispute]:
    """The open disputes that were named. ConfigError E116 when there is none, or NAME is several."""
    if not name and not batch_id:
        raise ConfigError("which?", do="give a NAME, or --batch ID", code=Code.E116)
    product, _, device = name.rpartition("/")
    found = [
        dispute
        for dispute in ledger.disputes.open(batch_id=batch_id)
        if not name or (dispute.name.device_name == device and product in ("", dispute.name.product_key))
    ]
    if not found:
        what = name or f"batch {batch_id}"
        meant = perhaps(device, [dispute.name.device_name for dispute in ledger.disputes.open(batch_id=batch_id)])
        raise ConfigError(
            f"nothing of {what} is in dispute{meant}", do="look it up: station conflict list", code=Code.E116
        )
    if name and len({dispute.name for dispute in found}) > 1:
        names = ", ".join(sorted({str(dispute.name) for dispute in found}))
        raise ConfigError(f"{name} is several: {names}", do="write productKey/deviceName", code=Code.E116)
    return found


def _content(dispute: Dispute) -> dict[str, object]:
    return {
        "product_key": dispute.name.product_key,
        "device_name": dispute.name.device_name,
        "state": dispute.state,
        "board_uid": dispute.board_uid,
        "held": {"batch": dispute.held_with, "source": dispute.held_from, "at": dispute.held_since},
        "arrived": {"batch": dispute.arrived_with, "source": dispute.arrived_from, "at": dispute.arrived_at},
        "choosable": ["held", "arrived"] if dispute.choosable and dispute.state == "WITHHELD" else ["held"],
    }


def _tell_state(dispute: Dispute, words: Words) -> None:
    state = state_in(words, State(dispute.state)) if dispute.state else spoken("not held")
    print_line(f"{dispute.name}  {state}  {words.past.board.format(uid=dispute.board_uid or '-')}")


def _source(source: str, batch_id: str) -> str:
    return f"{source} {batch_id}".strip()


def _advice(dispute: Dispute) -> str:
    if dispute.on_a_board:
        return (
            f"its board has what is held: keep held, or, if that is wrong, station retire {dispute.name}"
            " and another identity for the board"
        )
    if not dispute.choosable or dispute.state == "RETIRED":
        return "what arrived cannot take its place: keep held, or retire it"
    return f"decide: station conflict keep held|arrived {dispute.name} --reason '…'"
