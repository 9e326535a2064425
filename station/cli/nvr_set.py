# SPDX-License-Identifier: GPL-3.0-or-later
"""`station set …`: what becomes of an NVR one of whose cameras was retired. A supervisor's word, with a reason."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.asking import require_yes, yes_option
from station.cli.completing import certificates, profile_option
from station.cli.context import Context, json_option
from station.cli.dry_run import dry_run_option
from station.cli.naming import one_certificate, require_reason
from station.cli.output import print_json, print_line, say
from station.cli.spoken import SpokenGroup
from station.cli.supervising import require_supervisor, supervisor_options
from station.codes import Exit

_REASON = click.option("--reason", required=True, help="Why; written in the audit.")


@click.group("set", cls=SpokenGroup)
def nvr_set() -> None:
    """Sets on a line of members: one whose camera was retired waits for a supervisor."""


@nvr_set.command("list")
@json_option
@click.pass_obj
def list_sets(ctx: Context, *, as_json: bool) -> int:
    """Sets that wait for a word about a retired camera. Exit code 6 while there are any."""
    with ctx.look() as ledger:
        waiting = ledger.short_sets.waiting()
    text = ctx.words.commands.supervisor
    for one in waiting:
        cameras = [str(name) for name in one.retired]
        if as_json:
            print_json({"event": "stuck_set", "nvr": str(one.nvr), "retired": cameras})
        else:
            print_line(text.without.format(nvr=one.nvr, cameras=", ".join(cameras)))
    if waiting or not as_json:
        say(text.without_do if waiting else text.no_sets)
    return Exit.PERSON_NEEDED if waiting else Exit.OK


@nvr_set.command()
@click.argument("nvr", shell_complete=certificates)
@_REASON
@profile_option
@supervisor_options
@dry_run_option
@click.pass_obj
def short(
    ctx: Context, nvr: str, reason: str, profile_name: str | None, as_supervisor: str, pin_file: Path | None
) -> None:
    """Let NVR be flashed without those cameras of its set that are retired now.

    The profile must say short_sets = true. A camera that is retired later needs another word.
    """
    from station.profiles.short_sets import require_short_sets

    said = require_reason(reason, "camera 3 scrapped, sold with 15")
    profile = ctx.profile(profile_name)
    with ctx.open_ledger() as ledger:
        name = one_certificate(ledger, nvr)
        require_short_sets(profile, name)
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"flash {name} without its retired cameras")
        without = ledger.short_sets.leave_out(name, said, by=by)
    cameras = ", ".join(map(str, without))
    say(ctx.words.commands.supervisor.may_go_without.format(nvr=name, cameras=cameras))


@nvr_set.command()
@click.argument("nvr", shell_complete=certificates)
@_REASON
@supervisor_options
@yes_option
@dry_run_option
@click.pass_obj
def end(ctx: Context, nvr: str, reason: str, as_supervisor: str, pin_file: Path | None) -> None:
    """Retire NVR and those certificates of its set that are on no board.

    Its cameras that are on boards, or may be, stay on record as they are.
    """
    said = require_reason(reason, "camera 3 scrapped")
    with ctx.open_ledger() as ledger:
        name = one_certificate(ledger, nvr)
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"end the set of {name}")
        require_yes(f"{name} and those of its set that are on no board go to none any more, and there is no way back")
        ended = ledger.short_sets.end(name, said, by=by)
    text = ctx.words.commands.supervisor
    say(text.set_ended.format(nvr=ended.nvr, number=len(ended.retired)))
    for kept in ended.kept:
        say(text.stays_on_record.format(name=kept))
