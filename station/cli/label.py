# SPDX-License-Identifier: GPL-3.0-or-later
"""`station label …`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.account import account
from station.cli.completing import certificates, profile_option
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, say, second
from station.cli.spoken import SpokenGroup
from station.codes import Code, Exit
from station.errors import ConfigError
from station.model import State

if TYPE_CHECKING:
    from station.ledger.printed import OnLabel
    from station.ledger.view import View
    from station.profiles.profile import Profile
    from station.profiles.sticker import Sticker

_SAMPLE = {
    "device": "test-device-0001",
    "product": "a1TESTPRODUCT",
    "uid": "5a00000000000001",
    "serial": "SN00000001",
    "set": "test-nvr-01",
    "channel": "1",
}
"""Of no board."""


@click.group(cls=SpokenGroup)
def label() -> None:
    """Labels for boards that are done, as the profile's [label] says."""


@label.command("preview")
@click.argument("name", metavar="[NAME|UID]", default="", shell_complete=certificates)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write: .png, .svg, .pdf, .zpl or .tspl.",
)
@profile_option
@click.pass_obj
def preview_command(ctx: Context, name: str, output: Path, profile_name: str | None) -> None:
    """Draw the label of a board that is done, or one with samples, into a file. Nothing is printed or noted."""
    from station.printing.picture import draw
    from station.printing.saving import save

    sticker = _sticker(ctx.profile(profile_name))
    fields = _SAMPLE
    if name:
        with ctx.look() as ledger:
            fields = _found(ledger, name).fields
    save(output, sticker, draw(sticker, fields, font=ctx.config.text("printer.font")))


@label.command("print")
@click.argument("name", metavar="NAME|UID", shell_complete=certificates)
@click.option("--reason", default="", help="Why it is printed again; written in the audit.")
@click.option("--operator", default="", help="Badge of who prints it; in the audit. Default: this account.")
@profile_option
@json_option
@click.pass_obj
def print_command(
    ctx: Context, name: str, reason: str, operator: str, profile_name: str | None, *, as_json: bool
) -> None:
    """Print the label of a board that is done. One that was printed before needs a reason, and is marked R1, R2 …"""
    from station.ledger.printed import PrintedBefore
    from station.people.badge import badge_number

    by = badge_number(operator.strip()) if operator else account()
    with ctx.open_ledger() as ledger:
        ledger.printed.require_allowed()
        sticker = _sticker(ctx.profile(profile_name))
        on_label = _found(ledger, name)
        copy = ledger.printed.copies(on_label.identity_id)
        if copy and not reason.strip():
            raise PrintedBefore(on_label.fields["device"])
        _send(
            ctx,
            sticker,
            on_label.fields,
            copy=copy,
            leaves=lambda: ledger.printed.note(on_label, copy=copy, why=reason.strip(), by=by),
        )
    device = on_label.fields["device"]
    if as_json:
        print_json({"event": "printed", "device_name": device, "board_uid": on_label.board_uid, "copy": copy})
    else:
        say(ctx.words.commands.label_printed.format(name=device, uid=on_label.board_uid))


@label.command("test")
@profile_option
@click.pass_obj
def test_command(ctx: Context, profile_name: str | None) -> None:
    """Print one label with samples."""
    _send(ctx, _sticker(ctx.profile(profile_name)), _SAMPLE)


@label.command("queue")
@json_option
@click.pass_obj
def queue_command(ctx: Context, *, as_json: bool) -> int:
    """Labels of boards that have passed and that the bench has still to print. Exit code 6 when there are any.

    The bench prints them as soon as it runs and its printer does.
    """
    with ctx.open_ledger() as ledger:
        waiting, _ = ledger.printed.waiting()
        labels = [(one, ledger.printed.on_label(one.identity_id)) for one in waiting]
    for one, on_label in labels:
        since = datetime.fromtimestamp(one.since, UTC).isoformat(timespec="seconds")
        device = on_label.fields["device"]
        if as_json:
            print_json({"device_name": device, "board_uid": on_label.board_uid, "since": since})
        else:
            print_line(f"{second(since)}  {device}  {on_label.board_uid}")
    if not labels and as_json:
        print_json({"labels": []})
    elif not labels:
        say(ctx.words.commands.no_label_waits)
    return Exit.PERSON_NEEDED if labels else Exit.OK


def _send(
    ctx: Context,
    sticker: Sticker,
    fields: dict[str, str],
    *,
    copy: int = 0,
    leaves: Callable[[], None] = lambda: None,
) -> None:
    from station.printing.picture import draw
    from station.printing.printer import send
    from station.printing.wire import encoded

    image = draw(sticker, fields, copy=copy, font=ctx.config.text("printer.font"))
    send(ctx.config.text("printer.where"), sticker.language, encoded(sticker, image), leaves=leaves)


def _sticker(profile: Profile) -> Sticker:
    if profile.sticker is None:
        raise ConfigError(
            f"profile {profile.name} says nothing about a label",
            do=f"add a [label] table to it: station profile keys {profile.target}",
            code=Code.E112,
        )
    return profile.sticker


def _found(ledger: View, text: str) -> OnLabel:
    """Of the one board that is named whole: what a search guesses would be another board's label."""
    from station.ledger.certificates import labelled_uid

    said = text.strip()
    name, uid = said.rpartition("/")[2], labelled_uid(said)
    rows = [row for row in ledger.certificates.search(said) if row.state is State.CONSUMED]
    found = {row.identity_id: ledger.printed.on_label(row.identity_id) for row in rows}
    named = {row.identity_id for row in rows if row.name.device_name == name or row.board_uid == uid}
    done = named | {one for one, label in found.items() if label.fields["serial"] == said.upper()}
    if len(done) != 1:
        raise ConfigError(
            f"{text} is {'several boards' if done else 'no board that is done'}",
            do="give its name, uid or serial number: station certs",
            code=Code.E116,
        )
    return found[done.pop()]
